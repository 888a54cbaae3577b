"""The pictures that a report shows of findings and chosen files: none that is hidden, no more than so many (REQ-40)."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery, SortColumn
from forensics_app.model.cited import Cited, CitedKind
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import MarkKind
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from forensics_app.reports.html import write_html
from forensics_app.services.report_pictures import ReportPictures
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_files_and_races import took_in
from tests.forensics_app.services.test_hash_sets import listed, new, sets


@dataclass(frozen=True)
class Cites:
    """A case in which three pictures and a text are cited, each as a whole."""

    bench: Bench
    image: EvidenceImage
    pictures: tuple[CatalogueEntry, ...]
    findings: tuple[Cited, ...]

    def shown(self, **more: Any) -> dict[int, Any]:
        """What is shown, by number of the finding."""
        lab = self.bench.lab
        cited = lab.findings.list(self.image.case_id, CitedKind.FINDING)
        of = ReportPictures(lab.examine, {self.image.id: self.image}, cited, **more).of_findings()
        return {one.number: of[one.id] for one in cited if one.id in of}


@pytest.fixture
def cites(bench: Bench) -> Cites:
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id)
    with bench.lab.catalogues.open(image) as catalogue:
        query = CatalogueQuery(mime_prefix="image/jpeg", sort=SortColumn.NAME)
        pictures = catalogue.rows(catalogue.ids(query))[:3]
        (text, *_) = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="text/")))
    findings = tuple(
        bench.lab.findings.add(bench.examiner, CitedKind.FINDING, entry_target(image, entry), f"Shows {at}.")
        for at, entry in enumerate((*pictures, text), 1)
    )
    return Cites(bench, image, pictures, findings)


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_finding_shows_its_picture_unless_it_is_marked_concealed_changed_or_one_too_many(
    cites: Cites, tmp_path: Path
) -> None:
    bench, (first, second, _) = cites.bench, cites.pictures
    before = cites.shown()
    assert sorted(before) == [1, 2, 3]
    assert all(one.jpeg[:2] == b"\xff\xd8" and one.check == "equal" and not one.absent for one in before.values())
    some = cites.shown(most=2)
    assert [some[at].jpeg is not None for at in (1, 2, 3)] == [True, True, False]
    assert some[3].absent.startswith("Not shown: a report shows no more")

    request = ReportRequest(case_id=cites.image.case_id, sections=(Section.FINDINGS, *_ALWAYS))
    open_pdf = bench.lab.reporting.preview(bench.examiner.person, request)
    mark = bench.lab.examine.marks.add(bench.examiner, cites.image.id, first, MarkKind.SENSITIVE, "Of a person")
    bench.lab.examine.marks.look(bench.examiner, cites.image.id, mark, "To describe it")
    sensitive = next(one for one in bench.lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    bench.lab.tags.put(bench.examiner, sensitive.id, [entry_target(cites.image, second)])
    hidden = cites.shown()
    assert [hidden[at].jpeg is not None for at in (1, 2, 3)] == [False, False, True]
    assert hidden[1].absent == "Marked as sensitive: nothing of its content is printed."
    assert hidden[2].absent == "Marked as concealed (tagged Sensitive): nothing of its content is printed."
    hidden_pdf = bench.lab.reporting.preview(bench.examiner.person, request)
    assert _pictures_in(hidden_pdf, tmp_path) == _pictures_in(open_pdf, tmp_path) - 2
    assert "Markedassensitive:nothingofitscontentisprinted." in Oracle(tmp_path).flat(hidden_pdf)


_ALWAYS = (Section.LIMITATIONS, Section.VERIFY, Section.DECLARATION)


def _pictures_in(pdf: bytes, folder: Path) -> int:
    """How many pictures poppler finds."""
    found = shutil.which("pdfimages")
    if found is None:
        pytest.skip("pdfimages is not installed (Debian: poppler-utils)")
    path = folder / "pictures.pdf"
    path.write_bytes(pdf)
    lines = subprocess.run([found, "-list", str(path)], check=True, capture_output=True, text=True).stdout.splitlines()
    return len(lines) - 2


@pytest.mark.req("REQ-40")
def test_the_same_content_elsewhere_is_not_shown_either(cites: Cites) -> None:
    bench, (first, second, _) = cites.bench, cites.pictures
    bench.lab.examine.marks.add(bench.examiner, cites.image.id, first, MarkKind.PRIVILEGED, "Of counsel")
    chosen = bench.lab.examine.choose(bench.examiner, cites.image.id, second)
    pictures = ReportPictures(bench.lab.examine, {cites.image.id: cites.image}, ())
    assert pictures.chosen(chosen).picture
    same = pictures.chosen(replace(chosen, sha256=first.sha256))
    assert same.picture is None
    assert same.hidden == "It is the same as hidden content: nothing of its content is printed."


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_text_is_hidden_as_a_picture_is_where_it_cannot_be_told_what_is_in_alert_sets(
    cites: Cites, tmp_path: Path
) -> None:
    bench, image, (first, *_) = cites.bench, cites.image, cites.pictures
    with bench.lab.catalogues.open(image) as catalogue:
        (text, *_) = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="text/")))
    chosen = bench.lab.examine.choose(bench.examiner, image.id, text)
    assert ReportPictures(bench.lab.examine, {image.id: image}, ()).chosen(chosen).hidden == ""
    sets(bench).add(bench.examiner, new(listed(tmp_path, (first.md5 or b"").hex()), HashSetKind.ALERT, "Hot list"))
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    bench.lab.folder.matches(image.case_id, image.id).unlink()
    unknown = ReportPictures(bench.lab.examine, {image.id: image}, ()).chosen(chosen)
    assert unknown.hidden.startswith("Marked as concealed (not looked up")
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    bench.lab.examine.marks.add(bench.examiner, image.id, first, MarkKind.PRIVILEGED, "Of counsel")
    same = ReportPictures(bench.lab.examine, {image.id: image}, ()).chosen(replace(chosen, sha256=first.sha256))
    assert same.hidden == "It is the same as hidden content: nothing of its content is printed."


def test_a_picture_that_is_not_what_was_cited_or_cannot_be_decoded_is_not_shown(cites: Cites) -> None:
    bench, (first, *_) = cites.bench, cites.pictures
    examine = bench.lab.examine
    target = replace(cites.findings[0].target, sha256=None)
    with bench.lab.catalogues.open(cites.image) as catalogue:
        (text, *_) = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="text/")))
    images = {cites.image.id: cites.image}
    whole = ReportPictures(examine, images, (replace(cites.findings[0], target=target),)).of_findings()
    assert [(one.jpeg is not None, one.check) for one in whole.values()] == [(True, None)]
    chosen = examine.choose(bench.examiner, cites.image.id, replace(text, mime="image/jpeg"))
    broken = ReportPictures(examine, images, ()).chosen(chosen)
    assert broken.is_equal
    assert broken.picture is None
    assert broken.picture_absent.startswith("The picture cannot be shown: ")
    changed = examine.choose(bench.examiner, cites.image.id, replace(first, sha256=bytes(32)))
    other = ReportPictures(examine, images, ()).chosen(changed)
    assert (other.is_equal, other.picture) == (False, None)
    assert other.picture_absent == "Not shown: its content does not have the recorded SHA-256."


@pytest.mark.req("REQ-39")
def test_of_a_picture_it_is_said_which_page_is_shown_and_how_its_brightness_was_scaled(
    bench: Bench, tmp_path: Path
) -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    for name in ("scan.tif", "moving.gif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "one.png")
    sixteen = Image.frombytes("I;16", (60, 40), b"".join(struct.pack("<H", 20_000 + 300 * x) for x in range(60)) * 40)
    sixteen.save(tmp_path / "sixteen.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40)).save(tmp_path / "turned.jpg", exif=exif)
    source = tmp_path / "pictures.zip"
    with zipfile.ZipFile(source, "w") as file:
        for name in ("scan.tif", "moving.gif", "one.png", "sixteen.png", "turned.jpg"):
            file.write(tmp_path / name, name)
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    asked = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker, logical=True)
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, lab.intake.take_in(bench.examiner, asked).id)
    with lab.catalogues.open(image) as catalogue:
        found = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="image/", sort=SortColumn.NAME)))
    for entry in found:
        lab.findings.add(bench.examiner, CitedKind.FINDING, entry_target(image, entry), "A picture.")
        lab.examine.choose(bench.examiner, image.id, entry)
    request = ReportRequest(case_id=image.case_id, sections=(Section.FINDINGS, Section.FILES, *_ALWAYS))
    told = "page or frame 1 of 3 is shown, the others are not"
    dossier = lab.reporting.dossier(bench.examiner.person, request)
    assert [entry.path.rpartition("/")[2] for entry in found] == [
        "moving.gif", "one.png", "scan.tif", "sixteen.png", "turned.jpg",
    ]  # fmt: skip
    scaled = "its brightness is scaled: the value 20,000 is shown black, 37,700 white"
    turned = "turned as its EXIF says (orientation 6): 60 x 40 pixels as stored, 40 x 60 as shown"
    otherwise, by_exif = (f"shown otherwise than it is stored: {one}" for one in (scaled, turned))
    assert [str(one.thumbnail_part) for one in dossier.findings] == [told, "None", told, otherwise, by_exif]
    assert [str(one.thumbnail_part) for one in dossier.files] == [told, "None", told, otherwise, by_exif]
    printed = dossier.findings[-2].thumbnail
    assert printed is not None
    assert Image.open(io.BytesIO(printed)).convert("L").getextrema() == (0, 255)
    for _ in ("made", "kept"):
        tiles = lab.thumbnails.of(image, found)
        assert [tile.why for tile in tiles] == ["", "", "", scaled, turned]
    assert Image.open(io.BytesIO(tiles[-2].encoded)).convert("L").getextrema() == (0, 255)
    flat = Oracle(tmp_path).flat(lab.reporting.preview(bench.examiner.person, request))
    assert flat.count(told.replace(" ", "")) == 4
    assert flat.count(otherwise.replace(" ", "")) == 2
    out = io.BytesIO()
    write_html(dossier, out)
    assert out.getvalue().decode().count(told) == 4
