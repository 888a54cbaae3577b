"""A catalogue whose building was stopped is gone on with only if it is as the journal says that it was left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
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


def stop(bench: Bench, image: EvidenceImage, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(catalogues, "examine_isolated", stopping)
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
    assert "It was begun anew" in said(bench)
