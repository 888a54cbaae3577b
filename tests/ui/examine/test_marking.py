"""A file marked in the window: hidden in every viewer, shown for a reason, hidden again when another is chosen."""

import pytest
from PySide6.QtWidgets import QPlainTextEdit

from forensics_app.model.areas import Area, AreaKind
from tests.ui import room
from tests.ui.examine.conftest import Desk
from ui.examine.mark_sheet import MarkSheet
from ui.examine.places import BytesWanted
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import ReasonSheet
from ui.widgets.notes import EmptyState


def act(desk: Desk, words: str, reason: str) -> None:
    browser = desk.page.browser
    assert browser.subject is not None
    assert browser.subject.entry is not None
    browser.mark_asked.emit(desk.image, (browser.subject.entry,))
    sheet = desk.sheet()
    assert isinstance(sheet, MarkSheet)
    assert room.unnamed(sheet) == []
    sheet.submit()
    assert sheet.isVisible(), "no reason was written"
    sheet.choice.setCurrentIndex(next(at for at in range(sheet.choice.count()) if words in sheet.choice.itemText(at)))
    field = sheet.findChild(QPlainTextEdit, "markReason")
    assert field is not None
    field.setPlainText(reason)
    closed: list[bool] = []
    sheet.finished.connect(lambda _: closed.append(True))
    sheet.submit()
    desk.settle(lambda: closed)


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_picture_marked_in_the_window_is_hidden_until_a_reason_is_given_and_hidden_again_afterwards(
    desk: Desk,
) -> None:
    path = "/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg"
    desk.go_to(path)
    viewers = desk.page.browser.viewers
    viewers.show_tab("preview")
    hidden = desk.child(EmptyState, "noPreview")

    def shows() -> bool:
        return not viewers.preview.picture.image.isNull()

    desk.settle(shows)
    act(desk, "sensitive", "Indecent")
    desk.settle(lambda: not shows())
    act(desk, "Look", "To describe it")
    desk.settle(shows)
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    desk.go_to(path)
    desk.settle(lambda: "marked as sensitive" in hidden.accessibleName())
    assert not shows()
    actions = [event.action for event in desk.lab.custody.case_history(desk.case.id)]
    assert actions[-2:] == ["file.mark", "file.look"]
    assert desk.errors == []


@pytest.mark.req("REQ-39")
def test_the_bytes_of_a_privileged_file_are_said_to_be_hidden_and_not_to_be_unreadable(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    hex_pane, hidden = desk.page.browser.viewers.hex, desk.child(EmptyState, "noBytes")
    act(desk, "privileged", "Letter to counsel")
    desk.settle(lambda: "marked as privileged" in hidden.accessibleName())
    assert hex_pane.refusal == ""
    assert hex_pane.view.isHidden()
    desk.child(Button, "lookForReason").click()
    sheet = desk.sheet()
    assert isinstance(sheet, MarkSheet)
    offered = [sheet.choice.itemText(at) for at in range(sheet.choice.count())]
    assert [words[:14] for words in offered] == ["Mark as sensit"], "an examiner neither looks at it nor unmarks it"
    sheet.reject()
    assert desk.errors == []


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_whole_volume_with_a_marked_file_leaves_for_a_reason_and_the_rest_of_it_without(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    area = Area(kind=AreaKind.VOLUME, volume_id="v0.p1")
    acts = lambda: [event.action for event in desk.lab.custody.case_history(desk.case.id)]  # noqa: E731
    desk.page.browser.area_export_asked.emit(BytesWanted(image=desk.image, area=area))
    desk.settle(lambda: acts()[-1] == "file.export")
    (written,) = desk.out.iterdir()
    written.unlink()
    act(desk, "sensitive", "Indecent")
    desk.page.browser.area_export_asked.emit(BytesWanted(image=desk.image, area=area))
    sheet = desk.sheet()
    assert isinstance(sheet, ReasonSheet)
    assert not list(desk.out.iterdir())
    reason = sheet.findChild(QPlainTextEdit, "reason")
    assert reason is not None
    reason.setPlainText("For the expert of the court")
    sheet.submit()
    desk.settle(lambda: acts()[-2:] == ["file.look", "file.export"])
    assert desk.lab.custody.case_history(desk.case.id)[-1].facts["looked_because"] == ["For the expert of the court"]
    desk.page.browser.area_export_asked.emit(BytesWanted(image=desk.image, area=area, offset_bytes=0, size_bytes=512))
    desk.settle(lambda: len(list(desk.out.iterdir())) == 2)
    assert desk.errors == []
