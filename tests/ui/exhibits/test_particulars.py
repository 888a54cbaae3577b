"""The form of a device in the window: it changes with the type, asks for what is needed, and warns."""

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from tests.forensics_app.services.registers import LAPTOP, told_of
from tests.ui import room
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill, press, said
from tests.ui.exhibits.test_page import in_sight, register_sheet, shown
from ui.exhibits.device_sheet import DeviceSheet

SEIZED = {
    "exhibitNumber": "LH/01", "exhibitDescription": "Laptop", "exhibitCondition": "Lid scratched",
    "noPhotoReason": "None at hand", "seizedPlace": "Desk",
}  # fmt: skip


@pytest.mark.req("REQ-07")
def test_the_form_changes_with_the_type_and_asks_for_what_is_needed(desk: Desk) -> None:
    press(desk.page, "registerExhibit")
    sheet = register_sheet(desk)
    fill(sheet, exhibitType="Mobile device", **SEIZED)
    assert sheet.findChild(QWidget, "particular-imei") is not None
    fill(sheet, exhibitType="Computer")
    assert sheet.particulars.device is not None
    assert sheet.particulars.device.id == "computer"
    press(sheet, "registerPrimary")
    assert said(sheet, "particular-drive_countError") == "Fill it in, or write “not available: ” and the reason."
    fill(sheet, **{f"particular-{name}": value for name, value in LAPTOP.items()})
    press(sheet, "registerPrimary")
    desk.wait(lambda: shown(desk, "LH/01"))
    form = desk.bench.lab.exhibits.particulars(desk.exhibits()[0].id)
    assert {name: one.value for name, one in form.told.items()} == LAPTOP


@pytest.mark.req("REQ-08")
def test_what_is_missing_is_shown_and_filled_in_later_and_a_doubt_is_told_at_once(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    press(desk.page, "tellHere")
    sheet = in_sight(desk, DeviceSheet)
    press(sheet, "tellPrimary")
    assert said(sheet, "whyNot") == "Nothing differs from what is recorded."
    fill(sheet, **{"particular-nic_macs": "01:00:5E:00:00:01", "particular-marks": "none"})
    assert any("group address" in text for text in texts(sheet))
    press(sheet, "tellPrimary")
    desk.wait(lambda: "nic_macs" in desk.bench.lab.exhibits.particulars(exhibit.id).told)
    assert "group address" in desk.bench.lab.exhibits.particulars(exhibit.id).told["nic_macs"].doubt


def test_a_correction_of_a_particular_needs_a_reason(desk: Desk) -> None:
    exhibit = told_of(desk.bench, desk.case)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    press(desk.page, "tellHere")
    sheet = in_sight(desk, DeviceSheet)
    assert room.unnamed(sheet) == []
    power = sheet.findChild(QComboBox, "particular-power_state")
    assert power.currentText() == "off"
    power.setCurrentText("on, locked")
    press(sheet, "tellPrimary")
    assert said(sheet, "tellReasonError").startswith("Write why it is corrected")
    fill(sheet, tellReason="photo 2 shows it")
    press(sheet, "tellPrimary")
    lab = desk.bench.lab
    desk.wait(lambda: lab.exhibits.particulars(exhibit.id).told["power_state"].value == "on, locked")
    assert lab.custody.history(exhibit.id)[-1].reason == "photo 2 shows it"


def texts(root: QWidget) -> list[str]:
    return [part.text() for part in root.findChildren(QLabel)]
