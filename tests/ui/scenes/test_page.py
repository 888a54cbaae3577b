"""Going through the guidance at a scene in the window: what is answered there stands in the signed record."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.exhibit import PhotoView
from forensics_app.model.scene import Answer, Scene
from resources import path as resource
from tests.builders import NOON, Bench
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences
from ui.scenes.answer_entry import ChoiceButton
from ui.scenes.page import ScenesPage
from ui.scenes.photo_sheet import ScenePhotoSheet
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import CutLabel
from ui.widgets.notes import Note
from ui.widgets.table import Table

PICTURE = resource("demo/exhibit-photo-laptop.jpg")
SCENE = {
    "sceneFlow": "Computer that is on",
    "sceneSubject": "Desktop under the window",
    "scenePlace": "Lindenhofstr. 12, office",
    "sceneLed": "Sgt. Duarte",
}
CAPTURE = {
    "captureWhat": "Memory, 16 GiB",
    "captureTool": "avml",
    "captureVersion": "0.14",
    "captureCommand": "avml memory.lime",
}


def page(desk: Desk) -> ScenesPage:
    return cast(ScenesPage, desk.window.page)


def begin(desk: Desk, **values: str) -> Scene:
    """Begin a scene by the dialog and wait for its first question."""
    desk.open_dialog("beginFirstScene", "beginScene")
    desk.fill(**SCENE | values)
    desk.press("submitButton")
    desk.until(lambda: page(desk).scene.view is not None and desk.seen("questionText"))
    return scene(desk)


def scene(desk: Desk) -> Scene:
    (case,) = desk.bench.lab.cases.list()
    return desk.bench.lab.scenes.list(case.id)[-1]


def go_to(desk: Desk, step: str) -> None:
    assert page(desk).scene.table.select_key(step)
    desk.until(lambda: page(desk).scene.step == step)


def record(desk: Desk, step: str) -> None:
    """Press the primary button and wait until the page shows what was recorded."""
    before = len(desk.bench.lab.scenes.answers(scene(desk).id))
    desk.press("recordAnswer")
    desk.until(lambda: len(desk.bench.lab.scenes.answers(scene(desk).id)) == before + 1)
    desk.until(lambda: _given(desk, step) > 0 and page(desk).scene.step != step)


def _given(desk: Desk, step: str) -> int:
    view = page(desk).scene.view
    question = view.question(step) if view else None
    return len(question.given) if question else 0


def choose(desk: Desk, step: str, choice: str, reason: str = "") -> None:
    go_to(desk, step)
    desk.part(ChoiceButton, f"choice-{choice}").click()
    if reason:
        desk.fill(answerReason=reason)
    record(desk, step)


def words(desk: Desk, name: str) -> str:
    return "\n".join(part.text() for part in desk.part(QWidget, name).findChildren(QLabel))


@pytest.mark.req("REQ-04")
def test_a_scene_begun_by_the_dialog_stands_in_the_ledger_and_its_first_open_question_is_shown(desk: Desk) -> None:
    begun = begin(desk)
    assert (begun.flow, begun.place, begun.led_by) == ("live-box", SCENE["scenePlace"], SCENE["sceneLed"])
    view = page(desk).scene.view
    assert view is not None
    assert desk.part(QLabel, "pageTitle").text() == "Desktop under the window"
    assert f"{len(view.open)} questions open" in desk.part(QLabel, "pageSubtitle").text()
    assert desk.part(QLabel, "questionText").text() == view.open[0].step.text
    entry = desk.bench.lab.custody.case_history(begun.case_id)[-1]
    assert (entry.action, entry.actor) == ("scene.begin", "Tomasz Lis")
    assert desk.bench.lab.verification.verify().ok


@pytest.mark.req("REQ-04")
def test_each_missing_field_of_the_dialog_is_told_under_it_and_nothing_is_begun(desk: Desk) -> None:
    desk.open_dialog("beginFirstScene", "beginScene")
    desk.press("submitButton")
    assert desk.part(QLabel, "sceneSubjectError").text() == "Write which one it is."
    assert desk.part(QLabel, "scenePlaceError").text() == "Write the place."
    (case,) = desk.bench.lab.cases.list()
    assert desk.bench.lab.scenes.list(case.id) == ()


@pytest.mark.req("REQ-05")
def test_a_running_computer_cannot_be_closed_in_the_window_without_a_decision_and_its_reason(desk: Desk) -> None:
    begin(desk)
    desk.press("closeScene")
    refused = desk.part(Note, "closeRefused").text
    assert refused.startswith("It cannot be closed: ")
    assert "The first is 1: Photograph the screen as it is. Answer them, or say why" in refused
    assert scene(desk).closed_at is None
    go_to(desk, "live-decision")
    desk.part(ChoiceButton, "choice-pull-plug").click()
    desk.press("recordAnswer")
    assert desk.part(QLabel, "answerReasonError").text() == "Write the reason."
    assert desk.bench.lab.scenes.answers(scene(desk).id) == ()
    desk.fill(answerReason="Deletion was running")
    record(desk, "live-decision")
    (answer,) = desk.bench.lab.scenes.answers(scene(desk).id)
    assert (answer.value, answer.reason) == ("pull-plug", "Deletion was running")


@pytest.mark.req("REQ-04")
def test_another_answer_shows_the_earlier_one_struck_through_with_who_and_when(desk: Desk) -> None:
    begin(desk)
    choose(desk, "live-encryption", "no")
    go_to(desk, "live-encryption")
    assert "by Tomasz Lis, 2026-" in words(desk, "standingAnswer")
    assert not desk.seen("recordAnswer")
    desk.press("answerAnew")
    desk.part(ChoiceButton, "choice-yes").click()
    record(desk, "live-encryption")
    go_to(desk, "live-encryption")
    desk.until(lambda: desk.seen("earlierAnswer"))
    assert words(desk, "standingAnswer").startswith("Yes")
    earlier = desk.part(QWidget, "earlierAnswer")
    said = earlier.findChildren(QLabel)[0]
    assert (said.text(), said.font().strikeOut()) == ("No", True)
    assert "by Tomasz Lis, 2026-" in words(desk, "earlierAnswer")
    assert "no longer stands" in earlier.accessibleName()
    assert [one.value for one in desk.bench.lab.scenes.answers(scene(desk).id)] == ["no", "yes"]


@pytest.mark.req("REQ-04")
def test_an_answer_decides_what_is_asked_and_what_was_answered_and_is_not_asked_any_more_stays_in_sight(
    desk: Desk,
) -> None:
    begin(desk)
    choose(desk, "live-decision", "live-capture", "An encrypted volume is open")
    go_to(desk, "live-competent")
    desk.fill(answerWords="A. Kovač, course 2025")
    record(desk, "live-competent")
    go_to(desk, "live-decision")
    desk.press("answerAnew")
    desk.part(ChoiceButton, "choice-shutdown").click()
    desk.fill(answerReason="The specialist advised it")
    record(desk, "live-decision")
    desk.until(lambda: page(desk).scene.view.question("live-capture") is None)  # type: ignore[union-attr]
    go_to(desk, "live-competent")
    assert "Not asked any more" in desk.part(QLabel, "questionPlace").text()
    assert "A. Kovač, course 2025" in words(desk, "answerStory")
    assert not desk.seen("recordAnswer")


@pytest.mark.req("REQ-06")
def test_a_capture_after_something_less_volatile_is_warned_of_recorded_and_flagged(desk: Desk) -> None:
    begin(desk)
    choose(desk, "live-decision", "live-capture", "An encrypted volume is open")
    go_to(desk, "live-capture")
    order = page(desk).scene.view.order  # type: ignore[union-attr]
    for at, count in ((len(order) - 1, 1), (0, 2)):
        desk.open_dialog("addCapture", "captureSheet")
        desk.fill(captureOrder=f"{order[at].tier}  {order[at].text}", **CAPTURE)
        assert desk.seen("captureLate") == (count == 2)
        desk.press("submitButton")
        desk.until(lambda count=count: len(desk.bench.lab.scenes.captures(scene(desk).id)) == count)  # type: ignore[misc]
        desk.until(lambda count=count: _captures_shown(desk) == count)  # type: ignore[misc]
    assert [one.out_of_order for one in desk.bench.lab.scenes.captures(scene(desk).id)] == [False, True]
    table = desk.part(Table, "captures")
    said = str(table.model().index(1, 2).data(Qt.ItemDataRole.AccessibleTextRole))
    assert said == f"{order[0].tier}, out of order"
    assert desk.part(Badge, "questionState").text == "Out of order"
    told = words(desk, "captureTold")
    assert "avml memory.lime" in told
    assert "Tomasz Lis" in told
    assert "SHA-256 of the tool, " in told


def _captures_shown(desk: Desk) -> int:
    view = page(desk).scene.view
    question = view.question("live-capture") if view else None
    return len(question.captures) if question and desk.seen("captures") else 0


@pytest.mark.req("REQ-11")
def test_a_photograph_is_kept_with_its_digest_and_what_it_shows_and_appears_small(desk: Desk) -> None:
    begin(desk)
    go_to(desk, "live-screen")
    sheet = desk.open_dialog("addScenePhoto", "scenePhotoSheet")
    assert isinstance(sheet, ScenePhotoSheet)
    sheet.add([PICTURE])
    desk.fill(photoCaption="The screen as found")
    desk.press("submitButton")
    desk.until(lambda: len(desk.bench.lab.scenes.photos(scene(desk).id)) == 1)
    (photo,) = desk.bench.lab.scenes.photos(scene(desk).id)
    assert (photo.view, photo.caption) == (PhotoView.SCREEN, "The screen as found")
    desk.until(lambda: desk.seen("photo0"))
    picture = desk.part(QWidget, "photo0").findChildren(QLabel)[0]
    desk.until(lambda: not picture.pixmap().isNull())
    assert desk.part(Badge, "questionState").text == "Answered"
    assert [one.text() for one in desk.part(QWidget, "photo0").findChildren(CutLabel) if one.toolTip()] == []


def test_where_nothing_was_chosen_it_is_said_until_something_is_and_photographs_have_the_keyboard(desk: Desk) -> None:
    begin(desk)
    desk.window.activateWindow()
    go_to(desk, "live-encryption")
    desk.press("recordAnswer")
    assert desk.seen("answerRefused")
    desk.part(ChoiceButton, "choice-yes").click()
    assert not desk.seen("answerRefused")
    go_to(desk, "live-screen")
    page(desk).scene.question.take_keyboard()
    assert page(desk).scene.question.findChild(Button, "addScenePhoto").hasFocus()


@pytest.mark.req("REQ-05")
def test_what_cannot_be_answered_is_recorded_with_its_reason(desk: Desk) -> None:
    begin(desk)
    go_to(desk, "live-time")
    desk.press("recordAnswer")
    assert "or say that it cannot be answered" in desk.part(QLabel, "answerWordsError").text()
    assert not desk.seen("answerRefused"), "it is said once"
    desk.part(QCheckBox, "cannotAnswer").setChecked(True)
    desk.fill(answerReason="The screen was black")
    record(desk, "live-time")
    go_to(desk, "live-time")
    assert desk.part(Badge, "questionState").text == "Not done"
    assert "The screen was black" in words(desk, "standingAnswer")


def test_what_was_typed_and_not_recorded_is_still_there_after_another_question(desk: Desk) -> None:
    begin(desk)
    go_to(desk, "live-time")
    desk.fill(answerWords="14:02 shown, 14:05 by the clock")
    go_to(desk, "live-encryption")
    go_to(desk, "live-time")
    assert page(desk).scene.question.findChildren(QWidget, "answerWords")[-1].toPlainText().startswith("14:02")  # type: ignore[attr-defined]


def answer_everything(desk: Desk, begun: Scene) -> None:
    """Answer by the services what is open, with the first answer offered or words."""
    lab, actor = desk.bench.lab, desk.bench.custodian
    while missing := lab.scenes.missing(begun.id):
        step = missing[0]
        offered = step.choices[0].id if step.choices else "not done"
        lab.scenes.answer(actor, begun.id, step.id, Answer(value=offered, reason="At hand"), desk.bench.clock())


@pytest.mark.req("REQ-05")
def test_a_scene_without_open_questions_closes_and_takes_nothing_more(desk: Desk) -> None:
    begun = begin(desk, sceneFlow="Computer that is off")
    answer_everything(desk, begun)
    page(desk).refresh()
    desk.until(lambda: "nothing open" in desk.part(QLabel, "pageSubtitle").text())
    desk.open_dialog("closeScene", "closeSceneSheet")
    desk.press("submitButton")
    desk.until(lambda: scene(desk).closed_at is not None)
    desk.until(lambda: desk.part(QLabel, "pageSubtitle").text().endswith("closed"))
    assert not desk.seen("closeScene")
    assert not desk.seen("recordAnswer")
    assert not desk.seen("answerAnew")
    assert desk.part(QLabel, "whyNotAnswer").text().startswith("Closed 2026-")


def test_a_scene_is_gone_through_by_keyboard_alone(desk: Desk) -> None:
    begin(desk)
    desk.window.activateWindow()
    go_to(desk, "live-encryption")
    table = page(desk).scene.table
    table.setFocus()
    desk.qtbot.keyClick(table, Qt.Key.Key_Return)
    desk.until(lambda: isinstance(QApplication.focusWidget(), ChoiceButton))
    focused = QApplication.focusWidget()
    assert focused is not None
    desk.qtbot.keyClick(focused, Qt.Key.Key_Space)
    desk.qtbot.keyClick(focused, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: len(desk.bench.lab.scenes.answers(scene(desk).id)) == 1)
    desk.until(lambda: page(desk).scene.step == "live-sessions")
    desk.until(lambda: isinstance(QApplication.focusWidget(), ChoiceButton))


@pytest.mark.parametrize("width", [800, 1280, 620])
def test_nothing_is_cut_unnamed_or_out_of_reach(desk: Desk, width: int, tmp_path: Path) -> None:
    desk.window.resize(width, 600)
    begin(desk)
    for step in ("live-screen", "live-untouched", "live-decision", "live-time"):
        go_to(desk, step)
        desk.laid_out(desk.window)
        assert room.unnamed(desk.window) == [], step
        assert room.unreachable(desk.window) == [], step
    desk.press("closeScene")
    desk.laid_out(desk.window)
    desk.press("allScenes")
    desk.until(lambda: desk.seen("scenes"))
    desk.laid_out(desk.window)


def test_a_supervisor_sees_the_scene_and_is_told_who_answers(desk: Desk) -> None:
    begun = begin(desk)
    desk.sign_in(desk.bench.supervisor)
    desk.window.go_to("scenes", begun.id)
    desk.until(lambda: page(desk).scene.view is not None and desk.seen("whyNotAnswer"))
    assert not desk.seen("recordAnswer")
    assert "examiner or an exhibits officer" in desk.part(QLabel, "whyNotAnswer").text()
    assert not desk.part(Button, "closeScene").isEnabled()


@pytest.mark.req("REQ-08")
def test_an_imei_with_a_wrong_check_digit_is_warned_of_and_recorded_with_the_doubt(desk: Desk) -> None:
    begun = begin(desk, sceneFlow="Telephone, tablet, wearable")
    go_to(desk, "mobile-imei")
    desk.fill(answerWords="SIM 1: 490154203237518")
    assert not desk.seen("answerDoubt")
    desk.fill(answerWords="SIM 1: 490154203237519")
    assert "The check digit of this IMEI is wrong" in desk.part(Note, "answerDoubt").text
    record(desk, "mobile-imei")
    entry = desk.bench.lab.custody.case_history(begun.case_id)[-1]
    assert "check digit of this IMEI is wrong" in str(entry.fact("doubt"))
    go_to(desk, "mobile-imei")
    assert "Doubtful, recorded as it reads" in words(desk, "standingAnswer")


def test_a_digit_typed_into_the_remark_chooses_no_answer(desk: Desk) -> None:
    begin(desk)
    desk.window.activateWindow()
    go_to(desk, "live-encryption")
    desk.part(ChoiceButton, "choice-yes").click()
    remark = desk.part(QPlainTextEdit, "answerReason")
    remark.setFocus()
    desk.qtbot.keyClicks(remark, "2 volumes")
    assert remark.toPlainText() == "2 volumes"
    assert desk.part(ChoiceButton, "choice-yes").isChecked()
    desk.qtbot.keyClick(page(desk).scene.table, Qt.Key.Key_2)
    desk.until(lambda: desk.part(ChoiceButton, "choice-no").isChecked())  # a shortcut presses visibly, and lets go


def test_photographs_before_one_that_is_refused_are_recorded_once(desk: Desk, tmp_path: Path) -> None:
    begin(desk)
    go_to(desk, "live-screen")
    gone = tmp_path / "gone.jpg"
    gone.write_bytes(PICTURE.read_bytes())
    sheet = desk.open_dialog("addScenePhoto", "scenePhotoSheet")
    assert isinstance(sheet, ScenePhotoSheet)
    sheet.add([PICTURE, gone])
    gone.unlink()
    desk.press("submitButton")
    desk.until(lambda: desk.seen("refusal"))
    gone.write_bytes(PICTURE.read_bytes() + b" ")
    desk.press("submitButton")
    desk.until(lambda: not desk.seen("scenePhotoSheet"))
    kept = desk.bench.lab.scenes.photos(scene(desk).id)
    assert len({photo.sha256 for photo in kept}) == len(kept) == 2


@pytest.mark.req("REQ-03")
def test_a_flow_whose_review_is_past_is_warned_of_where_it_is_begun_and_where_it_is_answered(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences
) -> None:
    def prepare(bench: Bench) -> None:
        bench.case()
        own = Path(shutil.copytree(resource("guidance"), tmp_path / "lab" / "guidance"))
        flows = own / "scenes.toml"
        flows.write_text(flows.read_text("utf-8").replace("review_by = 2027-06-30", "review_by = 2026-11-19"), "utf-8")

    def make(context: PageContext) -> ScenesPage:
        return ScenesPage(context, now=lambda: NOON)

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "scenes", make, prepare=prepare, who=lambda bench: bench.custodian
    ) as desk:
        desk.until(lambda: desk.seen("noScenes"))
        desk.open_dialog("beginFirstScene", "beginScene")
        assert "reviewed by 2026-11-19" in desk.part(Note, "flowOverdue").text
        desk.fill(**SCENE)
        desk.press("submitButton")
        desk.until(lambda: desk.seen("sceneOverdue"))
        assert "reviewed by 2026-11-19" in desk.part(Note, "sceneOverdue").text
        origin = desk.part(QLabel, "sceneOrigin").text()
        assert origin.startswith("Structured to follow ")
        assert "rule version 1; review by 2026-11-19" in origin


@pytest.mark.req("REQ-03")
def test_where_the_questions_come_from_is_said_beside_them(desk: Desk) -> None:
    begin(desk)
    origin = desk.part(QLabel, "sceneOrigin").text()
    assert origin.startswith("Structured to follow Electronic Evidence Guide")
    assert origin.endswith("rule version 1; review by 2027-06-30")
    assert not desk.seen("sceneOverdue")


@pytest.mark.req("REQ-01")
def test_a_scene_without_an_authority_in_force_says_so_before_anything_is_typed(desk: Desk) -> None:
    begin(desk)
    desk.bench.clock.at += timedelta(days=100)
    page(desk).refresh()
    desk.until(lambda: desk.seen("sceneAuthority"))
    assert "go on without one and say why" in desk.part(Note, "sceneAuthority").text
    choose_refused(desk)
    (case,) = desk.bench.lab.cases.list()
    until = desk.bench.clock().date()
    desk.bench.lab.cases.override_authority(desk.bench.custodian, case.id, until, "The server is being wiped")
    page(desk).refresh()
    desk.until(lambda: not desk.seen("sceneAuthority"))


def choose_refused(desk: Desk) -> None:
    go_to(desk, "live-encryption")
    desk.part(ChoiceButton, "choice-yes").click()
    desk.press("recordAnswer")
    desk.until(lambda: desk.seen("answerRefused"))
    assert "expired on 2027-01-31" in desk.part(Note, "answerRefused").text
    assert desk.part(ChoiceButton, "choice-yes").isChecked()
    assert desk.part(Button, "recordAnswer").isEnabled()
