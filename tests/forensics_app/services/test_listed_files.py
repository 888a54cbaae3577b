"""Lists of files that a report prints: what a filter leaves of an image, with no name of what is hidden (REQ-40)."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.report import ListChoice, ReportRequest, Section
from forensics_app.model.report_draft import blockers_of
from forensics_app.reports.bodyfile import write_bodyfile
from forensics_app.reports.csv_tables import write_csv
from forensics_app.services.listed_files import file_lists
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_archives_in_catalogues import zipped
from tests.forensics_app.services.test_carried import Hide, by_alert, by_mark
from tests.forensics_app.services.test_exporting import at
from tests.forensics_app.services.test_files_and_races import took_in
from tests.forensics_app.services.test_logical_evidence import take_in

TITLE = "Pictures of the stick"


def asked(image: EvidenceImage, words: str, *more: str) -> ReportRequest:
    lists = tuple(ListChoice(id=uuid4(), title=TITLE, image_id=image.id, filter=one) for one in (words, *more))
    return ReportRequest(case_id=image.case_id, lists=lists)


@pytest.mark.req("REQ-40", "REQ-62")
def test_a_list_is_drafted_reviewed_and_printed_with_digests_but_no_name_of_what_is_hidden(
    bench: Bench, tmp_path: Path
) -> None:
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, took_in(bench).id)
    with lab.catalogues.open(image) as catalogue:
        pictures = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="image/jpeg")))
        every = catalogue.count(CatalogueQuery())
    assert len(pictures) > 3
    first = pictures[0]
    lab.examine.marks.add(bench.examiner, image.id, first, MarkKind.PRIVILEGED, "Of counsel")
    request = asked(image, "type:image/jpeg")

    draft = lab.drafts.begin(bench.examiner, request)
    assert draft.content.lists == request.lists
    fewer = lab.drafts.edit(bench.examiner, draft.id, replace(draft.content, lists=()))
    assert fewer.content.lists == ()
    assert fewer.content_sha256 != draft.content_sha256
    again = lab.drafts.edit(bench.examiner, draft.id, replace(fewer.content, lists=request.lists))
    assert again.content_sha256 == draft.content_sha256
    assert lab.verification.verify().ok

    lists = file_lists(lab.examine, {image.id: image}, request)
    rows = [row for one in lists for row in one.rows]
    assert sorted(row.sha256 or b"" for row in rows) == sorted(one.sha256 or b"" for one in pictures)
    assert first.path not in {row.path for row in rows}
    assert {one.path for one in pictures if one.sha256 != first.sha256} <= {row.path for row in rows}
    for one in lists:
        assert all(len(row.times_ns) == len(one.time_columns) for row in one.rows)
        assert one.rows[0] == next(iter(one.rows))
        assert len(one.rows[:2]) == min(2, len(one.rows))

    text = Oracle(tmp_path).flat(lab.reporting.preview(bench.examiner.person, request))
    assert "(markedorconcealed:itsnameisnotprinted)" in text
    assert first.path.replace(" ", "") not in text
    assert all((one.sha256 or b"").hex() in text for one in pictures)
    assert image.catalogue_sha256 is not None
    assert image.catalogue_sha256.hex() in text
    out = io.BytesIO()
    write_csv("files", lab.reporting.dossier(bench.examiner.person, request), out)
    assert out.getvalue().count(TITLE.encode()) >= len(pictures)

    whole = file_lists(lab.examine, {image.id: image}, asked(image, ""))
    assert sum(len(one.rows) for one in whole) == every
    (nothing,) = file_lists(lab.examine, {image.id: image}, asked(image, "name:no-such-name"))
    assert len(nothing.rows) == 0
    assert list(nothing.rows) == []


def test_a_list_that_cannot_be_is_refused_with_words(bench: Bench) -> None:
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, took_in(bench).id, with_content=False)
    with pytest.raises(RefusedError, match="cannot be understood"):
        lab.drafts.begin(bench.examiner, asked(image, "size:tall"))
    with pytest.raises(RefusedError, match="at most 20 lists"):
        lab.drafts.begin(bench.examiner, asked(image, *[""] * 21))
    with pytest.raises(RefusedError, match="an image that this case does not have"):
        file_lists(lab.examine, {}, asked(image, ""))
    with pytest.raises(RefusedError, match="more than 3 files"):
        file_lists(lab.examine, {image.id: image}, asked(image, ""), most=3)
    untitled = asked(image, "")
    with pytest.raises(RefusedError, match="needs a title"):
        lab.drafts.begin(bench.examiner, replace(untitled, lists=(replace(untitled.lists[0], title=" "),)))
    bare = replace(untitled, sections=(Section.LIMITATIONS, Section.VERIFY, Section.DECLARATION))
    assert [one.what for one in blockers_of(bare)] == ["It has lists of files, and the annex with them is not printed."]


ADVICE = b"privileged advice to the accused"
ADVICE_SHA256 = hashlib.sha256(ADVICE).hexdigest()
SMITH = "Advice-of-Counsel-Smith.txt"
HIDDEN = (SMITH, "other.txt", "Copy-of-Advice-Smith2.txt", "packed.txt")


def tarred(path: Path) -> Path:
    """A file, a hard link, a copy and a packed copy of it, and another file."""
    contents = {
        f"docs/{SMITH}": ADVICE,
        "docs/Copy-of-Advice-Smith2.txt": ADVICE,
        "docs/plain.txt": b"hello",
        "docs/box.zip": zipped(packed__txt=ADVICE, free__txt=b"free"),
    }
    with tarfile.open(path, "w") as out:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("docs/other.txt")
        link.type, link.linkname = tarfile.LNKTYPE, f"docs/{SMITH}"
        out.addfile(link)
    return path


@pytest.mark.req("REQ-40", "REQ-62")
@pytest.mark.parametrize("hide", [by_mark, by_alert])
def test_neither_note_nor_copy_tells_the_name_of_what_is_hidden(bench: Bench, tmp_path: Path, hide: Hide) -> None:
    lab = bench.lab
    image = take_in(bench, bench.exhibit(bench.case()), tarred(tmp_path / "docs.tar"))
    image = lab.catalogues.build(bench.examiner, image.id, archives=True)
    request = asked(image, "")

    def printed() -> tuple[str, list[str]]:
        (tmp_path / "out").mkdir(exist_ok=True)
        dossier = lab.reporting.dossier(bench.examiner.person, request)
        out = io.BytesIO()
        write_csv("files", dossier, out)
        write_csv("digests", dossier, out)
        write_bodyfile(dossier, out)
        rows = [row for one in dossier.file_lists for row in one.rows]
        told = [f"{row.path} {row.note} {row.name_bytes!r}" for row in rows]
        return "\n".join((out.getvalue().decode(), *told)), [str(row.path) for row in rows]

    before, paths = printed()
    assert all(name in before for name in HIDDEN)
    assert f"hard link to docs/{SMITH}" in before
    hide(bench, image, at(bench, image, f"/docs/{SMITH}"), tmp_path)
    after, now = printed()
    assert not [name for name in HIDDEN if name in after]
    assert [path for path in paths if path not in now] == [path for path in paths if path.endswith(HIDDEN)]
    assert "/docs/plain.txt" in now
    assert "/docs/box.zip" in now
    assert ADVICE_SHA256 in after
    pdf = Oracle(tmp_path).flat(lab.reporting.preview(bench.examiner.person, request))
    assert not [name for name in HIDDEN if name in pdf]
