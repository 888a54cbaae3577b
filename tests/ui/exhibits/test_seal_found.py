"""The seal is asked in the window where a sealed exhibit is opened: for its image, or to take a part out (REQ-12)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import IncidentKind
from tests.forensics_app.services.test_exhibits import taken_into_hand
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill, press, said
from tests.ui.exhibits.test_acquire_wizard import opened, to_check
from ui.exhibits.intake_wizard import SOURCE, WORK
from ui.exhibits.watched_run import Phase

BLOCKER = "Tableau T8u, S/N 77012"
SEAL = 2


@pytest.fixture
def laptop(desk: Desk) -> Exhibit:
    """A sealed laptop in the examiner's hands, in sight."""
    exhibit = taken_into_hand(desk.bench, desk.bench.exhibit(desk.case))
    desk.show()
    return exhibit


def told(desk: Desk, exhibit: Exhibit) -> CustodyEvent:
    return next(one for one in reversed(desk.bench.lab.custody.history(exhibit.id)) if one.action == "image.intake")


@pytest.mark.req("REQ-12")
def test_an_intake_of_a_sealed_exhibit_asks_how_its_seal_is_found_and_raises_the_incident(
    desk: Desk, laptop: Exhibit, demo: Path
) -> None:
    desk.page.open_target(laptop.id)
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    wizard.exhibit.choose(laptop)
    press(wizard, "nextButton")
    press(wizard, "nextButton")
    assert wizard.current == SEAL
    asked = wizard.findChild(QWidget, "sealFound")
    assert asked is not None
    assert asked.isVisible()
    assert said(wizard, "whyNot") == "Look at the seal 0048812, and choose how it is."
    fill(wizard, sealFoundCheck="not checked")
    assert said(wizard, "whyNot") == "Say why the seal was not checked."
    fill(wizard, sealFoundCheck="intact, number agrees")
    assert said(wizard, "whyNot") == "Write the number that stands on the seal."
    fill(wizard, sealFoundNumber="0048821")
    assert "raises an incident" in said(wizard, "sealFoundRaises")
    press(wizard, "nextButton")
    assert wizard.current == SOURCE
    wizard.source.take([demo])
    desk.wait(lambda: wizard.source.source is not None)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    assert wizard.current == WORK
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.DONE)
    step = told(desk, laptop)
    assert (step.fact("seal_number"), step.fact("seal_before")) == ("0048821", "0048812")
    (incident,) = desk.bench.lab.incidents.open()
    assert incident.kind is IncidentKind.SEAL_DIFFERS
    assert desk.bench.lab.verification.verify().ok
    assert desk.errors == []


@pytest.mark.req("REQ-12")
def test_an_acquisition_of_a_sealed_exhibit_asks_how_its_seal_is_found(
    desk: Desk, laptop: Exhibit, tmp_path: Path
) -> None:
    source = tmp_path / "disk.img"
    source.write_bytes(os.urandom(64 * 512))
    desk.page.open_target(laptop.id)
    wizard = opened(desk)
    wizard.source.take("file", [source])
    fill(wizard, acquireBlocker=BLOCKER)
    assert said(wizard, "whyNot") == "Look at the seal 0048812, and choose how it is."
    fill(wizard, sealFoundCheck="intact, number agrees", sealFoundNumber="0048812")
    to_check(desk, wizard, source)
    press(wizard, "nextButton")
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.DONE)
    assert told(desk, laptop).fact("seal_check") == "intact, number agrees"
    assert desk.bench.lab.incidents.open() == ()
    assert desk.errors == []


def test_nothing_is_asked_of_a_seal_that_is_not_opened_here(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.open_target(exhibit.id)
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    wizard.exhibit.choose(exhibit)
    asked = wizard.findChild(QWidget, "sealFound")
    assert asked is not None
    assert asked.isHidden()
    assert wizard.steps[SEAL].problem() == ""
