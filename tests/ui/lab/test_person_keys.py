"""Changing a passphrase and giving a new key on the Lab page over a real lab."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from forensics_app.errors import SignInRefusedError
from tests.builders import PASSPHRASE
from tests.forensics_app.services import end_of_custody
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.page import LabPage
from ui.page import PageContext
from ui.preferences import Preferences
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import Note
from ui.widgets.table import Table

NEW = "quiet harbour with cranes"
ANA = "Ana Kovač"


@pytest.fixture
def desk(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, appearance: Appearance
) -> Iterator[Desk]:
    """A lab whose administrator is signed in."""

    def make(context: PageContext) -> LabPage:
        return LabPage(context, preferences, appearance, ask=lambda *_: None)

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab", make,
        prepare=lambda bench: end_of_custody.stored(bench, bench.case()), who=lambda bench: bench.admin,
    ) as made:  # fmt: skip
        made.until(lambda: made.window.findChild(Table, "people").model().rowCount() == 4)
        yield made


def choose(desk: Desk, name: str) -> None:
    desk.part(Table, "people").select_key(desk.bench.lab.people.named(name).id)
    desk.until(lambda: desk.part(QLabel, "cardName").text() == name)


def no_dialog(desk: Desk) -> bool:
    return not any(sheet.isVisible() for sheet in desk.window.findChildren(FormSheet))


def test_somebody_changes_their_passphrase_and_goes_on_working(desk: Desk) -> None:
    desk.open_dialog("changePassphrase", "passphraseSheet")
    desk.press("submitButton")
    assert desk.part(QLabel, "oldPassphraseError").text() == "Type your passphrase."
    desk.fill(oldPassphrase="some other words", passphrase=NEW, passphraseAgain=NEW)
    desk.press("submitButton")
    desk.until(lambda: desk.seen("refusal"))
    assert desk.part(Note, "refusal").text.startswith("The present passphrase does not open your key.")
    desk.fill(oldPassphrase=PASSPHRASE)
    desk.press("submitButton")
    desk.until(lambda: no_dialog(desk))
    assert desk.session.is_open
    assert desk.bench.lab.people.sign_in("Ada Admin", NEW).key.key_id == desk.session.actor.key.key_id
    with pytest.raises(SignInRefusedError):
        desk.bench.lab.people.sign_in("Ada Admin", PASSPHRASE)
    desk.bench.admin = desk.session.actor
    desk.bench.case("2026-0148")
    assert desk.bench.lab.verification.verify().ok
    assert desk.errors == []


def test_the_menu_at_the_persons_name_leads_to_the_passphrase_and_to_the_look(desk: Desk) -> None:
    asked = {action.text(): action for action in desk.window.top_bar.person.menu().actions()}
    asked["Theme and size on this computer"].trigger()
    desk.until(lambda: desk.part(QComboBox, "themeChoice").hasFocus())
    asked["Change passphrase…"].trigger()
    desk.until(lambda: desk.seen("passphraseSheet"))


def test_an_administrator_gives_a_new_key_and_the_card_says_who_when_and_why(desk: Desk) -> None:
    choose(desk, ANA)
    desk.open_dialog("newKey", "newKeySheet")
    desk.press("submitButton")
    assert desk.part(QLabel, "reasonError").text() == "Write the reason."
    desk.fill(reason="Forgot it on holiday", passphrase=NEW, passphraseAgain=NEW)
    desk.press("submitButton")
    desk.until(lambda: no_dialog(desk))
    card = desk.window.findChild(LabPage).person_card
    desk.until(lambda: any("by Ada Admin: Forgot it on holiday" in one.text() for one in card.findChildren(QLabel)))
    assert desk.session.is_open
    assert desk.bench.lab.people.sign_in(ANA, NEW).person.id == desk.bench.examiner.person.id
    assert desk.bench.lab.verification.verify().ok


def test_who_takes_a_new_key_for_themselves_is_signed_out(desk: Desk) -> None:
    choose(desk, "Ada Admin")
    desk.open_dialog("newKey", "newKeySheet")
    desk.fill(reason="Somebody looked on", passphrase=NEW, passphraseAgain=NEW)
    desk.press("submitButton")
    desk.until(lambda: not desk.session.is_open)
    assert desk.bench.lab.people.sign_in("Ada Admin", NEW).person.id == desk.bench.admin.person.id


@pytest.mark.req("REQ-38")
def test_who_is_no_administrator_makes_a_new_key_for_themselves_only(desk: Desk) -> None:
    desk.sign_in(desk.bench.sign_in(ANA))
    desk.until(lambda: desk.part(Table, "people").model().rowCount() == 4)
    choose(desk, "Tomasz Lis")
    desk.until(lambda: not desk.part(Button, "newKey").isEnabled())
    assert desk.part(Button, "newKey").toolTip() == "Only an administrator makes a new key for somebody else."
    choose(desk, ANA)
    assert desk.part(Button, "newKey").isEnabled()


def test_what_stays_with_a_person_is_named_before_their_key_ends_and_a_new_key_takes_them_in_again(desk: Desk) -> None:
    choose(desk, "Tomasz Lis")
    desk.open_dialog("endKey", "endKeySheet")
    assert "or on a shelf under that name: 2026-0147 LH/01." in desk.part(Note, "warning").text
    desk.fill(reason="Left the laboratory")
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "keyForce").text == "Ended")
    desk.open_dialog("newKey", "newKeySheet")
    desk.fill(reason="Came back", passphrase=NEW, passphraseAgain=NEW)
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "keyForce").text == "In force")
    choose(desk, "Ingrid Solberg")
    desk.open_dialog("endKey", "endKeySheet")
    assert not desk.seen("warning")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (640, 400)])
def test_nothing_is_cut_or_unnamed_in_the_dialogs_about_keys(desk: Desk, width: int, height: int) -> None:
    desk.window.resize(width, height)
    page = desk.window.findChild(LabPage)
    choose(desk, "Tomasz Lis")
    desk.laid_out(page)
    assert room.unreachable(page) == []
    dialogs = (("changePassphrase", "passphraseSheet"), ("newKey", "newKeySheet"), ("endKey", "endKeySheet"))
    for button, name in dialogs:
        sheet = desk.open_dialog(button, name)
        desk.laid_out(sheet)
        assert room.unnamed(sheet) == []
        desk.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
        desk.until(lambda: no_dialog(desk))
