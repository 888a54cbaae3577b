"""A catalogue whose building was stopped is gone on with only if it is as the journal says that it was left."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from evidence.examination import examine_isolated
from forensics_app.db.catalogue_file import building_name
from forensics_app.db.catalogue_writer import building_catalogue
from forensics_app.errors import CancelledError
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.services import catalogues
from resources import path as resource
from tests.builders import Bench


def stopping(**arguments: Any) -> Iterator[Any]:
    yield from examine_isolated(**arguments)
    raise CancelledError


def stopping_early(**arguments: Any) -> Iterator[Any]:
    for item in examine_isolated(**arguments):
        yield item
        if isinstance(item, tuple):
            raise CancelledError


def stop(
    bench: Bench, image: EvidenceImage, monkeypatch: pytest.MonkeyPatch, how: Callable[..., Iterator[Any]] = stopping
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(catalogues, "examine_isolated", how)
        with pytest.raises(CancelledError):
            bench.lab.catalogues.build(bench.examiner, image.id)


@pytest.fixture
def image(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> EvidenceImage:
    """Taken in, with a catalogue that was committed and whose building was stopped then."""
    monkeypatch.setattr(catalogues, "building_catalogue", partial(building_catalogue, commit_every_s=0))
    request = IntakeRequest(
        exhibit_id=bench.exhibit(bench.case()).id,
        paths=(resource("demo/demo.E01"),),
        write_blocker=WriteBlocker(device="Tableau T8u"),
    )
    image = bench.lab.intake.take_in(bench.examiner, request)
    stop(bench, image, monkeypatch)
    return image


def left(bench: Bench, image: EvidenceImage) -> Path:
    return building_name(bench.lab.catalogues.path(image))


def said(bench: Bench) -> str:
    return next(job.message for job in bench.lab.journal.list() if job.kind == "catalogue")


def test_what_was_left_is_gone_on_with_though_another_attempt_was_cut_off_at_once(
    bench: Bench, image: EvidenceImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(bench, image, monkeypatch)
    built = bench.lab.catalogues.build(bench.examiner, image.id)
    assert f"It was gone on with after {built.catalogue_entries:,} entries." in said(bench)


@pytest.mark.req("REQ-62")
def test_a_row_planted_in_what_was_left_does_not_reach_the_catalogue(bench: Bench, image: EvidenceImage) -> None:
    with closing(sqlite3.connect(left(bench, image))) as db, db:
        planted = db.execute("UPDATE files SET name = 'planted.jpg', path = '/planted.jpg' WHERE id = 2")
        assert planted.rowcount == 1
    built = bench.lab.catalogues.build(bench.examiner, image.id)
    assert "It was begun anew: the unfinished catalogue that was there is not as this program left it" in said(bench)
    with bench.lab.catalogues.open(built) as catalogue:
        assert not [e for e in catalogue.page(CatalogueQuery(), None, 1000).entries if "planted" in e.path]
    again = bench.lab.catalogues.build(bench.examiner, image.id)
    assert again.catalogue_sha256 == built.catalogue_sha256


def test_what_the_journal_of_another_lab_tells_of_is_begun_anew(bench: Bench, image: EvidenceImage) -> None:
    with bench.lab.catalogues.db.writing() as connection:
        connection.exec_driver_sql("UPDATE job SET parameters = replace(parameters, 'committed_sha256', 'x')")
    bench.lab.catalogues.build(bench.examiner, image.id)
    assert "It was begun anew: the journal keeps nothing by which" in said(bench)
    assert "changed" not in said(bench)


def test_a_clock_that_was_set_back_makes_no_change_of_what_was_left(
    bench: Bench, image: EvidenceImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench.lab.catalogues.db.writing() as connection:  # of a time that is to come again
        connection.exec_driver_sql("UPDATE job SET started_at = '2031-01-01T00:00:00Z' WHERE kind = 'catalogue'")
    left(bench, image).unlink()
    stop(bench, image, monkeypatch, stopping_early)
    bench.lab.catalogues.build(bench.examiner, image.id)
    assert [job for job in bench.lab.journal.list() if "It was gone on with after " in job.message]


def test_a_file_that_cannot_be_read_and_indices_that_do_not_agree_are_told_for_what_they_are(
    bench: Bench, image: EvidenceImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = left(bench, image)
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as db, db:
        page = db.execute("PRAGMA page_size").fetchone()[0]
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'problems'").fetchone()
        db.execute("UPDATE type_counts SET entries = entries + 1")
    bench.lab.catalogues.build(bench.examiner, image.id)
    assert "It was begun anew: the indices or counts of the unfinished catalogue" in said(bench)
    damaged = bytearray(whole)
    damaged[(root - 1) * page : root * page] = b"\xff" * page
    stop(bench, image, monkeypatch)
    path.write_bytes(damaged)
    bench.lab.catalogues.build(bench.examiner, image.id)
    assert "It was begun anew: the unfinished catalogue that was there cannot be read (" in said(bench)
    assert "look after the disk" in said(bench)
