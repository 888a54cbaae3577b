"""Every digest of evidence that a report prints stands in its list, and is compared with the ledger inside, or said."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from chain_of_custody.file import read_lines
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.cited import CitedKind
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.proof import Answer, Checked
from forensics_app.model.report import DEFAULT_SECTIONS, ListChoice, ReportKind, ReportRequest, Section
from forensics_app.model.target import area_target, entry_target
from forensics_app.proof.attached import Attached, attached_in
from forensics_app.proof.reading import opened
from forensics_app.reports.enclosures import DIGESTS, LEDGER, LISTED, CitedDigest, cited_digests
from forensics_app.services.report_verifying import _cited, _judged, _Ledger
from resources import path as resource
from tests.builders import make_bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_files_and_races import took_in


@dataclass
class Issued:
    """The text of an issued report, its list of digests, and the ledger inside, verified.

    What it prints of keys, signatures and entries stands in the entries themselves.
    """

    text: str
    digests: bytes
    ledger: _Ledger
    entries: bytes
    of_the_program: set[str]

    @property
    def rows(self) -> tuple[CitedDigest, ...]:
        return cited_digests(self.digests)

    def check(self, old: str = "", new: str = "") -> dict[str, Checked]:
        content = self.digests.replace(old.encode(), new.encode())
        assert (content == self.digests) is (old == new)
        found = _cited([Attached(name=DIGESTS, content=content, problem="")], self.ledger)
        return {one.what: one for one in found}


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    folder = tmp_path_factory.mktemp("cited")
    bench = make_bench(folder / "lab")
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, took_in(bench).id)
    photo = NewPhoto(path=Path(resource("demo/exhibit-photo-drive.jpg")), view=PhotoView.WHOLE)
    lab.exhibits.add_photo(bench.custodian, lab.exhibits.list(image.case_id)[0].id, photo)
    with lab.catalogues.open(image) as catalogue:
        files = [one for one in catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",)))) if one.sha256]
    first, other = [one for one in files if one.size_bytes > 100][:2]
    media = area_target(image, Area(kind=AreaKind.MEDIA), image.source.media_bytes, 510, 2)
    for target in (media, entry_target(image, first, 16, 32), entry_target(image, other)):
        lab.findings.add(bench.examiner, CitedKind.FINDING, target, "It is there.")
    lab.examine.choose(bench.examiner, image.id, files[-1])
    sections = dict.fromkeys((*DEFAULT_SECTIONS[ReportKind.EXAMINATION], Section.LISTS))
    lists = (ListChoice(id=uuid4(), title="Pictures", image_id=image.id, filter="ext:jpg"),)
    report = bench.issued(ReportRequest(case_id=image.case_id, sections=tuple(sections), lists=lists))
    pdf = lab.reporting.path(report).read_bytes()
    inside = {one.name: one for one in attached_in(opened(pdf))}
    dossier = lab.reporting.dossier(bench.examiner.person, ReportRequest(case_id=image.case_id))
    rest = {image.catalogue_sha256, dossier.program.configuration_sha256, *(one.sha256 for one in dossier.tools)}
    ledger = _judged(inside[LEDGER], None)
    text = " ".join("".join(Oracle(folder).pages(pdf, layout=False)).split())
    yield Issued(text, inside[DIGESTS].content, ledger, inside[LEDGER].content, {one.hex() for one in rest if one})
    lab.close()


@pytest.mark.req("REQ-66", "REQ-67")
def test_each_digest_of_evidence_in_the_printed_text_is_in_the_list_and_the_other_way_round(issued: Issued) -> None:
    text = issued.text
    assert {one.of.partition(":")[0] for one in issued.rows if "finding" in one.of} == {
        f"cited in finding {number}" for number in (1, 2, 3)
    }
    assert sum(one.of.startswith(LISTED) for one in issued.rows) > 3
    for row in sorted(issued.rows, key=lambda one: -len(one.digest)):
        printed = " ".join(re.findall(".{8}", row.digest))
        assert printed in issued.text, row
        text = text.replace(printed, "|")
    left = {one.replace(" ", "") for one in re.findall(r"(?:[0-9a-f]{8} ){7}[0-9a-f]{8}", text)}
    left |= set(re.findall(r"\b[0-9a-f]{64}\b", text))
    left -= {one.digest.hex() for part in read_lines(io.BytesIO(issued.entries)) for one in part.entries}
    of_the_ledger = {one for one in left if one.encode() in issued.entries}
    assert left - issued.of_the_program - of_the_ledger == set()


@pytest.mark.req("REQ-67")
def test_each_digest_in_the_list_is_compared_with_the_ledger_or_counted_as_not_compared(issued: Issued) -> None:
    assert issued.ledger.is_good
    listed = [one for one in issued.rows if one.of.startswith(LISTED)]
    answers = issued.check()
    assert answers["Cited digests"].answer is Answer.GOOD
    assert f"All {len(issued.rows) - len(listed)} are recorded" in answers["Cited digests"].words
    not_compared = answers["Digests in lists of files"]
    assert (not_compared.answer, len(listed) > 0) == (Answer.UNKNOWN, True)
    assert f"{len(listed)} digests of files in lists were NOT compared" in not_compared.words
    for row in issued.rows:
        if row not in listed:
            wrong = issued.check(f"{row.name},{row.algorithm},{row.digest}", f"{row.name},{row.algorithm},{'0' * 64}")
            assert wrong["Cited digests"].answer is Answer.BAD, row
            assert row.of in wrong["Cited digests"].words


@pytest.mark.req("REQ-67")
def test_a_digest_of_one_finding_told_of_another_and_a_list_of_another_catalogue_are_bad(issued: Issued) -> None:
    one, other = (row for row in issued.rows if row.of.startswith(("cited in finding 1", "cited in finding 2")))
    for old, new in (
        (one.digest, other.digest),
        ("2 bytes from byte 510", "2 bytes from byte 511"),
        (f"{one.exhibit},media", f"{one.exhibit},volume"),
        (LISTED, f"{LISTED}0"),
    ):
        assert issued.check(old, new)["Cited digests"].answer is Answer.BAD, old
