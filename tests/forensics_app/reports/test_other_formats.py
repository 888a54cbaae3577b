"""A report as HTML, as a document, as tables and as a body file: as much as on paper, and nothing that runs."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import pytest

from forensics_app.model.dossier import Dossier, Finding, ReportKind, Section, Stationery
from forensics_app.model.dossier_paper import LANGUAGES
from forensics_app.reports.bodyfile import write_bodyfile
from forensics_app.reports.csv_tables import TABLES, write_csv
from forensics_app.reports.docx import write_docx
from forensics_app.reports.fonts import has_code_points
from forensics_app.reports.html import write_html
from forensics_app.reports.limits import BY_CODE_POINTS
from forensics_app.reports.pen import Pen
from forensics_app.reports.telling import _ToldPen
from forensics_app.reports.unsigned import UNSIGNED
from forensics_app.reports.wording import words_of
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]>&lt;&#0;",
    "=cmd|' /C calc'!A0",
    "a\x00b\x1fc\u202egpj.exe",
    "\udc80\ufffe\uffff",
    "+1\r\n=2",
    "n" * 4_000,
)


def made(write: Callable[[Dossier, BinaryIO], None], dossier: Dossier) -> bytes:
    out = io.BytesIO()
    write(dossier, out)
    return out.getvalue()


def hostile_dossier() -> Dossier:
    """Hostile text wherever somebody may have typed it, or a disk may hold it."""
    whole = sample_dossier()
    files = tuple(
        dataclasses.replace(whole.files[0], path=f"/{text}", reference=f"H-{at}", remark=text)
        for at, text in enumerate(HOSTILE)
    )
    exhibits = tuple(dataclasses.replace(whole.exhibits[0], description=text, number=text) for text in HOSTILE)
    case = dataclasses.replace(whole.case, title=HOSTILE[0], number=HOSTILE[1])
    return dataclasses.replace(
        whole,
        files=files,
        exhibits=exhibits,
        case=case,
        summary=HOSTILE,
        head=dataclasses.replace(whole.head, title=HOSTILE[0]),
    )


@dataclasses.dataclass
class Seen:
    """What a browser would find."""

    tags: set[str] = dataclasses.field(default_factory=set)
    attributes: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    words: list[str] = dataclasses.field(default_factory=list)
    style: str = ""


def seen_in(html: bytes) -> Seen:
    found = Seen()

    class Parser(HTMLParser):
        inside = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.inside = tag
            found.tags.add(tag)
            found.attributes.update((name, value or "") for name, value in attrs)

        def handle_endtag(self, tag: str) -> None:
            self.inside = ""

        def handle_data(self, data: str) -> None:
            if self.inside == "style":
                found.style = data
            else:
                found.words.append(data)

    parser = Parser(convert_charrefs=True)
    parser.feed(html.decode())
    parser.close()
    return found


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


def words_of_docx(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        document = ElementTree.fromstring(archive.read("word/document.xml"))
    return "".join(one.text or "" for one in document.iter(f"{W}t"))


@pytest.fixture(scope="module")
def sample() -> Dossier:
    return sample_dossier()


ONLY_ON_PAPER = re.compile(r".*, continued|Page \d+ of \d+|[A-Z, ]+")
"""What is said again where a page begins, the pages' numbers, and labels that paper has in capitals."""


def of_many_lines(sample: Dossier) -> Dossier:
    """The sample as a court bundle, with a second line in whatever stands as a heading."""

    def twice(words: str) -> str:
        return f"{words}\nand its second line"

    return dataclasses.replace(
        sample,
        kind=ReportKind.BUNDLE,
        head=dataclasses.replace(sample.head, title=twice(sample.head.title)),
        findings=tuple(dataclasses.replace(one, heading=twice(one.heading)) for one in sample.findings),
        file_lists=tuple(dataclasses.replace(one, title=twice(one.title)) for one in sample.file_lists),
    )


def paper_words(sample: Dossier, folder: Path) -> list[str]:
    """Every line of a cell or paragraph on paper but for what only a page has; heads and feet left out."""
    found = []
    for page in Oracle(folder).pages(rendered(sample), layout=False)[3:]:
        lines = [line for line in page.splitlines() if len(line.split()) > 2]
        found += lines[2:-6]
    return found


@pytest.mark.parametrize("write", [write_html, write_docx], ids=["html", "docx"])
def test_what_stands_on_paper_stands_in_the_copy(
    write: Callable[[Dossier, BinaryIO], None], sample: Dossier, tmp_path: Path
) -> None:
    rich = of_many_lines(sample)
    content = made(write, rich)
    said = words_of_docx(content) if write is write_docx else "".join(seen_in(content).words)
    flat = squeezed(said)
    lines = [line for line in paper_words(rich, tmp_path) if not ONLY_ON_PAPER.fullmatch(line)]
    assert len(lines) > 150
    assert [line for line in lines if squeezed(line) not in flat] == []
    for one in (*rich.findings, *rich.file_lists):
        heading = one.heading if isinstance(one, Finding) else one.title
        assert squeezed(heading) in flat


@pytest.mark.parametrize("write", [write_html, write_docx], ids=["html", "docx"])
def test_equal_dossiers_give_equal_bytes(write: Callable[[Dossier, BinaryIO], None], sample: Dossier) -> None:
    assert made(write, sample) == made(write, sample_dossier())


@pytest.mark.req("REQ-70")
def test_a_long_document_is_written_without_a_temporary_file(
    sample: Dossier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there is no such folder"))
    long = replace(sample, findings=(replace(sample.findings[0], text="Harbour, quay\n" * 160_000),))
    with zipfile.ZipFile(io.BytesIO(made(write_docx, long))) as archive:
        assert archive.testzip() is None
        document = archive.read("word/document.xml")
    assert document.count(b"Harbour, quay") == 160_000
    assert len(document) > 8 * 1024 * 1024


def test_the_pen_that_tells_draws_nothing() -> None:
    """Whatever a pen can do, the one that tells does itself: none of it may reach a canvas that is not there."""
    can = {name for name in vars(Pen) if not name.startswith("_")}
    assert can <= set(vars(_ToldPen))


def test_html_runs_nothing_and_fetches_nothing() -> None:
    html = made(write_html, hostile_dossier())
    seen = seen_in(html)
    assert not seen.tags & {"script", "iframe", "object", "embed", "link", "form", "base", "svg", "a", "audio", "video"}
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("href", "style")]
    sources = [value for name, value in seen.attributes if name in ("src", "srcset", "action", "data")]
    assert sources
    assert all(one.startswith("data:image/jpeg;base64,") for one in sources)
    assert all(b64decode(one.split(",", 1)[1], validate=True)[:2] == b"\xff\xd8" for one in sources)
    policy = next(value for name, value in seen.attributes if name == "content" and value.startswith("default-src"))
    digest = b64encode(hashlib.sha256(seen.style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "url(" not in seen.style
    assert "@import" not in seen.style


def test_hostile_text_is_text_in_html() -> None:
    words = "".join(seen_in(made(write_html, hostile_dossier())).words)
    assert HOSTILE[0] in words
    assert HOSTILE[1] in words
    assert HOSTILE[7] in words
    assert "\u202e" not in words
    assert "[U+202E]gpj.exe" in words


def test_each_picture_has_its_caption_for_who_does_not_see_it() -> None:
    dossier = hostile_dossier()
    jpeg = next(one.thumbnail_jpeg for one in sample_dossier().files if one.thumbnail_jpeg)
    files = tuple(dataclasses.replace(one, thumbnail_jpeg=jpeg, thumbnail_absent=None) for one in dossier.files)
    dossier = dataclasses.replace(dossier, files=files)
    photos = [one.caption for exhibit in dossier.exhibits for one in exhibit.photos if one.jpeg]
    assert photos
    alts = {value for name, value in seen_in(made(write_html, dossier)).attributes if name == "alt"}
    with zipfile.ZipFile(io.BytesIO(made(write_docx, dossier))) as archive:
        drawn = ElementTree.fromstring(archive.read("word/document.xml")).iter()
    described = {one.get("descr") or "" for one in drawn if one.tag.endswith("}docPr")}
    for words in (alts, described):
        assert "" not in words
        assert words >= {files[0].path, files[1].path, *photos}
        assert any("[U+202E]gpj.exe" in one for one in words)


def test_a_document_with_hostile_text_is_well_formed_and_says_unsigned_on_every_page(tmp_path: Path) -> None:
    content = made(write_docx, hostile_dossier())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(part)
    assert b"UNSIGNED COPY" in parts["word/header1.xml"]
    assert b"UNSIGNED COPY" in parts["word/footer1.xml"]
    sections = re.findall(rb"<w:sectPr>.*?</w:sectPr>", parts["word/document.xml"])
    assert len(sections) == 1
    assert b"headerReference" in sections[0]
    assert b"titlePg" not in sections[0]
    related = re.findall(rb'Id="(picture\d+)" Type="[^"]+" Target="([^"]+)"', parts["word/_rels/document.xml.rels"])
    assert {f"word/{target.decode()}" for _, target in related} == {one for one in parts if "/media/" in one}
    embedded = set(re.findall(rb'r:embed="([^"]+)"', parts["word/document.xml"]))
    assert embedded == {name for name, _ in related}
    assert HOSTILE[0] in words_of_docx(content)


def test_a_word_processor_opens_the_document(sample: Dossier, tmp_path: Path) -> None:
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("LibreOffice is not installed (Debian: libreoffice-writer-nogui)")
    path = tmp_path / "report.docx"
    path.write_bytes(made(write_docx, sample))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [found, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = Oracle(tmp_path).pages((tmp_path / "report.pdf").read_bytes())
    assert len(pages) > 5
    assert all(page.count("UNSIGNED COPY") == 2 for page in pages)


@pytest.mark.parametrize("write", [write_html, write_docx, write_bodyfile], ids=["html", "docx", "bodyfile"])
def test_a_dossier_with_nothing_in_it_is_written(write: Callable[[Dossier, BinaryIO], None]) -> None:
    made(write, bare_dossier())


def tables(dossier: Dossier) -> dict[str, list[list[str]]]:
    found = {}
    for table in TABLES:
        out = io.BytesIO()
        write_csv(table, dossier, out)
        text = out.getvalue().decode()
        assert "\n" not in text.replace("\r\n", "") or '"' in text
        found[table] = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return found


def test_every_table_has_as_many_cells_in_each_row_and_a_zone_for_each_time(sample: Dossier) -> None:
    for name, rows in tables(sample).items():
        assert {len(row) for row in rows} == {len(rows[0])}, name
        assert len(rows) > 1, name
        for head in rows[0]:
            if head.endswith("_at"):
                assert f"{head}_utc" in rows[0]
                assert f"{head} (Europe/Berlin)" in rows[0]


def test_no_cell_is_a_formula() -> None:
    for rows in tables(hostile_dossier()).values():
        for row in rows:
            assert not [cell for cell in row if re.match(r"[=+@\t\r\n]|-(?!\d+$)", cell)]


def test_csv_tells_times_as_found_and_in_both_zones(sample: Dossier) -> None:
    heads, *rows = tables(sample)["files"]
    at = {head: place for place, head in enumerate(heads)}
    utc = [row for row in rows if row[at["basis"]] == "utc" and row[at["utc"]] not in ("none", "")]
    assert utc
    for row in utc:
        assert row[at["utc"]].endswith("Z")
        assert re.search(r"[+-]\d\d:\d\d$", row[at["in Europe/Berlin"]])


def test_a_body_file_has_a_line_of_eleven_fields_for_each_file_and_mactime_reads_it(
    sample: Dossier, tmp_path: Path
) -> None:
    content = made(write_bodyfile, dataclasses.replace(hostile_dossier(), file_lists=sample.file_lists))
    lines = content.decode().splitlines()
    assert len(lines) >= len(HOSTILE)
    assert all(line.count("|") == 10 for line in lines)
    found = shutil.which("mactime")
    if found is None:
        pytest.skip("mactime is not installed (Debian: sleuthkit)")
    path = tmp_path / "bodyfile"
    path.write_bytes(content)
    said = subprocess.run([found, "-d", "-y", "-z", "UTC", "-b", str(path)], capture_output=True, check=True).stdout
    assert b"[LH/01-I1 " in said


@pytest.mark.req("REQ-69")
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_a_copy_says_in_its_language_that_it_is_unsigned(language: str) -> None:
    dossier = replace(bare_dossier(), stationery=Stationery(language=language))
    with zipfile.ZipFile(io.BytesIO(made(write_docx, dossier))) as parts:
        document = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml")).decode()
    own = words_of(dossier.stationery).table[UNSIGNED]
    for copy in (document, made(write_html, dossier).decode()):
        assert own in copy
        assert "UNSIGNED COPY" not in copy


@pytest.mark.parametrize("name", ["中文.txt", "עברית", "a\u202egpj.exe", "😀"])
def test_that_letters_are_printed_by_code_points_is_said_where_it_happens(name: str) -> None:
    said = squeezed(str(BY_CODE_POINTS))
    bare = bare_dossier()
    assert said not in squeezed(words_of_docx(made(write_docx, bare)))
    told = replace(bare, summary=(f"The file {name} was opened.",))
    assert squeezed(words_of_docx(made(write_docx, told))).count(said) == 1


def test_a_list_says_below_itself_that_letters_are_printed_by_code_points(sample: Dossier) -> None:
    (one,) = sample.file_lists[:1]
    plain = replace(one, rows=tuple(replace(row, path="/plain.txt") for row in one.rows[:3]))
    strange = replace(plain, rows=(*plain.rows[:2], replace(plain.rows[2], path="/中文.txt")))
    bare = replace(bare_dossier(), sections=(Section.LISTS,))
    for listed, count in ((plain, 0), (strange, 1)):
        words = squeezed(words_of_docx(made(write_docx, replace(bare, file_lists=(listed,)))))
        assert words.count(squeezed(str(BY_CODE_POINTS))) == count


@pytest.mark.parametrize("letters", ["Latin ş ə", "Ελληνικά", "Кирилиця ґ", "ქართული"])
def test_what_is_said_to_be_printed_is(letters: str) -> None:
    assert not has_code_points(letters)


def test_headings_of_a_docx_have_their_own_size_and_stay_with_what_follows(sample: Dossier) -> None:
    with zipfile.ZipFile(io.BytesIO(made(write_docx, sample))) as archive:
        body = archive.read("word/document.xml").decode()
    headings = re.findall(r'<w:p><w:pPr><w:pStyle w:val="Heading\d"/></w:pPr>(.*?)</w:p>', body)
    assert len(headings) > 20
    assert [one for one in headings if "<w:sz" in one] == []
    assert re.search(r"<w:p><w:pPr><w:keepNext/></w:pPr>(?:(?!</w:p>).)*Photographs</w:t>", body)
    assert re.search(r"<w:tblHeader/></w:trPr><w:tc>(?:(?!</w:tc>).)*<w:keepNext/>", body)


@pytest.mark.parametrize("write", [write_html, write_docx], ids=["html", "docx"])
def test_a_long_description_is_cut_in_its_heading_and_whole_below(
    write: Callable[[Dossier, BinaryIO], None], sample: Dossier
) -> None:
    words = " ".join(f"word{number}" for number in range(300))
    (exhibit, *_) = sample.exhibits
    dossier = replace(sample, exhibits=(replace(exhibit, description=words),), sections=(Section.EXHIBITS,))
    content = made(write, dossier)
    said = words_of_docx(content) if write is write_docx else "".join(seen_in(content).words)
    assert said.count("word9 ") == 2
    assert said.count("word299") == 1
