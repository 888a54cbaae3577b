"""An encrypted volume: told of as locked, unlocked by a dialog, and read."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QLineEdit

from forensics_app.bootstrap import Lab, open_lab
from tests.builders import QUICK, Clock, make_bench
from tests.evidence import made_images
from tests.evidence.volumes import luks_images
from tests.ui import room
from tests.ui.examine.conftest import Desk, MakeDesk, take_in
from ui.widgets.buttons import Button
from ui.widgets.notes import Note
from ui.widgets.sheet import Sheet

pytestmark = luks_images.needs_cryptsetup


@pytest.fixture
def locked_lab(tmp_path: Path) -> Lab:
    tree = made_images.source_tree(tmp_path / "tree")
    volume = luks_images.holding(tmp_path / "luks", made_images.ext(tmp_path / "inner.dd", tree).read_bytes())
    bench = make_bench(tmp_path / "lab")
    image = take_in(bench, volume)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    bench.lab.close()
    return open_lab(tmp_path / "lab", now=Clock(), key_parameters=QUICK)


@pytest.fixture
def locked_desk(make_desk: MakeDesk, locked_lab: Lab) -> Desk:
    desk = make_desk(locked_lab)
    desk.read()
    desk.settle(lambda: desk.page.browser.files.unlock.isVisible())
    return desk


def unlock(desk: Desk) -> Sheet:
    desk.page.browser.files.unlock.click()
    return desk.sheet()


def part(sheet: Sheet, name: str) -> QLineEdit:
    found = sheet.findChild(QLineEdit, name)
    assert found is not None
    return found


def press(sheet: Sheet, name: str) -> None:
    button = sheet.findChild(Button, name)
    assert button is not None
    button.click()


def test_a_locked_volume_is_told_of_with_its_encryption(locked_desk: Desk) -> None:
    pane = locked_desk.page.browser.tree
    node = pane.folders.node(pane.folders.index(0, 0))
    assert node is not None
    assert "LUKS, locked" in node.second
    assert "is encrypted (LUKS) and locked" in locked_desk.why_nothing


def test_a_wrong_key_is_refused_in_the_dialog_and_the_right_one_lists_the_files(
    locked_desk: Desk, locked_lab: Lab
) -> None:
    desk = locked_desk
    sheet = unlock(desk)
    assert part(sheet, "unlockPassword").echoMode() is QLineEdit.EchoMode.Password
    assert part(sheet, "unlockRecoveryKey").echoMode() is QLineEdit.EchoMode.Password
    assert room.unnamed(sheet) == []
    desk.settle(lambda: room.cut_texts(sheet) == [])
    press(sheet, "submitButton")
    assert sheet.isVisible(), "nothing was typed"
    part(sheet, "unlockPassword").setText("wrong")
    press(sheet, "submitButton")
    refusal = sheet.findChild(Note, "refusal")
    assert refusal is not None
    desk.settle(refusal.isVisible)
    assert "opens no locked volume" in refusal.text
    part(sheet, "unlockPassword").setText(luks_images.PASSWORD)
    typed = ["what was typed"]
    part(sheet, "unlockPassword").textChanged.connect(typed.append)
    keep = sheet.findChild(QCheckBox, "unlockKeep")
    assert keep is not None
    assert not keep.isChecked()
    keep.setChecked(True)
    press(sheet, "submitButton")
    desk.settle(lambda: typed[-1] == "")
    desk.settle(lambda: (locked_lab.intake.list(desk.case.id)[0].catalogue_entries or 0) > 0)
    desk.settle(lambda: desk.page.browser.files.model.rowCount())
    entry = desk.go_to("/hello.txt", "v0.d")
    content = locked_lab.examine.read_file(desk.image, entry.volume_id, entry.address, 0, 100)
    assert len(content) == min(entry.size_bytes, 100)
    assert desk.errors == []
    actions = [event.action for event in locked_lab.custody.case_history(desk.case.id)]
    assert actions[-3:] == ["volume.unlock", "key.keep", "image.catalogue"]
