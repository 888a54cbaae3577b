"""The defence kit of a report: each finding, chosen file and file of a list is a fact, found again in another copy."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.cited import CitedKind
from forensics_app.model.dossier import Dossier, Section
from forensics_app.model.image import EvidenceImage
from forensics_app.model.kit import Kit, KitFile, MadeKit, Outcome
from forensics_app.model.logical import is_members
from forensics_app.model.report import ListChoice, ReportRequest
from forensics_app.model.retention import Erasable, NewErasure
from forensics_app.model.target import Target, area_target, entry_target
from forensics_app.services.kit_files import read_kit
from forensics_app.services.rechecking import Copy, recheck_kit
from resources import path as resource
from tests.forensics_app.cli.calls import run
from tests.forensics_app.services.kits_lab import Made, made_kit
from tests.forensics_app.services.test_kits import outcomes, with_bad_sectors

NTFS, EXT4 = "v0.p1", "v0.p3"
TITLE, TERM = "Pictures of the stick", "48 200 EUR"
CITED = "SHA-256 of the cited bytes"


@dataclass
class CitedKit:
    of: Made
    image: EvidenceImage
    request: ReportRequest
    dossier: Dossier
    made: MadeKit
    kit: Kit
    at: Mapping[str, int]
    """Where on the media the cited bytes of some findings begin, by how they are cited."""


@pytest.fixture(scope="module")
def cited() -> Iterator[CitedKit]:
    """The kit of a draft that cites a place of every kind, and prints a list."""
    with made_kit(archives=True) as made:
        lab, examiner = made.bench.lab, made.bench.examiner
        (case,) = lab.cases.list()
        (image,) = lab.intake.list(case.id)
        targets, at = places(made, image)
        for target in targets:
            lab.findings.add(examiner, CitedKind.FINDING, target, "Says something.")
        lists = (ListChoice(id=uuid4(), title=TITLE, image_id=image.id, filter="ext:jpg"),)
        draft = lab.drafts.begin(examiner, ReportRequest(case_id=case.id, lists=lists))
        folder = made.folder.with_name("kit of a draft")
        kit = lab.kits.make(examiner, draft.content, folder, draft)
        dossier = lab.reporting.dossier(examiner.person, draft.content, draft=draft)
        yield CitedKit(made, image, draft.content, dossier, kit, read_kit(folder), at)


def places(made: Made, image: EvidenceImage) -> tuple[list[Target], dict[str, int]]:
    """A place of each kind, and where some of them begin on the media."""
    lab = made.bench.lab
    with lab.catalogues.open(image) as catalogue:
        volumes = catalogue.volumes()
        entries = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",))))
    start = {one.id: one.start_bytes for one in volumes}
    members = {one.id for one in volumes if is_members(one)}
    unallocated = Area(kind=AreaKind.UNALLOCATED, volume_id=EXT4)
    (first, *_) = lab.examine.area_facts(image, unallocated, 100, 50).stretches
    slack, slack_at = slack_of(made, image, entries, start[EXT4])
    member = next(one for one in entries if one.volume_id in members and one.size_bytes > 40)
    targets = [
        area_target(image, Area(kind=AreaKind.MEDIA), image.source.media_bytes, 510, 2),
        entry_target(image, made.plain, 600, 10, TERM),
        entry_target(image, made.marked),
        area_target(image, unallocated, 1 << 20, 100, 50),
        slack,
        area_target(image, Area(kind=AreaKind.VOLUME, volume_id=NTFS), 1 << 20, 3, 8),
        entry_target(image, member, 5, 20),
        entry_target(image, member),
    ]
    at = {"Finding 1": 510, "Finding 4": start[EXT4] + first.volume_offset_bytes, "Finding 5": slack_at}
    return targets, {**at, "Finding 6": start[NTFS] + 3}


def slack_of(
    made: Made, image: EvidenceImage, entries: tuple[CatalogueEntry, ...], start_bytes: int
) -> tuple[Target, int]:
    for entry in entries:
        if entry.volume_id == EXT4 and entry.allocated and entry.size_bytes % 1024:
            area = Area(kind=AreaKind.SLACK, volume_id=EXT4, file_address=entry.address, file_path=entry.path)
            facts = made.bench.lab.examine.area_facts(image, area, 4, 16)
            if facts.stretches:
                target = area_target(image, area, facts.size_bytes, 4, 16)
                return target, start_bytes + facts.stretches[0].volume_offset_bytes
    raise AssertionError("no slack")


def changed(made: Made, folder: Path, at: int) -> Path:
    data = bytearray(made.raw.read_bytes())
    data[at] ^= 1
    path = folder / f"changed at {at}.raw"
    path.write_bytes(data)
    return path


@pytest.mark.req("REQ-62")
def test_each_citation_of_a_report_is_a_fact_of_its_kit(cited: CitedKit) -> None:
    """By what the report prints: as many citations of each kind, and each digest at its own."""
    findings = cited.dossier.findings_of(Section.FINDINGS)
    listed = [row for one in cited.dossier.file_lists for row in one.rows]
    assert len(listed) > 3
    kinds = Counter(one.reference.partition(" ")[0].partition("-")[0] for one in cited.kit.files)
    assert kinds == {"Finding": len(findings), "F": len(cited.dossier.files), "list": len(listed)}
    assert (cited.made.findings, cited.made.files, cited.made.listed) == (8, 3, len(listed))

    facts = {one.reference: one for one in cited.kit.files}
    for number, finding in enumerate(findings, 1):
        fact = facts[f"Finding {number}"]
        (citation,) = finding.citations
        assert citation.digest is not None
        assert (fact.bytes_sha256 or fact.sha256) == citation.digest.hex()
    for file in cited.dossier.files:
        digests = {name: value.hex() for name, value in file.digests}
        assert digests == {"MD5": facts[file.reference].md5, "SHA-256": facts[file.reference].sha256}
        assert len(facts[file.reference].times) >= sum(time.ns is not None for time in file.times)
    for list_number, one in enumerate(cited.dossier.file_lists, 1):
        for place, row in enumerate(one.rows, 1):
            fact = facts[f"list {list_number}, no. {place}"]
            assert (fact.address, fact.sha256) == (row.address, row.sha256 and row.sha256.hex())
            assert len(fact.times) == sum(ns is not None for ns in row.times_ns)
    told = {(one.what, one.expected) for one in recheck_kit(cited.kit, Copy(paths=(cited.of.raw,))).facts}
    for image in cited.dossier.images:
        for check in image.digests:
            assert check.computed is not None
            assert (f"{check.algorithm} of the media", check.computed.hex()) in told


def test_every_cited_place_is_the_same_in_the_same_image_and_in_a_raw_copy(cited: CitedKit) -> None:
    for copy in (resource("demo/demo.E01"), cited.of.raw):
        found = recheck_kit(cited.kit, Copy(paths=(copy,)))
        assert outcomes(found) == {Outcome.SAME}, [one for one in found.facts if one.outcome is not Outcome.SAME]
        assert len(found.facts) == cited.made.facts
    tested = {one.subject: one for one in found.facts if one.what.startswith(CITED)}
    assert sorted(tested) == [f"Finding {number}" for number in (1, 2, 4, 5, 6, 7)]
    data = cited.of.raw.read_bytes()
    lengths = {"Finding 1": 2, "Finding 4": 50, "Finding 5": 16, "Finding 6": 8}
    for reference, at in cited.at.items():  # by the bytes of the raw copy, not by the engine
        assert tested[reference].found == hashlib.sha256(data[at : at + lengths[reference]]).hexdigest()
    assert tested["Finding 1"].what == "SHA-256 of the cited bytes (2 from byte 510 of the media)"


def test_a_changed_byte_in_one_finding_makes_just_that_one_different(cited: CitedKit, tmp_path: Path) -> None:
    at = {one: cited.at[one] for one in ("Finding 1", "Finding 4", "Finding 5")}
    at |= {"Finding 2": cited.of.first_at + 603}
    for reference, place in at.items():
        copy = changed(cited.of, tmp_path, place)
        found = recheck_kit(cited.kit, Copy(paths=(copy,)))
        copy.unlink()
        differing = {one.subject for one in found.facts if one.outcome is Outcome.DIFFERENT}
        whole = {one.reference for one in cited.kit.files if one.address == cited.of.plain.address}
        others = {"F-1", *(one for one in whole if one.startswith("list "))} if reference == "Finding 2" else set()
        assert differing == {cited.image.number, reference, *others}
        same = {one.subject for one in found.facts if one.what.startswith(CITED) and one.outcome is Outcome.SAME}
        assert same == {f"Finding {one}" for one in (1, 2, 4, 5, 6, 7)} - {reference}
        assert Outcome.CANNOT_TEST not in outcomes(found)


def test_bytes_in_bad_sectors_of_a_copy_cannot_be_tested_and_others_are(cited: CitedKit, tmp_path: Path) -> None:
    for reference in ("Finding 1", "Finding 4"):
        at = cited.at[reference]
        copy = with_bad_sectors(cited.of.raw.read_bytes(), tmp_path / "bad.E01", at // 512, 1)
        found = recheck_kit(cited.kit, Copy(paths=(copy,)))
        untested = {one.subject for one in found.facts if one.what.startswith(CITED) and one.why}
        assert reference in untested
        same = {one.subject for one in found.facts if one.what.startswith(CITED) and one.outcome is Outcome.SAME}
        assert same == {f"Finding {one}" for one in (1, 2, 4, 5, 6, 7)} - untested
        assert len(same) >= 3
        assert Outcome.DIFFERENT not in outcomes(found)


def test_a_copy_that_ends_before_the_cited_bytes_differs_there(cited: CitedKit, tmp_path: Path) -> None:
    short = tmp_path / "short.raw"
    short.write_bytes(cited.of.raw.read_bytes()[:511])
    found = recheck_kit(cited.kit, Copy(paths=(short,)))
    (fact,) = [one for one in found.facts if one.subject == "Finding 1"]
    assert (fact.outcome, fact.found) == (Outcome.DIFFERENT, "not there")


@pytest.mark.req("REQ-40")
def test_a_finding_in_what_is_hidden_has_neither_name_nor_term_in_a_kit(cited: CitedKit) -> None:
    facts: dict[str, KitFile] = {one.reference: one for one in cited.kit.files}
    assert facts["Finding 3"].path is None
    assert facts["Finding 3"].sha256 is not None
    assert (facts["Finding 2"].path, facts["Finding 2"].term) == (cited.of.plain.path, TERM)
    content = (cited.made.path / "facts.json").read_text()
    name = cited.of.marked.path.rpartition("/")[2]
    assert json.dumps(name)[1:-1] not in content
    assert TITLE not in content
    assert "Says something" not in content
    lab, examiner = cited.of.bench.lab, cited.of.bench.examiner
    term = entry_target(cited.image, cited.of.plain, 0, 4, f"see {name}")
    added = lab.findings.add(examiner, CitedKind.FINDING, term, "A hit")
    target = cited.made.path.with_name("with a term")
    lab.kits.make(examiner, replace(cited.request, lists=()), target)
    lab.findings.withdraw(examiner, added.id, "Of a test")
    assert json.dumps(name)[1:-1] not in (target / "facts.json").read_text()


def test_the_kit_of_an_issued_report_is_of_what_stood_at_the_issue(cited: CitedKit, tmp_path: Path) -> None:
    bench, lab = cited.of.bench, cited.of.bench.lab
    lists = tuple(replace(one, id=uuid4()) for one in cited.request.lists)
    report = bench.issued(replace(cited.request, lists=lists))
    draft = next(one for one in lab.drafts.list(cited.image.case_id) if one.id == report.draft_id)
    later = lab.findings.add(bench.examiner, CitedKind.FINDING, entry_target(cited.image, cited.of.plain), "Later")
    gone = lab.findings.numbered(cited.image.case_id, 1)
    lab.findings.withdraw(bench.examiner, gone.id, "Not so")
    lab.kits.make(bench.examiner, draft.content, tmp_path / "issued", draft)
    kit = read_kit(tmp_path / "issued")
    again = [one for one in kit.files if one.reference != f"Finding {later.number}"]
    assert kit.of == f"report {report.number}"
    assert again == list(kit.files) == list(cited.kit.files)
    assert any("read again by their filters" in one for one in kit.remarks)

    lab.kits.make(bench.examiner, ReportRequest(case_id=cited.image.case_id), tmp_path / "now")
    now = read_kit(tmp_path / "now")
    references = [one.reference for one in now.files]
    assert (now.of, "Finding 1" in references, f"Finding {later.number}" in references) == (
        "the record of the case", False, True,
    )  # fmt: skip
    assert any("No list of files" in one for one in now.remarks)
    lab.findings.withdraw(bench.examiner, later.id, "Of a test")
    lab.findings.add(bench.examiner, CitedKind.FINDING, gone.target, gone.text)


@pytest.mark.req("REQ-70")
def test_a_kit_whose_list_is_read_out_of_an_erased_catalogue_is_refused_with_who_erased_it(
    cited: CitedKit, tmp_path: Path
) -> None:
    bench, lab, case_id = cited.of.bench, cited.of.bench.lab, cited.image.case_id
    lab.retentions.set(bench.supervisor, case_id, bench.clock.at.date(), "Lab rule 7.3")
    bench.clock.at += timedelta(days=2)
    new = NewErasure(case_id=case_id, what=frozenset({Erasable.CATALOGUES}), authority="Order 12/26", reason="Over")
    erasure = lab.erasing.propose(bench.custodian, new)
    lab.erasing.decide(bench.supervisor, case_id, erasure.id, approve=True, words="As ordered")
    lab.erasing.carry_out(bench.custodian, case_id, erasure.id)
    try:
        with pytest.raises(RefusedError) as refused:
            lab.kits.make(bench.examiner, cited.request, tmp_path / "kit")
        assert f"out of which the list “{TITLE}” is read, was erased on " in str(refused.value)
        assert "by Tomasz Lis (erasure 1 of 2026-0147: Order 12/26)" in str(refused.value)
        assert str(tmp_path) not in str(refused.value)
        assert not (tmp_path / "kit").exists()
        lab.kits.make(bench.examiner, replace(cited.request, lists=()), tmp_path / "without")
    finally:
        lab.catalogues.build(bench.examiner, cited.image.id, archives=True)
    again = lab.kits.make(bench.examiner, cited.request, tmp_path / "again").path
    listed = [[one for one in kit.files if one.reference.startswith("list 1")] for kit in (cited.kit, read_kit(again))]
    assert listed[0] == listed[1] != []


def test_a_kit_of_the_first_form_is_still_tested_and_said_to_hold_no_findings() -> None:
    folder = Path(__file__).parents[2] / "old_kits" / "form_1"
    said = run("recheck", folder, resource("demo/demo.E01")).stdout
    assert "findings and files of lists are not in it" in said
    assert re.search(r"same: [1-9][0-9]; different: 0; cannot test: 0\.", said)
