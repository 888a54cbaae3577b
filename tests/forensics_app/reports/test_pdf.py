from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from forensics_app.model.dossier import Dossier, FindingKind, MediaRegion
from forensics_app.reports.checks import IncompleteReportError
from forensics_app.reports.layout import BOTTOM_PT, VALUE, Marks, Sheet
from forensics_app.reports.pdf import render
from forensics_app.reports.pen import Pen
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier
from tests.forensics_app.reports.sample_custody import long_custody
from tests.forensics_app.reports.sample_evidence import file_list, rows
from tests.forensics_app.reports.sample_values import KOVAC, digest


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    return Oracle(tmp_path)


@pytest.fixture(scope="module")
def issued() -> bytes:
    return rendered(sample_dossier())


@pytest.mark.parametrize("dossier", [sample_dossier(), sample_dossier(issued=False), bare_dossier()])
def test_every_page_names_case_report_page_and_zone(oracle: Oracle, dossier: Dossier) -> None:
    pages = oracle.pages(rendered(dossier))
    for position, page in enumerate(pages, start=1):
        assert page.count(dossier.case.number) >= 2, position
        assert page.count(dossier.head.number) >= 2, position
        assert f"Page {position} of {len(pages)}" in page
        assert f"Times in {dossier.head.zone} (tzdata {dossier.head.tzdata_version})" in page


def test_a_draft_says_so_on_every_page_and_an_issued_report_nowhere(oracle: Oracle, issued: bytes) -> None:
    assert all("DRAFT, not signed" in page for page in oracle.pages(rendered(sample_dossier(issued=False))))
    assert not any("DRAFT" in page for page in oracle.pages(issued))
    assert all("Issued 2026-11-21 14:02:11 +01:00" in page for page in oracle.pages(issued))


def test_equal_dossiers_give_equal_bytes() -> None:
    assert rendered(sample_dossier()) == rendered(sample_dossier())


def test_a_path_and_an_open_file_receive_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    render(sample_dossier(), path)
    target = BytesIO()
    render(sample_dossier(), target)
    assert path.read_bytes() == target.getvalue()


def test_one_changed_value_changes_the_bytes() -> None:
    dossier = sample_dossier()
    changed = replace(dossier, limitations=("Memory was captured.",))
    assert rendered(dossier) != rendered(changed)


def test_all_fonts_are_embedded_subset_and_mapped_to_unicode(oracle: Oracle, issued: bytes) -> None:
    fonts = oracle.fonts(issued)
    assert {row[0].split("+")[1] for row in fonts} == {
        "NotoSans-Regular",
        "NotoSans-Bold",
        "NotoSans-Italic",
        "NotoSansGeorgian-Regular",
        "NotoSansGeorgian-Bold",
        "JetBrainsMono-Regular",
    }
    assert all(row[3:6] == ["yes", "yes", "yes"] for row in fonts)


def test_the_structure_is_sound(oracle: Oracle, issued: bytes) -> None:
    assert "No syntax or stream encoding errors found" in oracle.check(issued)
    assert "No syntax or stream encoding errors found" in oracle.check(rendered(bare_dossier()))


def test_the_metadata_is_that_of_the_dossier_and_claims_no_tags(oracle: Oracle, issued: bytes) -> None:
    info = oracle.info(issued)
    assert info["Title"] == "Examination of a laptop computer and a USB stick, R-2026-0147-2"
    assert info["Author"] == "Ana Kovač, Digital Forensics Laboratory"
    assert info["Subject"] == "Case 2026-0147, report R-2026-0147-2, version 3"
    assert info["CreationDate"] == "2026-11-21T13:02:11Z"
    assert info["Tagged"] == "no"
    assert info["Page size"].endswith("(A4)")


def test_latin_cyrillic_and_georgian_names_read_back(oracle: Oracle, issued: bytes) -> None:
    text = oracle.flat(issued)
    for name in (
        "AnaKovač",
        "TomaszŁukaszLis",
        "ОленаШевченко",
        "ნინობერიძე",
        "Əliyev",
        "ŞtefanȚurcanu",
        "счета/საქმე",
    ):
        assert name in text


@pytest.mark.req("REQ-13")
def test_every_time_of_day_carries_a_zone_or_says_that_none_is_stored(oracle: Oracle, issued: bytes) -> None:
    text = " ".join("\n".join(oracle.pages(issued, layout=False)).split())
    stamps = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(.{0,22})", text)
    bare = [rest for rest in stamps if not re.match(r" (?:[+-]\d\d:\d\d|Z)", rest)]
    # The container's own note, and the stored form of the one stamp of a FAT volume.
    assert len(stamps) > 80
    assert [rest.strip()[:14] for rest in bare] == [", zone not sta", "2026-10-25 00:"]


@pytest.mark.req("REQ-13")
def test_the_period_of_the_work_is_told_with_its_offset_in_the_zone_of_the_report(
    oracle: Oracle, issued: bytes
) -> None:
    assert "2026-11-1800:30:00+01:00=2026-11-1723:30:00Zto2026-11-2112:50:00+01:00=2026-11-2111:50:00Z" in oracle.flat(
        issued
    )


@pytest.mark.req("REQ-13")
def test_utc_stands_beside_every_time_of_a_list_and_of_custody(oracle: Oracle, issued: bytes) -> None:
    pages = [" ".join(page.split()) for page in oracle.pages(issued)]
    listed = next(page for page in pages if "In UTC: modified" in page)
    local, utc = r"(\d{4}-\d\d-\d\d) (\d\d)(:\d\d:\d\d\.\d+) \+01:00", r"(\S+) (\d\d)(:\d\d:\d\d\.\d+) Z"
    rows = re.findall(f"{local} {utc}", listed)
    assert len(rows) > 10
    assert all(int(row[1]) - int(row[4]) in (1, -23) and row[2] == row[5] for row in rows)
    custody = next(page for page in pages if "Occurred, recorded" in page)
    assert custody.count(" Z") >= len(re.findall(r"\+01:00", custody)) // 2


def test_a_report_in_utc_says_each_time_once(oracle: Oracle) -> None:
    dossier = sample_dossier()
    text = oracle.flat(rendered(replace(dossier, head=replace(dossier.head, zone="UTC"))))
    assert "In UTC: modified".replace(" ", "") not in text
    assert "2026-11-2111:52:40+00:00" in text
    assert "2026-11-2111:52:40+00:00=" not in text


@pytest.mark.req("REQ-25")
def test_legacy_digests_are_labelled_and_stand_beside_sha_256(oracle: Oracle, issued: bytes) -> None:
    text = oracle.flat(issued)
    assert "MD5(legacy)" in text
    assert "SHA-1(legacy)" in text
    assert digest("image").hex() in text
    bare = re.findall(r"(?:MD5|SHA-1):?(?:[0-9a-f]{32}|[0-9a-f]{40})", text)
    assert bare == [], "no digest of a broken algorithm stands without the word"
    beside = [page for page in oracle.pages(issued) if "(legacy)" in page]
    assert beside
    assert all("SHA-256" in page for page in beside)


def test_the_three_words_of_a_digest_comparison_are_printed(oracle: Oracle, issued: bytes) -> None:
    page = next(page for page in oracle.pages(issued) if "Digests of the media" in page)
    assert re.search(r"MD5 \(legacy\).*equal", page)
    assert re.search(r"SHA-1 \(legacy\).*DIFFERS", page)
    assert re.search(r"SHA-256 .*none stored", page)


@pytest.mark.req("REQ-27")
def test_every_unreadable_region_is_listed_by_offset_and_length(oracle: Oracle, issued: bytes) -> None:
    page = next(page for page in oracle.pages(issued) if "Unreadable regions of the media" in page)
    assert re.search(r"7,062,405,120\s+0x1a4f3c000\s+4,096\s+chunk checksum differs", page)
    assert re.search(r"12,883,853,312\s+0x2fff00000\s+65,536", page)


def test_an_image_without_unreadable_regions_says_so(oracle: Oracle) -> None:
    dossier = sample_dossier()
    whole = replace(dossier.images[0], unreadable=())
    assert "None: every byte of the media was read." in " ".join(
        oracle.pages(rendered(replace(dossier, images=(whole,))))
    )


@pytest.mark.req("REQ-27")
def test_regions_not_read_at_the_acquisition_are_listed_and_nothing_says_that_all_was_read(oracle: Oracle) -> None:
    dossier = sample_dossier()
    lost = (MediaRegion(offset_bytes=4096, length_bytes=1536, why="not read at the acquisition"),)
    for image in (
        replace(dossier.images[0], unreadable=(), not_read=lost),
        replace(dossier.images[0], unreadable=(), not_read_unknown=True),
    ):
        text = " ".join(oracle.pages(rendered(replace(dossier, images=(image,)))))
        assert "every byte of the media was read" not in text
        assert "Not read at the acquisition" in text
        assert bool(re.search(r"4,096\s+0x1000\s+1,536\s+not read at the acquisition", text)) == bool(image.not_read)
        assert ("there may be more" in text) == image.not_read_unknown


def test_a_locked_volume_is_named_as_not_examined_twice(oracle: Oracle, issued: bytes) -> None:
    text = oracle.flat(issued)
    assert "NO:locked(BitLocker),nokeywassupplied" in text
    assert "volumev0.p4wasnotexamined:locked(BitLocker),nokeywassupplied." in text


@pytest.mark.req("REQ-20", "REQ-21")
def test_a_long_custody_record_repeats_its_head_and_ends_with_a_last_item(oracle: Oracle) -> None:
    dossier = replace(bare_dossier(), custody=(long_custody(60),))
    pages = oracle.pages(rendered(dossier))
    holding = [page for page in pages if "State and seal" in page]
    assert len(holding) > 5
    assert all("Custody of LH/01, continued" in page for page in holding[1:])
    assert "Last item. 60 entries for LH/01; nothing follows." in "".join(pages)


def test_a_correction_points_both_ways(oracle: Oracle, issued: bytes) -> None:
    text = oracle.flat(issued)
    assert "Correctedbyentry34" in text
    assert "Correctsentry33" in text


def test_contents_name_the_page_on_which_each_part_stands(oracle: Oracle, issued: bytes) -> None:
    pages = oracle.pages(issued)
    lines = re.findall(r"^ {0,3}(\d+) +(\S.*?) {3,}(\d+)$", pages[1], re.MULTILINE)
    assert len(lines) == 16
    for numeral, title, page in lines:
        assert re.search(rf"^ *{numeral} +{re.escape(title)}$", pages[int(page) - 1], re.MULTILINE), title


def test_many_sections_leave_the_contents_with_parts_only(oracle: Oracle) -> None:
    dossier = sample_dossier()
    many = tuple(replace(dossier.files[0], reference=f"F-{position}") for position in range(300))
    pages = oracle.pages(rendered(replace(dossier, files=many)))
    assert "F-7: iban_list.txt" not in pages[1]
    assert "F-7: iban_list.txt" in "".join(pages)
    assert "Contents, continued" not in pages[2]


def test_a_list_of_files_prints_every_row_once(oracle: Oracle) -> None:
    dossier = replace(bare_dossier(), file_lists=(file_list(rows(1000)),))
    text = oracle.flat(rendered(dossier))
    found = re.findall(r"document_(\d{6})\.docx", text)
    assert found == [f"{position:06d}" for position in range(1000)]
    assert text.count("continued") > 30


def test_a_value_longer_than_a_page_goes_on_over_pages(oracle: Oracle) -> None:
    words = " ".join(f"word{position:05d}" for position in range(6000))
    dossier = sample_dossier()
    deviation = replace(dossier.deviations[0], what=words)
    finding = replace(dossier.findings[0], text=words, basis=words)
    text = oracle.flat(rendered(replace(dossier, deviations=(deviation,), findings=(finding,))))
    assert text.count("word05999") == 3
    for position in range(0, 6000, 500):
        assert text.count(f"word{position:05d}") == 3


@pytest.mark.req("REQ-62")
def test_what_nobody_supplied_is_listed_and_never_invented(oracle: Oracle) -> None:
    pages = oracle.pages(rendered(bare_dossier()))
    text = " ".join(" ".join(pages).split())
    for item in ("questions asked", "legal authority", "accreditation of the author", "summary of conclusions"):
        assert item in text
    assert text.count("ot supplied") > 15


@pytest.mark.req("REQ-63")
def test_an_opinion_without_a_basis_blocks_the_issue_but_not_a_draft() -> None:
    dossier = sample_dossier()
    opinion = next(finding for finding in dossier.findings if finding.kind is FindingKind.OPINION)
    groundless = replace(dossier, findings=(replace(opinion, basis=" "),))
    with pytest.raises(IncompleteReportError, match="states no basis"):
        rendered(groundless)
    draft = replace(groundless, head=replace(dossier.head, issued_at=None))
    assert rendered(draft).startswith(b"%PDF-1.7")


@pytest.mark.req("REQ-64")
@pytest.mark.parametrize("reviewer", [None, KOVAC, replace(KOVAC, key_id=None)])
def test_a_report_is_not_issued_without_another_person_as_reviewer(reviewer: object) -> None:
    with pytest.raises(IncompleteReportError, match="reviewer"):
        rendered(replace(sample_dossier(), reviewer=reviewer))  # type: ignore[arg-type]


def test_a_refused_issue_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    with pytest.raises(IncompleteReportError):
        render(replace(sample_dossier(), reviewer=None), path)
    assert not path.exists()


def test_the_report_makes_no_promise_that_it_cannot_keep(oracle: Oracle, issued: bytes) -> None:
    text = " ".join(oracle.pages(issued)).lower()
    for word in ("court-proof", "admissible", "certified", "tamper-proof", "guarantee"):
        assert word not in text


def test_counts_that_do_not_agree_are_said_to(oracle: Oracle) -> None:
    dossier = sample_dossier()
    short = replace(dossier.reconciliation[0], rehashed=2)
    text = " ".join(oracle.pages(rendered(replace(dossier, reconciliation=(short,)))))
    assert "DO NOT AGREE" in text
    assert "DO NOT AGREE" not in " ".join(oracle.pages(rendered(dossier)))


def test_no_label_of_two_lines_is_parted_between_pages(tmp_path: Path) -> None:
    out = BytesIO()
    pen = Pen(out, title="T", author="A", subject="S", made_at=datetime(2026, 11, 23, tzinfo=UTC))
    sheet = Sheet(pen, Marks(laboratory="L", identity="I", zone="Z", status="S"))
    sheet.y_pt = BOTTOM_PT + VALUE.leading_pt + 6.0
    sheet.properties([("Found on opening and then on comparing this", "none")], label_width_pt=90.0)
    sheet.finish()
    pen.finish()
    first, second = Oracle(tmp_path).pages(out.getvalue())
    assert "Found" not in first
    assert "Found" in second
    assert "comparing" in second
