"""Labels with QR codes: printed, read by an outside library, and found again in the record."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from forensics_app.errors import RefusedError
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.label import SHEETS, LabelSheet, LabelText, label_text, single_label
from tests.builders import Bench, make_bench
from tests.forensics_app.reports.pdftools import Oracle

DATABASES = ("sqlite", "postgresql")

DPI = 300
STORING = {"shelf": "A-07-3"}
RECEIVING = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
    "seal_number": "0048812",
}  # fmt: skip


def pictures(pdf: bytes, folder: Path) -> list[Image.Image]:
    """The pages of a PDF as a printer would put them on paper."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (Debian: poppler-utils)")
    folder = Path(mkdtemp(dir=folder))
    (folder / "labels.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-png", folder / "labels.pdf", folder / "page"], check=True)
    found = []
    for path in sorted(folder.glob("page*.png")):
        with Image.open(path) as picture:
            found.append(picture.copy())
    return found


def codes(picture: Image.Image) -> dict[str, tuple[float, float]]:
    """Every QR code of a page with its place in millimetres from the upper left corner."""
    found = {}
    for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
        corner = code.position.top_left
        found[code.text] = (corner.x / DPI * 25.4, corner.y / DPI * 25.4)
    return found


@pytest.fixture
def seized(bench: Bench) -> Exhibit:
    return bench.exhibit(bench.case())


@pytest.mark.req("REQ-10")
def test_the_label_says_what_it_must_and_its_code_is_read_by_another_program(
    bench: Bench, seized: Exhibit, tmp_path: Path
) -> None:
    pdf = bench.lab.labels.pdf(seized.case_id, [seized.id], single_label(620, 290))
    flat = Oracle(tmp_path).flat(pdf)
    last = bench.lab.custody.history(seized.id)[-1].digest.hex()
    for words in ("LH/01", "Case2026-0147", "Laptop,Lenovo", "Lindenhofstr.12", "2026-11-1913:00+01:00", "Sgt.Duarte",
                  "Seal0048812", last[:16]):  # fmt: skip
        assert words in flat
    (page,) = pictures(pdf, tmp_path)
    assert (round(page.width / DPI * 254), round(page.height / DPI * 254)) == pytest.approx((620, 290), abs=2)
    (text,) = codes(page)
    assert text == f"FXL2:{bench.lab.info.id.hex.upper()}:2026-0147:LH/01:0048812:{last[:16].upper()}:{text[-4:]}"
    found = bench.lab.labels.scanned(text + "\n")
    assert (found.exhibit, found.entries_since) == (bench.lab.exhibits.get(seized.id), 0)
    assert "as new as the record" in found.words


def test_an_image_has_a_label_too_which_names_the_newest_entry_that_tells_of_it(
    bench: Bench, seized: Exhibit, tmp_path: Path
) -> None:
    disk = tmp_path / "disk.dd"
    disk.write_bytes(bytes(4096))
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=seized.id, paths=(disk,), write_blocker=blocker)
    image = bench.lab.intake.take_in(bench.examiner, request)
    of_disk, of_image = bench.lab.labels.of_case(seized.case_id)
    assert (of_disk.exhibit, of_image.exhibit) == ("LH/01", image.number)
    assert (of_disk.officer, of_image.officer) == ("Sgt. Duarte", bench.examiner.person.name)
    assert [label.at.utcoffset() for label in (of_disk, of_image)] == [timedelta(hours=1)] * 2
    found = bench.lab.labels.scanned(of_image.told.text)
    assert (found.exhibit.number, found.entries_since) == (image.number, 0)
    bench.lab.exhibits.correct(bench.custodian, seized.id, {"serial": "PF-3X7K2N"}, "misread")
    assert bench.lab.labels.scanned(of_image.told.text).entries_since == 0, "that is about the disk alone"
    (made,) = [one for one in bench.lab.exhibits.list(seized.case_id) if one.number == image.number]
    bench.lab.exhibits.correct(bench.examiner, made.id, {"condition": "As copied"}, "was left out")
    assert bench.lab.labels.scanned(of_image.told.text).entries_since == 1


@pytest.mark.req("REQ-10")
def test_a_sheet_begins_at_the_first_free_label_and_goes_on_on_the_next_sheet(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    exhibits = [bench.exhibit(case, f"LH/{number:02}") for number in range(1, 5)]
    pdf = bench.lab.labels.pdf(case.id, [], SHEETS["3x8"], start=22)
    pages = [codes(page) for page in pictures(pdf, tmp_path)]
    assert [len(page) for page in pages] == [3, 1]
    placed = {bench.lab.labels.scanned(text).exhibit.id: place for page in pages for text, place in page.items()}
    for exhibit, (column, row) in zip(exhibits, ((0, 7), (1, 7), (2, 7), (0, 0)), strict=True):
        right, down = placed[exhibit.id]
        assert 70 * column < right < 70 * column + 20
        assert 0.5 + 37 * row < down < 0.5 + 37 * row + 15
    assert len(pictures(bench.lab.labels.pdf(case.id, [exhibits[0].id], SHEETS["3x8"]), tmp_path)) == 1


@pytest.mark.parametrize(
    "sheet",
    [*SHEETS.values(), single_label(400, 200), single_label(1000, 1000)],
    ids=[*SHEETS, "40 x 20 mm", "100 x 100 mm"],
)
def test_every_size_can_be_read(sheet: LabelSheet, seized: Exhibit, bench: Bench, tmp_path: Path) -> None:
    (page,) = pictures(bench.lab.labels.pdf(seized.case_id, [], sheet, start=sheet.count), tmp_path)
    assert len(codes(page)) == 1


def test_a_scan_says_when_the_record_has_moved_on_since(bench: Bench, seized: Exhibit) -> None:
    (label,) = bench.lab.labels.of_case(seized.case_id)
    bench.lab.custody.perform(
        bench.custodian, bench.request(seized, "receive", fields=RECEIVING, outside_party="Sgt. Duarte")
    )
    bench.lab.custody.perform(bench.custodian, bench.request(seized, "store", fields=STORING))
    found = bench.lab.labels.scanned(label.told.text.lower())
    assert (found.entries_since, found.seal_differs) == (2, False)
    assert found.words.endswith("older than the last entry, which is normal: 2 entries more since it was printed.")


@pytest.mark.req("REQ-10", "REQ-12")
def test_a_scan_says_both_numbers_where_the_seal_on_the_label_is_not_the_recorded_one(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case(), seal="köln 12:7%")
    (label,) = bench.lab.labels.of_case(exhibit.case_id)
    assert not bench.lab.labels.scanned(label.told.text).seal_differs
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"seal_number": "0048822"}, "misread")
    found = bench.lab.labels.scanned(label.told.text)
    assert (found.label_seal, found.entries_since, found.seal_differs) == ("köln 12:7%", 1, True)
    assert "The label names the seal köln 12:7%; the seal 0048822 is recorded now." in found.words


def test_a_label_without_a_seal_says_so_when_the_exhibit_is_sealed_by_now(bench: Bench) -> None:
    new = NewExhibit(
        case_id=bench.case().id, number="LH/01", type=ExhibitType.COMPUTER, description="Laptop", place="Room 5"
    )
    exhibit = bench.lab.exhibits.add(bench.custodian, new)
    (label,) = bench.lab.labels.of_case(exhibit.case_id)
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"seal_number": "0048822"}, "sealed at the scene")
    words = bench.lab.labels.scanned(label.told.text).words
    assert "The label names no seal; the seal 0048822 is recorded now." in words


@pytest.mark.req("REQ-10")
def test_a_label_of_the_first_kind_which_names_no_seal_is_still_read(bench: Bench, seized: Exhibit) -> None:
    digest = bench.lab.custody.history(seized.id)[0].digest[:8].hex().upper()
    told = f"FXL1:{bench.lab.info.id.hex.upper()}:2026-0147:LH/01:{digest}"
    text = f"{told}:{hashlib.sha256(told.encode()).hexdigest()[:4].upper()}"
    bench.lab.exhibits.correct(bench.custodian, seized.id, {"seal_number": "0048822"}, "misread")
    found = bench.lab.labels.scanned(text)
    assert (found.exhibit.id, found.entries_since) == (seized.id, len(bench.lab.custody.history(seized.id)) - 1)
    assert (found.label_seal, found.seal_differs) == (None, False)


def test_what_is_no_label_of_this_record_is_told_in_words(bench: Bench, seized: Exhibit, tmp_path: Path) -> None:
    (label,) = bench.lab.labels.of_case(seized.case_id)
    told, scanned = label.told, bench.lab.labels.scanned

    def other(**changed: object) -> str:
        return replace(told, **changed).text  # type: ignore[arg-type]

    stranger = make_bench(tmp_path / "other", of_its_own=True)
    for text, words in (
        (told.text[:-1] + ("0" if told.text[-1] != "0" else "1"), "not read whole"),
        (told.text.replace("2026-0147", "2026/0147"), "not read whole"),
        (told.text[:40], "not read whole"),
        (other(lab=stranger.lab.info.id), "of another laboratory"),
        (other(case="2026-0148"), "no case 2026-0148"),
        (other(exhibit="LH/99"), "no exhibit LH/99"),
        (other(digest=bytes(8)), "no entry of its record"),
        (told.text.replace("FXL2:", "FXL1:"), "not read whole"),
        ("4006381333931", "is no label of this program"),
        ("", "is no label"),
    ):
        with pytest.raises(RefusedError, match=words):
            scanned(text)
    stranger.lab.close()
    assert scanned("LH/01", seized.case_id).exhibit.id == seized.id


def test_a_long_number_of_a_seal_is_printed_to_its_last_digit(bench: Bench, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case(), seal="POL-TAMPER-EVIDENT-0004882215")
    pdf = bench.lab.labels.pdf(exhibit.case_id, [], SHEETS["3x8"])
    assert "SealPOL-TAMPER-EVIDENT-0004882215" in Oracle(tmp_path).flat(pdf)


def test_a_sheet_has_no_label_beyond_its_last(bench: Bench, seized: Exhibit) -> None:
    for start in (0, 25):
        with pytest.raises(RefusedError, match="labels 1 to 24"):
            bench.lab.labels.pdf(seized.case_id, [], SHEETS["3x8"], start)
    with pytest.raises(ValueError, match="between 40 x 20 mm"):
        single_label(390, 290)


@given(
    case=st.text(min_size=1, max_size=40),
    exhibit=st.text(min_size=1, max_size=20),
    seal=st.none() | st.text(max_size=20),
    digest=st.binary(min_size=8, max_size=8),
    lab=st.uuids(),
)
def test_every_number_of_a_case_exhibit_or_seal_survives_its_code(
    case: str, exhibit: str, seal: str | None, digest: bytes, lab: UUID
) -> None:
    told = LabelText(lab=lab, case=case, exhibit=exhibit, seal=seal, digest=digest)
    assert label_text(told.text) == told
    assert label_text(told.text.lower()) == told
    assert set(told.text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
