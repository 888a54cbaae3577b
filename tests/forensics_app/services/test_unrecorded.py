"""Files of acts whose end nobody heard of: they are kept, and the next start says which are not of the record."""

import os
from pathlib import Path

import pytest

from forensics_app.errors import OutcomeUnknownError, RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.services.folder import kept_only_if_recorded
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.services.test_custody import RECEIVING

PHOTO = resource("demo/exhibit-photo-laptop.jpg")


def aged(path: Path) -> Path:
    """As if it had lain there for an hour."""
    an_hour_ago_s = path.stat().st_mtime - 3600
    os.utime(path, (an_hour_ago_s, an_hour_ago_s))
    return path


def test_a_file_whose_recording_nobody_heard_the_end_of_is_kept_and_named(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"whole")
    with pytest.raises(OutcomeUnknownError) as lost, kept_only_if_recorded(path):
        raise OutcomeUnknownError("The server cannot be asked.")
    assert path.read_bytes() == b"whole"
    assert f"{path} was kept" in lost.value.kept
    assert "delete it then" in lost.value.then


def test_a_file_that_was_not_recorded_is_taken_away_again(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"whole")
    with pytest.raises(RefusedError), kept_only_if_recorded(path):
        raise RefusedError("No.")
    assert not path.exists()


def test_the_start_names_what_is_not_of_the_record_and_nothing_else(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    lab = bench.lab
    photo = lab.exhibits.add_photo(bench.custodian, exhibit.id, NewPhoto(path=PHOTO, view=PhotoView.WHOLE))
    papers = {PaperKind.FORM: PHOTO}
    request = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte", papers=papers)
    lab.custody.perform(bench.custodian, request)
    recorded = aged(lab.exhibits.photo_path(photo))
    aged(recorded.parent.with_name("papers") / recorded.name)
    assert lab.journal.unrecorded_files() == ()
    left = [recorded.with_name(f"{'0' * 64}.jpg"), recorded.parent.with_name("reports") / "nobody.pdf"]
    left[1].parent.mkdir(exist_ok=True)
    for path in left:
        path.write_bytes(b"x")
    assert lab.journal.unrecorded_files() == (), "it may be of an act that is just being recorded"
    aged_files = tuple(sorted(aged(path) for path in left))
    assert lab.journal.unrecorded_files() == aged_files
    assert all(path.exists() for path in left)
