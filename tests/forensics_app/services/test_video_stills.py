"""Stills of videos in the gallery and the preview: as bound by marks, tags and reasons as pictures are."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from evidence.errors import UnreadableVideoError
from forensics_app.db.thumbnail_file import ThumbnailFile
from forensics_app.errors import HiddenContentError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.cited import CitedKind
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import MarkKind
from forensics_app.model.report import ReportRequest
from forensics_app.model.showing import film_time, is_picture, is_video
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from forensics_app.services.thumbnails import BLURRED_PX
from tests.builders import Bench
from tests.evidence import made_videos
from tests.forensics_app.reports.pdftools import Oracle


def videos_of(bench: Bench, folder: Path) -> tuple[EvidenceImage, dict[str, CatalogueEntry]]:
    """An archive of videos, taken in and catalogued."""
    moving = made_videos.motion_jpeg(made_videos.pictures(40, black=6))
    archive = folder / "videos.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("moving.avi", moving)
        target.writestr("empty.avi", b"")
        target.writestr("broken.avi", moving[:200])
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(reason_for_none="Handed over by the provider")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(archive,), write_blocker=blocker, logical=True)
    image = bench.lab.catalogues.build(bench.examiner, bench.lab.intake.take_in(bench.examiner, request).id)
    with bench.lab.catalogues.open(image) as catalogue:
        found = catalogue.page(CatalogueQuery(), None, 100).entries
    return image, {entry.path.rpartition("/")[2]: entry for entry in found}


def sides(encoded: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(encoded)) as picture:
        return picture.size


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_video_has_a_tile_that_is_kept_blurred_or_absent_as_that_of_a_picture(bench: Bench, tmp_path: Path) -> None:
    image, files = videos_of(bench, tmp_path)
    moving, thumbnails = files["moving.avi"], bench.lab.thumbnails
    shown, empty, broken = thumbnails.of(image, (moving, files["empty.avi"], files["broken.avi"]))
    assert (shown.why, shown.is_blurred, shown.caption) == ("", False, "0:01 / 0:04")
    assert sides(shown.encoded) == made_videos.SIZE
    assert empty.why in ("empty", "no picture")  # libmagic has a type for what is empty
    assert "No still of the video can be shown" in broken.why
    assert thumbnails.of(image, (moving,)) == (shown,)
    path = bench.lab.folder.thumbnails(image.case_id, image.id)
    key = f"{moving.volume_id} {moving.address} {(moving.sha256 or b'').hex()}"
    with ThumbnailFile(path) as kept:
        assert kept.get(key) == (shown.encoded, shown.caption)

    sensitive = next(one for one in bench.lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    bench.lab.tags.put(bench.examiner, sensitive.id, [entry_target(image, moving)])
    (blurred,) = thumbnails.of(image, (moving,))
    assert blurred.is_blurred
    assert max(sides(blurred.encoded)) <= BLURRED_PX
    with ThumbnailFile(path) as kept:
        assert kept.get(key) == (b"", "")
    with pytest.raises(HiddenContentError):
        bench.lab.examine.stills(image, moving, 200)
    bench.lab.examine.concealing.look(bench.examiner, image, (moving,), "To describe it")
    assert len(bench.lab.examine.stills(image, moving, 200).stills) == 12
    last = bench.lab.custody.case_history(image.case_id)[-1]
    assert (last.action, last.reason) == ("picture.look", "To describe it")


@pytest.mark.req("REQ-39")
def test_nothing_of_a_marked_video_is_decoded(bench: Bench, tmp_path: Path) -> None:
    image, files = videos_of(bench, tmp_path)
    moving = files["moving.avi"]
    bench.lab.examine.marks.add(bench.examiner, image.id, moving, MarkKind.PRIVILEGED, "Counsel")
    (tile,) = bench.lab.thumbnails.of(image, (moving,))
    assert (tile.encoded, tile.is_blurred) == (b"", True)
    for read in (bench.lab.examine.stills, bench.lab.examine.still):
        with pytest.raises(HiddenContentError):
            read(image, moving, 100)


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_report_prints_a_still_of_a_video_with_the_time_of_its_frame_unless_it_is_hidden(
    bench: Bench, tmp_path: Path
) -> None:
    image, files = videos_of(bench, tmp_path)
    moving, broken = files["moving.avi"], files["broken.avi"]
    for file in (moving, broken):
        bench.lab.examine.choose(bench.examiner, image.id, file)
    bench.lab.findings.add(bench.examiner, CitedKind.FINDING, entry_target(image, moving), "It shows a pattern.")
    request = ReportRequest(case_id=image.case_id, zone="UTC")

    def printed() -> tuple[int, str]:
        pdf = bench.lab.reporting.preview(bench.examiner.person, request)
        return pdf.count(b"/Subtype /Image"), Oracle(tmp_path).flat(pdf)

    pictures, words = printed()
    frame = bench.lab.examine.still(image, moving, 360).stills[0]
    told = f"Stillofthevideoitsframeat{film_time(frame.at_us, exact=True)}of0:00:04.000(h:mm:ss);nothingelse"
    assert words.count(told) == 2  # of the chosen file, and of the finding
    assert "Nostillofthevideocanbeshown:itcannotbeopenedasAVI" in words
    assert "0:00:01.200" in told
    mark = bench.lab.examine.marks.add(bench.examiner, image.id, moving, MarkKind.SENSITIVE, "Of a person")
    bench.lab.examine.marks.look(bench.examiner, image.id, mark, "To describe it")
    hidden, words = printed()
    assert (hidden < pictures, "Stillofthevideo" in words) == (True, False)
    assert "Markedassensitive:nothingofitscontentisprinted." in words


def test_a_row_of_stills_goes_over_the_length(bench: Bench, tmp_path: Path) -> None:
    image, files = videos_of(bench, tmp_path)
    found = bench.lab.examine.stills(image, files["moving.avi"], 80)
    times = [still.at_us for still in found.stills]
    assert (len(times), found.missing) == (12, 0)
    assert times == sorted(times)
    assert times[0] < 400_000
    assert times[-1] > 3_600_000
    assert all(max(sides(still.encoded)) <= 80 for still in found.stills)
    with pytest.raises(UnreadableVideoError):
        bench.lab.examine.stills(image, files["broken.avi"], 80)


def test_what_is_a_video_is_told_by_its_type_and_where_that_says_nothing_by_its_name() -> None:
    assert is_video("video/mp4", "txt")
    assert is_video("application/vnd.ms-asf", "")
    assert is_video("", "mov")
    assert is_video("application/octet-stream", "ts")
    assert not is_video("application/octet-stream", "mov")
    assert not is_video("audio/ogg", "ogv")
    assert not is_picture("video/mp4", "jpg")


def test_times_in_a_video_are_written_as_players_do() -> None:
    assert (film_time(96_999_999), film_time(7_296_000_000)) == ("1:36", "2:01:36")
    assert film_time(96_040_999, exact=True) == "0:01:36.040"
