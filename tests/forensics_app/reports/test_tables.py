"""Tables on pages: heads stay with rows, long rows break, and places and times stand where they can be read."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forensics_app.model.dossier import Dossier, Section, TimeColumn
from forensics_app.reports.fonts import visible
from forensics_app.reports.layout import BOTTOM_PT, Marks, Sheet
from forensics_app.reports.lines import Piece
from forensics_app.reports.pen import Pen
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_MONO, Column, Table
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import sample_dossier

pytestmark = pytest.mark.req("REQ-62")
MARKS = Marks(laboratory="Laboratory", identity="Case", zone="UTC", status="DRAFT")


def table_at(room_pt: float, lines: int) -> bytes:
    """A table whose first row has so many lines, begun with so much room left on the page."""
    target = io.BytesIO()
    pen = Pen(target, title="T", author="A", subject="S", made_at=datetime(2026, 11, 20, tzinfo=UTC), language="en")
    sheet = Sheet(pen, MARKS)
    sheet.y_pt = BOTTOM_PT + room_pt
    table = Table(sheet, (Column("HEADWORD", 60.0), Column("Text", 300.0)), name="Things")
    table.row(("1", "\n".join(f"LINE{number}." for number in range(lines))))
    table.finish("Nothing follows.")
    sheet.finish()
    pen.finish(())
    return target.getvalue()


@pytest.mark.parametrize("room_pt", [20.0, 45.0, 60.0, 110.0, 300.0, 690.0])
@pytest.mark.parametrize("lines", [1, 4, 30, 200])
def test_no_head_stands_on_a_page_without_a_row_and_every_line_is_printed_once(
    room_pt: float, lines: int, tmp_path: Path
) -> None:
    pages = Oracle(tmp_path).pages(table_at(room_pt, lines))
    assert [page for page in pages if "HEADWORD" in page and "LINE" not in page] == []
    assert [page for page in pages if "LINE" in page and "HEADWORD" not in page] == []
    assert re.findall(r"LINE(\d+)\.", "".join(pages)) == [str(number) for number in range(lines)]


def test_a_row_breaks_where_it_would_leave_a_quarter_of_a_page_empty_or_is_taller_than_one(tmp_path: Path) -> None:
    for room_pt, lines, is_begun in ((150.0, 200, True), (150.0, 40, False), (300.0, 40, True)):
        (first, *_) = Oracle(tmp_path).pages(table_at(room_pt, lines))
        assert ("LINE0." in first) == is_begun, (room_pt, lines)


@pytest.mark.parametrize("lines", range(30, 48, 3))
def test_no_heading_stands_at_the_foot_of_a_page_without_what_it_is_of(lines: int, tmp_path: Path) -> None:
    dossier = replace(sample_dossier(), summary=("Line.\n" * lines,))
    for section, heading, first in (
        (Section.FINDINGS, r"^ *2 +Findings and remarks$", "STATEMENT OF FACT"),
        (Section.CUSTODY, r"^ *2\.1 +Custody of \S+$", "State and seal"),
        (Section.TOOLS, r"^ *Tools and instruments used$", "Validation in this"),
    ):
        pages = Oracle(tmp_path).pages(rendered(replace(dossier, sections=(Section.SUMMARY, section))))
        (page,) = [page for page in pages if re.search(heading, page, re.MULTILINE)]
        assert first in page, heading


def test_a_table_without_rows_has_its_head_and_says_that_nothing_follows(tmp_path: Path) -> None:
    target = io.BytesIO()
    pen = Pen(target, title="T", author="A", subject="S", made_at=datetime(2026, 11, 20, tzinfo=UTC), language="en")
    sheet = Sheet(pen, MARKS)
    Table(sheet, (Column("HEADWORD", 90.0, CELL),), name="Things").finish("Nothing follows.")
    sheet.finish()
    pen.finish(())
    (page,) = Oracle(tmp_path).pages(target.getvalue())
    assert page.index("HEADWORD") < page.index("Nothing follows.")


def of_one_finding(where: str) -> Dossier:
    dossier = sample_dossier()
    (finding, *_) = [one for one in dossier.findings if one.citations]
    cited = replace(finding.citations[0], where=where)
    return replace(dossier, findings=(replace(finding, citations=(cited,)),), sections=(Section.FINDINGS,))


def test_a_cited_place_of_four_thousand_characters_is_whole_and_takes_less_than_a_page(tmp_path: Path) -> None:
    where = "v0.p3/" + "/".join(f"folder {number:04}" for number in range(330))
    oracle = Oracle(tmp_path)
    dossier = of_one_finding(where)
    pdf = rendered(dossier)
    assert re.sub(r"\s", "", where) in oracle.flat(pdf)
    assert len([page for page in oracle.pages(pdf) if "folder" in page]) == 1
    assert "above" in oracle.flat(pdf)
    short = rendered(of_one_finding("v0.p3/letter.txt"))
    assert "above" not in oracle.flat(short)


@pytest.mark.parametrize("resolution_ns", [1, 100, 1_000_000_000])
def test_no_time_of_a_list_of_files_is_broken_over_lines(resolution_ns: int, tmp_path: Path) -> None:
    dossier = sample_dossier()
    listed = dossier.file_lists[0]
    column = TimeColumn(label="Modified", source="mode", basis="utc", resolution_ns=resolution_ns)
    few = replace(listed, time_columns=(column,), rows=[next(iter(listed.rows))])
    dossier = replace(dossier, file_lists=(few,), sections=(Section.LISTS,))
    text = "\n".join(Oracle(tmp_path).pages(rendered(dossier)))
    digits = {1: 9, 100: 7, 1_000_000_000: 0}[resolution_ns]
    fraction = rf"\.\d{{{digits}}}" if digits else ""
    stamp = rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d{fraction}"
    assert re.search(rf"{stamp} [+-]\d\d:\d\d +{stamp} Z\n", text)
    assert Oracle(tmp_path).overlaps(rendered(dossier)) == []


@pytest.mark.req("REQ-20")
def test_a_long_description_is_cut_in_the_custody_part_only_where_the_exhibits_say_it_in_full(tmp_path: Path) -> None:
    dossier, oracle = sample_dossier(), Oracle(tmp_path)
    words = " ".join(f"word{number}" for number in range(300))
    log = replace(dossier.custody[0], description=words)
    alone = replace(dossier, custody=(log,), sections=(Section.CUSTODY,))
    both = replace(alone, sections=(Section.EXHIBITS, Section.CUSTODY))
    assert "word299" in oracle.flat(rendered(alone))
    assert "word299" not in oracle.flat(rendered(both))
    assert "word9" in oracle.flat(rendered(both))


@pytest.mark.req("REQ-34")
def test_a_tool_that_is_told_as_not_validated_is_not_told_once_more_as_without_validation(tmp_path: Path) -> None:
    plain = sample_dossier().tools[1]
    tools = (plain, replace(plain, name="mmls", flag="not in the register of tools"))
    text = Oracle(tmp_path).flat(rendered(replace(sample_dossier(), tools=tools, sections=(Section.LIMITATIONS,))))
    assert "ewfverify20140816hasnovalidationonrecord" in text
    assert "mmls20140816hasnovalidationonrecord" not in text


ODD_TEXTS = (
    "plain",
    "(brackets) and \\ strokes",
    "Дело 7, გამარჯობა",
    "left\u202eright \x00",
    "",
    "<b>bold</b> &amp; {say}",
    "a word " * 30,
    "W" * 200,
)


@pytest.mark.parametrize("struck", [False, True])
def test_a_column_of_lines_is_drawn_by_the_same_operators_as_its_lines_one_by_one(struck: bool) -> None:
    """What is drawn quickly, as one line of plain text, and what is not, differ in nothing."""
    pen = Pen(io.BytesIO(), title="T", author="A", subject="S", made_at=datetime(2026, 11, 20, tzinfo=UTC))
    for text in ODD_TEXTS:
        for count in (1, 2, 3):
            lines = [Piece(text, style, struck) for style in (CELL, CELL_BOLD, CELL_MONO)[:count]]
            pen._code = []
            pen.columns([(70.0, None, lines), (90.0, 200.0, lines)], 500.0, 9.6)
            left, *others = pen._code
            said = " ".join(f"{pen._voice(line.style)} {pen._show(text, line.style)} T*" for line in lines)
            assert left == f"BT 9.6 TL 1 0 0 1 70.00 {500.0 - 0.77 * 9.6:.2f} Tm {said} ET"
            shown = [code for code in others if code.startswith("BT")]
            assert [pen._show(text, line.style) in code for line, code in zip(lines, shown, strict=False)] == (
                [True] * count if text else []
            )
            assert len([code for code in others if code.endswith(" l S")]) == (2 * count if struck else 0)


def test_a_row_of_any_text_is_printed_whole_in_every_column(tmp_path: Path) -> None:
    target = io.BytesIO()
    pen = Pen(target, title="T", author="A", subject="S", made_at=datetime(2026, 11, 20, tzinfo=UTC))
    sheet = Sheet(pen, MARKS)
    columns = (Column("No.", 40.0), Column("Left", 150.0), Column("Right", 150.0, is_figure=True))
    table = Table(sheet, columns, name="Things")
    texts = [text for text in ODD_TEXTS if text]
    for number, text in enumerate(texts):
        table.row((f"N{number}", text, text), above=(Piece(text, CELL),), below=(Piece(text, CELL_BOLD),))
    table.finish()
    sheet.finish()
    pen.finish(())
    printed = Counter(Oracle(tmp_path).flat(target.getvalue()))
    drawn = Counter(re.sub(r"\s", "", "".join(map(visible, texts))) * 4)
    assert drawn - printed == Counter(), "each text stands in two cells, above and below them"
    assert printed["W"] == drawn["W"]
