import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import vbox
from ui.widgets.sheet import ConfirmSheet, Scrim, Sheet, sheet_body
from ui.widgets.wizard import Wizard, WizardStep


class NameSheet(Sheet):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, title="Rename LH/01", name="nameSheet")
        self.field = forms.Field("Name", forms.line_edit(), name="newName")
        self.set_body(sheet_body(self.field))
        self.set_buttons(Button("Rename", name="rename", kind="primary"), self.cancel_button())

    def problem(self) -> str:
        return "" if self.field.text() else "Write a name first."

    def request(self) -> object:
        return self.field.text()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_sheet_hands_over_a_request_and_closes(window: QWidget, qtbot: QtBot) -> None:
    sheet = NameSheet(window)
    asked: list[object] = []
    sheet.submitted.connect(asked.append)
    sheet.open()
    assert isinstance(sheet.focusWidget(), QLineEdit)
    qtbot.keyClicks(sheet.focusWidget(), "Laptop")
    qtbot.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["Laptop"]
    assert not sheet.isVisible()


def test_a_refusal_comes_into_sight_where_the_window_is_too_low_for_it(window: QWidget, qtbot: QtBot) -> None:
    window.resize(640, 400)
    sheet = FormSheet(window, title="Issue R-1", name="issueSheet", act="Sign and issue")
    field = forms.Field("Passphrase", forms.line_edit(), name="passphrase")
    sheet.fill(*(label(f"Line {at}") for at in range(12)), field, signed_as="Signed with the open key")
    sheet.open()
    qtbot.waitExposed(sheet)
    sheet.submit()
    sheet.refuse("Name and passphrase do not belong together.", "Check name and passphrase.")
    refusal = sheet.findChild(QWidget, "refusal")
    assert refusal is not None
    qtbot.waitUntil(lambda: refusal.visibleRegion().boundingRect().height() == refusal.height() > 0)


def test_the_focus_goes_to_the_first_field_in_sight_and_past_one_that_is_not(window: QWidget, qtbot: QtBot) -> None:
    sheet = Sheet(window, title="Store LH/01", name="storeSheet")
    hidden, shelf = forms.line_edit(), forms.line_edit()
    for field, words in ((hidden, "remarks"), (shelf, "shelf")):
        field.setObjectName(words)
        field.setAccessibleName(words)
    sheet.set_body(sheet_body(hidden, shelf))
    hidden.hide()
    sheet.set_buttons(Button("Store", name="store", kind="primary"), sheet.cancel_button())
    sheet.open()
    qtbot.waitExposed(sheet)
    assert sheet.focusWidget() is shelf


def test_what_is_missing_is_said_beside_the_button_and_nothing_is_handed_over(window: QWidget, qtbot: QtBot) -> None:
    sheet = NameSheet(window)
    asked: list[object] = []
    sheet.submitted.connect(asked.append)
    sheet.open()
    sheet.findChild(Button, "rename").click()
    assert asked == []
    assert sheet.findChild(QWidget, "whyNot").text() == "Write a name first."
    assert sheet.isVisible()


def test_escape_cancels_and_takes_the_veil_away(window: QWidget, qtbot: QtBot) -> None:
    sheet = NameSheet(window)
    asked: list[object] = []
    sheet.submitted.connect(asked.append)
    sheet.open()
    assert window.findChild(Scrim).size() == window.size()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(Scrim) is None)
    assert asked == []


def test_a_sheet_is_never_larger_than_its_window(window: QWidget) -> None:
    window.resize(500, 300)
    sheet = Sheet(window, title="Long", name="long", width_px=1040, height_px=746)
    sheet.set_body(sheet_body(*(label(f"line {number}") for number in range(80))))
    sheet.set_buttons(None, sheet.cancel_button())
    sheet.open()
    assert sheet.width() <= 500
    assert sheet.height() <= 300
    sheet.reject()


def test_a_sheet_grows_with_the_error_under_a_field_and_shows_no_scroll_bar(window: QWidget, qtbot: QtBot) -> None:
    sheet = NameSheet(window)
    sheet.open()
    before = sheet.height()
    sheet.field.set_error("Write the name as it stands on the label of the exhibit. " * 6)
    area = sheet.findChild(QScrollArea, "sheetScroll")
    qtbot.waitUntil(lambda: sheet.height() > before)
    qtbot.waitUntil(lambda: area.widget().height() <= area.viewport().height())
    assert not area.verticalScrollBar().isVisible()


def test_stopping_needs_a_deliberate_press(window: QWidget, qtbot: QtBot) -> None:
    sheet = ConfirmSheet(window, title="Stop?", sentences=("Nothing is kept.",), act="Stop it", keep="Go on", name="c")
    accepted: list[int] = []
    sheet.accepted.connect(lambda: accepted.append(1))
    sheet.open()
    assert sheet.focusWidget().objectName() == "keepButton"
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Space)
    assert accepted == []
    again = ConfirmSheet(window, title="Stop?", sentences=("x",), act="Stop it", keep="Go on", name="c")
    again.accepted.connect(lambda: accepted.append(1))
    again.open()
    again.findChild(Button, "confirmButton").click()
    assert accepted == [1]


class Step(WizardStep):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.field = forms.Field(title, forms.line_edit(), name=title)
        self.field.changed.connect(self.changed)
        self.setLayout(vbox(self.field, None))

    def summary(self) -> str:
        return self.field.text()

    def problem(self) -> str:
        return "" if self.field.text() else f"Write the {self.title}."


@pytest.fixture
def wizard(window: QWidget) -> Wizard:
    finish = Button("Sign", name="finish", kind="primary")
    made = Wizard(window, [Step("seal"), Step("place")], title="Take in", subtitle="LH/05", finish=finish, name="w")
    made.open()
    return made


def press(wizard: Wizard, name: str) -> None:
    wizard.findChild(Button, name).click()


def test_a_step_that_is_not_ready_says_why_and_keeps_next_disabled(wizard: Wizard) -> None:
    assert not wizard.findChild(Button, "nextButton").isEnabled()
    assert wizard.findChild(QWidget, "whyNot").text() == "Write the seal."
    press(wizard, "nextButton")
    assert wizard.current == 0


def test_the_wizard_leads_through_and_lets_one_go_back(wizard: Wizard) -> None:
    first, second = wizard.steps
    assert isinstance(first, Step)
    assert isinstance(second, Step)
    first.field.set_text("0048812")
    press(wizard, "nextButton")
    assert wizard.current == 1
    assert wizard.findChild(QWidget, "step1").accessibleName() == "seal, done, 0048812"
    assert wizard.findChild(QWidget, "step2").accessibleName() == "place, in work"
    press(wizard, "backButton")
    assert wizard.current == 0
    wizard.findChild(QWidget, "step2").click()
    assert wizard.current == 1


def test_a_later_step_cannot_be_reached_before_its_turn(wizard: Wizard) -> None:
    wizard.go_to(1)
    assert wizard.current == 0
    assert not wizard.findChild(QWidget, "step2").isEnabled()


def test_finishing_hands_over_and_closing_parks(window: QWidget, wizard: Wizard, qtbot: QtBot) -> None:
    submitted: list[object] = []
    wizard.submitted.connect(submitted.append)
    for step, words in zip(wizard.steps, ("1", "2"), strict=True):
        assert isinstance(step, Step)
        step.field.set_text(words)
        if step is wizard.steps[0]:
            press(wizard, "nextButton")
    press(wizard, "finish")
    assert submitted == [None]
    finish = Button("Sign", name="finish", kind="primary")
    other = Wizard(window, [Step("seal")], title="Take in", subtitle="", finish=finish, name="w2")
    other.open()
    with qtbot.waitSignal(other.parked):
        qtbot.keyClick(other, Qt.Key.Key_Escape)


def test_a_stray_enter_does_not_press_the_act_of_a_sheet_that_only_asks(window: QWidget, qtbot: QtBot) -> None:
    sheet = Sheet(window, title="Issue report R-1", name="onlyAsks")
    sheet.set_body(sheet_body(label("This cannot be taken back.")))
    sheet.set_buttons(Button("Sign and issue", name="sign", kind="primary"), sheet.cancel_button())
    asked: list[object] = []
    sheet.submitted.connect(asked.append)
    sheet.open()
    assert sheet.focusWidget().objectName() == "cancelButton"
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Return)
    assert asked == []
    assert not sheet.isVisible()


def test_a_sheet_follows_its_window_to_another_size(window: QWidget, qtbot: QtBot) -> None:
    sheet = Sheet(window, title="Long", name="long", width_px=800, height_px=600)
    sheet.set_body(sheet_body(*(label(f"line {number}") for number in range(80))))
    sheet.set_buttons(None, sheet.cancel_button())
    sheet.open()
    window.resize(500, 400)
    qtbot.waitUntil(lambda: sheet.size() == QSize(500, 400))  # so small that it takes the whole window
    window.resize(1200, 900)
    qtbot.waitUntil(lambda: sheet.size() == QSize(800, 876))  # the rim around it is 24 px
    middle = window.mapToGlobal(window.rect().center())
    assert (sheet.geometry().center() - middle).manhattanLength() <= 2
    sheet.reject()


def test_the_steps_stand_in_one_line_where_the_window_is_small(window: QWidget, wizard: Wizard, qtbot: QtBot) -> None:
    steps, chooser = wizard.findChild(QFrame, "Steps"), wizard.findChild(QWidget, "stepChooser")
    assert steps.isVisible()
    assert not chooser.isVisible()
    window.resize(600, 320)
    qtbot.waitUntil(chooser.isVisible)
    assert not steps.isVisible()
    assert wizard.geometry().height() <= 320
    assert chooser.accessibleName() == "Step 1 of 2: seal"
    assert chooser.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert [(one.text(), one.isEnabled()) for one in wizard.steps_menu().actions()] == [
        ("1  seal", True),
        ("2  place", False),
    ]
    first = wizard.steps[0]
    assert isinstance(first, Step)
    first.field.set_text("0048812")
    press(wizard, "nextButton")
    assert chooser.accessibleName() == "Step 2 of 2: place"
    wizard.steps_menu().actions()[0].trigger()
    assert wizard.current == 0
    window.resize(1200, 900)
    qtbot.waitUntil(steps.isVisible)
    assert not chooser.isVisible()


def test_each_step_begins_with_the_keyboard_in_its_first_field(wizard: Wizard) -> None:
    for step, words in zip(wizard.steps, ("0048812", "A-07-3"), strict=True):
        assert isinstance(step, Step)
        assert wizard.focusWidget() is step.field.entry
        step.field.set_text(words)
        press(wizard, "nextButton")
