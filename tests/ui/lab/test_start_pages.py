from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.person import Role
from ui.lab.first_start import CreateLab, FirstStart, JoinLab, zone_names
from ui.lab.sign_in import Credentials, SignIn
from ui.widgets.buttons import Button, RowButton


@pytest.fixture
def first_start(qtbot: QtBot) -> FirstStart:
    page = FirstStart([Path("/labs/north")], shortest_passphrase=12)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    return page


def fill(page: QWidget, **values: str) -> None:
    for name, value in values.items():
        page.findChild(QLineEdit, name).setText(value)


def whole(page: QWidget) -> None:
    fill(
        page, labName="North", labFolder="/labs/new", personName="Ana Kovač", function="Examiner", organisation="Police"
    )
    fill(page, idNumber="2217", passphrase="correct horse battery", passphraseAgain="correct horse battery")


def press(page: QWidget, name: str) -> None:
    page.findChild(Button, name).click()


def test_a_filled_form_asks_for_a_lab_and_its_administrator(first_start: FirstStart) -> None:
    asked: list[CreateLab] = []
    first_start.create_asked.connect(asked.append)
    whole(first_start)
    first_start.findChild(QComboBox, "labZone").setCurrentText("Europe/Berlin")
    first_start.findChild(QCheckBox, "role-supervisor").setChecked(True)
    press(first_start, "createLab")
    assert [(lab.name, lab.folder, lab.zone, lab.person_name) for lab in asked] == [
        ("North", Path("/labs/new"), "Europe/Berlin", "Ana Kovač")
    ]
    assert asked[0].roles == {Role.EXAMINER, Role.SUPERVISOR}
    assert asked[0].passphrase == "correct horse battery"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("labName", "", "Write the lab's name; it stands on every report."),
        ("labFolder", " ", "Choose the folder that the lab will live in."),
        ("personName", "", "Write your name as it stands on papers."),
        ("passphrase", "short", "Add 7 more characters."),
        ("passphraseAgain", "correct horse batterz", "The two differ. Type the same passphrase again."),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(
    first_start: FirstStart, field: str, value: str, error: str
) -> None:
    asked: list[CreateLab] = []
    first_start.create_asked.connect(asked.append)
    whole(first_start)
    fill(first_start, **{field: value})
    press(first_start, "createLab")
    assert asked == []
    shown = first_start.findChild(QWidget, f"{field}Error")
    assert shown.isVisible()
    assert shown.text() == error


def test_a_zone_that_does_not_exist_is_refused(first_start: FirstStart) -> None:
    whole(first_start)
    first_start.findChild(QComboBox, "labZone").setCurrentText("Mars/Olympus")
    press(first_start, "createLab")
    assert first_start.findChild(QWidget, "labZoneError").isVisible()


def test_the_length_of_the_passphrase_is_told_while_it_is_typed(first_start: FirstStart, qtbot: QtBot) -> None:
    field = first_start.findChild(QWidget, "passphraseField")
    qtbot.keyClicks(first_start.findChild(QLineEdit, "passphrase"), "correct")
    assert field._hint.text() == "7 of at least 12 characters"
    qtbot.keyClicks(first_start.findChild(QLineEdit, "passphrase"), " horse")
    assert field._hint.text() == "13 characters: long enough"


def test_a_recent_lab_is_opened_by_one_press(first_start: FirstStart) -> None:
    asked: list[Path] = []
    first_start.open_asked.connect(asked.append)
    first_start.findChild(RowButton, "recentLab0").click()
    assert asked == [Path("/labs/north")]


def test_a_shared_lab_is_asked_for_by_its_server_and_folder(first_start: FirstStart) -> None:
    asked: list[JoinLab] = []
    first_start.join_asked.connect(asked.append)
    press(first_start, "joinLab")
    assert asked == []
    assert first_start.findChild(QWidget, "joinServerError").isVisible()
    fill(first_start, joinServer="postgresql://server/lab", joinFolder="/mnt/lab")
    press(first_start, "joinLab")
    assert asked == [JoinLab(server="postgresql://server/lab", folder=Path("/mnt/lab"))]


def test_a_lab_can_be_created_on_a_server(first_start: FirstStart) -> None:
    asked: list[CreateLab] = []
    first_start.create_asked.connect(asked.append)
    whole(first_start)
    fill(first_start, labServer="postgresql://server/lab")
    press(first_start, "createLab")
    assert [lab.server for lab in asked] == ["postgresql://server/lab"]


def test_while_it_is_busy_the_page_takes_no_other_wish(first_start: FirstStart) -> None:
    first_start.show_busy("Creating the lab and your key …")
    assert not first_start.findChild(Button, "createLab").isEnabled()
    assert first_start.findChild(QWidget, "busyNote").isVisible()
    first_start.show_busy("")
    assert first_start.findChild(Button, "createLab").isEnabled()


def test_there_are_zones_to_choose_from() -> None:
    assert {"UTC", "Europe/Berlin", "Asia/Tbilisi"} <= set(zone_names())


@pytest.fixture
def sign_in(qtbot: QtBot) -> SignIn:
    page = SignIn(
        lab_name="North", folder=Path("/labs/north"), people=["Ana Kovač", "Tomasz Lis"], last_person="Ana Kovač"
    )
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    return page


def test_name_and_passphrase_are_handed_over(sign_in: SignIn, qtbot: QtBot) -> None:
    asked: list[Credentials] = []
    sign_in.sign_in_asked.connect(asked.append)
    fill(sign_in, signInPassphrase=" with blanks ")
    qtbot.keyClick(sign_in.findChild(QLineEdit, "signInPassphrase"), Qt.Key.Key_Return)
    assert asked == [Credentials(name="Ana Kovač", passphrase=" with blanks ")]
    assert not sign_in.findChild(Button, "signInButton").isEnabled()


def test_a_name_that_is_not_in_the_list_can_be_typed(sign_in: SignIn) -> None:
    asked: list[Credentials] = []
    sign_in.sign_in_asked.connect(asked.append)
    sign_in.findChild(QComboBox, "signInName").setCurrentText("Somebody Else")
    fill(sign_in, signInPassphrase="x")
    press(sign_in, "signInButton")
    assert asked[0].name == "Somebody Else"


def test_nothing_is_asked_without_a_passphrase(sign_in: SignIn) -> None:
    asked: list[Credentials] = []
    sign_in.sign_in_asked.connect(asked.append)
    press(sign_in, "signInButton")
    assert asked == []
    assert sign_in.findChild(QWidget, "signInPassphraseError").text() == "Type your passphrase."


def test_a_refusal_empties_the_passphrase_and_counts_the_wait_down(sign_in: SignIn) -> None:
    fill(sign_in, signInPassphrase="wrong")
    sign_in.refuse("Name and passphrase do not belong together.", 2)
    button = sign_in.findChild(Button, "signInButton")
    assert sign_in.findChild(QLineEdit, "signInPassphrase").text() == ""
    assert not button.isEnabled()
    assert sign_in.findChild(QWidget, "signInRefused").isVisible()
    hint = sign_in.findChild(QWidget, "signInPassphraseField")._hint
    assert hint.text() == "The next attempt is possible in 2 s."
    sign_in._count_down()
    assert hint.text() == "The next attempt is possible in 1 s."
    sign_in._count_down()
    assert button.isEnabled()
    assert not hint.isVisible()


def test_a_refusal_without_a_wait_lets_one_try_at_once(sign_in: SignIn) -> None:
    sign_in.refuse("Name and passphrase do not belong together.", 0)
    assert sign_in.findChild(Button, "signInButton").isEnabled()
