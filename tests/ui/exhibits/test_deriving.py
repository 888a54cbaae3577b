"""A part taken out of an exhibit, and an export of an image, registered on the page of Exhibits."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from forensics_app.model.exhibit import Exhibit, ExhibitType, State
from forensics_app.model.image import IntakeRequest, WriteBlocker
from tests.forensics_app.services.exports import exported
from tests.forensics_app.services.test_exhibits import taken_into_hand
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill
from ui.exhibits.derive_sheet import DeriveSheet


def sheet_of(desk: Desk, exhibit: Exhibit, words: str) -> DeriveSheet:
    desk.page.open_target(exhibit.id)
    details = desk.page.details
    desk.wait(lambda: words in [action.text() for action in details.more_acts])
    next(action for action in details.more_acts if action.text() == words).trigger()
    desk.wait(lambda: any(one.isVisible() for one in desk.page.window().findChildren(DeriveSheet)))
    return next(one for one in desk.page.window().findChildren(DeriveSheet) if one.isVisible())


@pytest.mark.req("REQ-09")
def test_a_drive_is_taken_out_of_a_laptop_and_an_export_of_its_image_is_registered(desk: Desk, tmp_path: Path) -> None:
    laptop = taken_into_hand(desk.bench, desk.bench.exhibit(desk.case))
    desk.show()
    sheet = sheet_of(desk, laptop, "Take a part out…")
    sheet.act_button.click()
    assert sheet.isVisible(), "nothing is registered without a description and a tool"
    fill(sheet, derivedDescription="Drive out of the laptop", derivedTool="Screwdriver T5", derivedSerial="S5H9")
    sheet.act_button.click()
    assert sheet.isVisible(), "nor without its seal, which is opened"
    fill(sheet, sealFoundCheck="intact, number agrees", sealFoundNumber="0048812")
    sheet.act_button.click()
    desk.wait(lambda: len(desk.exhibits()) == 2)
    drive = desk.bench.lab.exhibits.numbered(desk.case.id, "LH/01.1")
    assert (drive.type, drive.state, drive.serial) == (ExhibitType.STORAGE, State.UNDER_EXAM, "S5H9")
    assert drive.parent_id == laptop.id

    source = resources.path("demo/demo.E01")
    request = IntakeRequest(exhibit_id=drive.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))
    image = desk.bench.lab.intake.take_in(desk.bench.examiner, request)
    manifest = exported(desk.bench, image, tmp_path / "out")
    desk.show()
    sheet = sheet_of(desk, desk.bench.lab.exhibits.numbered(desk.case.id, image.number), "Register an export of it…")
    fill(sheet, derivedDescription="Two invoices", derivedTool="forensics-app 0.1", derivedManifest=str(manifest))
    sheet.act_button.click()
    desk.wait(lambda: len(desk.exhibits()) == 4)
    export = desk.bench.lab.exhibits.numbered(desk.case.id, f"{image.number}-E1")
    assert export.type is ExhibitType.EXPORT
    assert export.root_id == laptop.id
    assert desk.errors == []
