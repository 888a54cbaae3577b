from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensics_app.model.dossier import ListedFile
from forensics_app.reports.fonts import Face, is_ambiguous, mark, name_in_hex, shaper, visible
from forensics_app.reports.lines import Style, clip, wrap
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier
from tests.forensics_app.reports.sample_evidence import file_list

NAME = Style(Face.REGULAR, 8.5, 11.5, keeps_spaces=True)
PROSE = Style(Face.REGULAR, 9.0, 13.0)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    return Oracle(tmp_path)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("plain", "plain"),
        ("gpj\u202eexe", "gpj[U+202E]exe"),
        ("a\u200bb\u2066c", "a[U+200B]b[U+2066]c"),
        ("tab\tline\nnul\0", "tab[U+0009]line[U+000A]nul[U+0000]"),
        ("发票", "[U+53D1][U+7968]"),
        ("حساب", "[U+062D][U+0633][U+0627][U+0628]"),
        ("\U0001f642", "[U+1F642]"),
        ("\ud800", "[U+D800]"),
        ("a\u00a0b", "a[U+00A0]b"),
        ("čłăəґїა", "čłăəґїა"),
        ("\u0915\u093f", "[U+0915][U+093F]"),
    ],
)
def test_what_cannot_be_drawn_is_written_as_its_code_point(text: str, printed: str) -> None:
    assert visible(text) == printed


@given(ANY_TEXT)
def test_every_drawn_character_has_a_glyph(text: str) -> None:
    for face in Face:
        for run in shaper(face).runs(text):
            assert visible(run.text) == run.text


@given(ANY_TEXT, st.floats(60, 400))
def test_wrapped_names_fit_and_lose_nothing(text: str, width: float) -> None:
    lines = wrap(text, NAME, width)
    assert "".join(lines) == text
    assert all(NAME.width_pt(line) <= width + 0.1 for line in lines)


@given(ANY_TEXT, st.floats(60, 400))
def test_wrapped_prose_fits_and_loses_only_white_space(text: str, width: float) -> None:
    lines = wrap(text, PROSE, width)
    assert all(PROSE.width_pt(line.rstrip(" ")) <= width + 0.1 for line in lines)
    kept = re.sub(r"[ \t\n\r\xa0]", "", "".join(lines))
    assert kept == re.sub(r"[ \t\n\r\xa0]", "", text) or "\r" in text


@given(ANY_TEXT, st.floats(30, 400))
def test_clipped_text_fits(text: str, width: float) -> None:
    assert PROSE.width_pt(clip(text, PROSE, width)) <= width


@pytest.mark.parametrize(
    ("name", "ambiguous"),
    [
        ("invoice.pdf", False),
        ("счета.pdf", False),
        ("[U+202E].pdf", True),
        ("a\u202eb", True),
        ("two  spaces", True),
        ("end ", True),
        ("\ufffd", True),
        ("cafe\u0301", True),
        ("café", False),
        ("发票", True),
    ],
)
def test_names_that_paper_could_confuse_are_printed_in_bytes_too(name: str, ambiguous: bool) -> None:
    assert is_ambiguous(name) is ambiguous


def test_the_bytes_of_a_name_are_those_stored_or_its_utf_8() -> None:
    assert name_in_hex("\ufffdA", b"\x93A") == "93 41"
    assert name_in_hex("\ud800é") == "ed a0 80 c3 a9"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANY_TEXT.filter(bool), min_size=1, max_size=12))
def test_any_text_anywhere_gives_a_sound_report_that_shows_it(oracle: Oracle, texts: list[str]) -> None:
    dossier = sample_dossier()
    text = texts[0]
    head = replace(dossier.head, title=text, number=text)
    hostile = replace(
        dossier,
        head=head,
        laboratory=replace(dossier.laboratory, name=text, address=(text,)),
        case=replace(dossier.case, number=text, title=text),
        author=replace(dossier.author, name=text, function=text),
        findings=tuple(replace(finding, heading=text, text=text) for finding in dossier.findings),
        exhibits=tuple(replace(exhibit, description=text, serial=text) for exhibit in dossier.exhibits),
        files=tuple(replace(dossier.files[0], path=path, reference=text) for path in texts),
        file_lists=(file_list([_listed(path) for path in texts]),),
    )
    pdf = rendered(hostile)
    assert "No syntax" in oracle.check(pdf)
    flat = oracle.flat(pdf)
    for path in texts:
        if is_ambiguous(path):
            assert name_in_hex(path).replace(" ", "")[:40] in flat


def _listed(path: str) -> ListedFile:
    return ListedFile(path=path, address="5", state="allocated", size_bytes=1, times_ns=(None,))


@pytest.mark.parametrize(
    "name", ["/a/<b>bold<br/>&amp;&#65;.txt", "/a/(paren\\)(.txt", "/a/%s{0}$1", "/a/<font color=red>x"]
)
def test_markup_in_a_name_stays_text(oracle: Oracle, name: str) -> None:
    dossier = sample_dossier()
    file = replace(dossier.files[0], path=name)
    assert name in "".join(oracle.pages(rendered(replace(dossier, files=(file,)))))


def test_marks_of_direction_cannot_turn_a_printed_name_round(oracle: Oracle) -> None:
    dossier = replace(sample_dossier(), files=(replace(sample_dossier().files[0], path="/invoice\u202efdp.exe"),))
    text = "".join(oracle.pages(rendered(dossier)))
    assert "/invoice[U+202E]fdp.exe" in text
    assert "\u202e" not in text


def test_a_tab_or_line_break_in_a_name_is_printed_wherever_the_name_stands(oracle: Oracle) -> None:
    name = "/a/one\ttwo\nCorrects entry 2"
    dossier = replace(sample_dossier(), files=(replace(sample_dossier().files[0], path=name),))
    text = oracle.flat(rendered(dossier))
    assert text.count("one[U+0009]two[U+000A]Correctsentry2") >= 3  # contents, heading, path
    assert "onetwo" not in text


def test_the_heading_of_a_long_name_has_two_lines_and_the_name_stands_whole_below(oracle: Oracle) -> None:
    name = "/" + "发" * 100
    dossier = replace(bare_dossier(), files=(replace(sample_dossier().files[0], path=name),))
    text = oracle.flat(rendered(dossier))
    assert "[U+53D1]" * 100 in text
    assert text.count("[U+53D1]") < 100 + 40


def test_a_very_long_name_and_number_stay_on_the_page(oracle: Oracle) -> None:
    dossier = bare_dossier()
    long = replace(
        dossier,
        case=replace(dossier.case, number="N" * 3000, title="T" * 3000),
        head=replace(dossier.head, title="W" * 3000),
        file_lists=(file_list([_listed("/" + "W" * 4000)]),),
    )
    pages = oracle.pages(rendered(long))
    assert sum(page.count("W") for page in pages) >= 7000
    assert all("Page " in page for page in pages)


def test_a_mark_names_the_code_point_with_four_to_six_digits() -> None:
    assert mark("\0") == "[U+0000]"
    assert mark("\U0010ffff") == "[U+10FFFF]"
