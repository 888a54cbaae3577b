"""The Lab page over a real lab: enrolling, ending keys, and settling what a crash cut off."""

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QTabWidget, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from forensics_app.db.mapping import time_text
from forensics_app.db.tables import JOB
from forensics_app.errors import SignInRefusedError
from forensics_app.model.lab import JobState
from forensics_app.model.person import Role
from tests.builders import NOON, PASSPHRASE, Bench
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.page import LabPage
from ui.preferences import Preferences
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, IconButton
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import Note
from ui.widgets.table import Table

NEW = {
    "personName": "Mira Holm",
    "function": "Det. Sgt.",
    "organisation": "Harbour police",
    "idNumber": "3108",
    "passphrase": "seven quiet harbour cranes",
    "passphraseAgain": "seven quiet harbour cranes",
}


def with_an_interrupted_intake(bench: Bench) -> None:
    """A row as a killed program leaves it: still running, and nobody holds its lock."""
    case = bench.case()
    with bench.lab.database.writing() as connection:
        connection.execute(
            insert(JOB).values(
                id=str(uuid4()),
                kind="intake",
                subject="LH/03",
                case_id=str(case.id),
                parameters="{}",
                state=JobState.RUNNING.value,
                host=socket.gethostname(),
                started_at=time_text(NOON),
                ended_at=None,
                message="",
            )
        )


@pytest.fixture
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences
) -> Iterator[Desk]:
    """A lab whose administrator is signed in."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance, ask=lambda *_: tmp_path / "people.csv")  # type: ignore[arg-type]

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab", make, prepare=with_an_interrupted_intake,
        who=lambda bench: bench.admin,
    ) as made:  # fmt: skip
        made.until(lambda: made.window.findChild(Table, "people").model().rowCount() == 4)
        yield made


def people(desk: Desk) -> list[str]:
    model = desk.window.findChild(Table, "people").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def choose(desk: Desk, name: str) -> None:
    desk.part(Table, "people").select_key(desk.bench.lab.people.named(name).id)


def closed_dialogs(desk: Desk) -> bool:
    return not any(sheet.isVisible() for sheet in desk.window.findChildren(FormSheet))


@pytest.mark.req("REQ-38")
def test_an_enrolled_person_stands_in_the_list_and_signs_in_with_the_passphrase_they_typed(desk: Desk) -> None:
    desk.open_dialog("enrolButton", "enrolPerson")
    desk.fill(**NEW)
    desk.part(QCheckBox, "role-examiner").setChecked(True)
    desk.press("submitButton")
    desk.until(lambda: "Mira Holm" in people(desk))
    desk.until(lambda: desk.part(QLabel, "cardName").text() == "Mira Holm")
    signed_in = desk.bench.lab.people.sign_in("Mira Holm", "seven quiet harbour cranes")
    assert signed_in.person.roles == {Role.EXAMINER}
    assert (signed_in.person.function, signed_in.person.id_number) == ("Det. Sgt.", "3108")
    entry = desk.bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.object_label, entry.actor) == ("person.enrol", "Mira Holm", "Ada Admin")
    assert desk.bench.lab.verification.verify().ok
    desk.sign_in(signed_in)
    desk.until(lambda: desk.part(QLabel, "personName").text() == "Mira Holm")
    assert desk.errors == []


def test_what_is_missing_in_an_enrolment_is_told_and_nobody_is_enrolled(desk: Desk) -> None:
    desk.open_dialog("enrolButton", "enrolPerson")
    desk.fill(personName="ana  kovač", passphrase="short", passphraseAgain="other")
    desk.press("submitButton")
    assert "enrolled already" in desk.part(QLabel, "personNameError").text()
    assert desk.part(QLabel, "functionError").text() == "Write the rank or function."
    assert desk.part(QLabel, "passphraseError").text() == "Add 7 more characters."
    assert desk.part(QLabel, "passphraseAgainError").text().startswith("The two differ.")
    assert desk.part(Note, "rolesError").text == "Choose at least one role."
    desk.fill(**NEW)
    desk.press("submitButton")
    assert desk.part(QLabel, "whyNot").text() == "Choose at least one role."
    assert len(desk.bench.lab.people.list()) == 4


def test_who_could_be_somebody_enrolled_is_asked_for(desk: Desk) -> None:
    desk.open_dialog("enrolButton", "enrolPerson")
    desk.fill(**(NEW | {"personName": "Sgt. Ana Kovač"}))
    desk.part(QCheckBox, "role-examiner").setChecked(True)
    box = desk.part(QCheckBox, "anotherPerson")
    assert box.text() == "Sgt. Ana Kovač is another person than Ana Kovač"
    desk.press("submitButton")
    assert desk.part(QLabel, "personNameError").text().startswith("Ana Kovač is enrolled. Say below that this is")
    box.setChecked(True)
    desk.press("submitButton")
    desk.until(lambda: "Sgt. Ana Kovač" in people(desk))
    assert desk.errors == []


def test_every_role_is_offered_with_a_sentence_about_it(desk: Desk) -> None:
    desk.open_dialog("enrolButton", "enrolPerson")
    for role in Role:
        box = desk.part(QCheckBox, f"role-{role.value.replace(' ', '-')}")
        assert box.accessibleDescription().endswith(".")


def test_a_key_that_was_ended_stays_in_the_list_and_opens_nothing(desk: Desk) -> None:
    choose(desk, "Tomasz Lis")
    desk.open_dialog("endKey", "endKeySheet")
    desk.press("submitButton")
    assert desk.part(QLabel, "reasonError").text() == "Write the reason."
    desk.fill(reason="Left the laboratory")
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "keyForce").text == "Ended")
    assert "Tomasz Lis" in people(desk)
    assert not desk.seen("endKey")
    entry = desk.bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.reason) == ("person.revoke", "Left the laboratory")
    with pytest.raises(SignInRefusedError):
        desk.bench.lab.people.sign_in("Tomasz Lis", PASSPHRASE)


def test_the_only_administrator_cannot_end_their_own_key_and_the_dialog_says_why(desk: Desk) -> None:
    choose(desk, "Ada Admin")
    desk.open_dialog("endKey", "endKeySheet")
    desk.fill(reason="Tired")
    desk.press("submitButton")
    desk.until(lambda: desk.seen("refusal"))
    assert "only administrator" in desk.part(Note, "refusal").text
    assert desk.bench.lab.people.named("Ada Admin").revoked_at is None


def test_an_administrator_who_ends_their_own_key_is_signed_out(desk: Desk) -> None:
    desk.bench.enrol("Second Admin", Role.ADMINISTRATOR)
    choose(desk, "Ada Admin")
    desk.open_dialog("endKey", "endKeySheet")
    desk.fill(reason="Moves to another lab")
    desk.press("submitButton")
    desk.until(lambda: not desk.session.is_open)
    assert desk.bench.lab.people.named("Ada Admin").revoked_at is not None


@pytest.mark.req("REQ-38")
def test_who_is_no_administrator_is_told_why_they_can_neither_enrol_nor_end_keys(desk: Desk) -> None:
    desk.sign_in(desk.bench.sign_in("Ana Kovač"))
    desk.until(lambda: desk.part(Table, "people").model().rowCount() == 4)
    desk.until(lambda: not desk.part(Button, "enrolButton").isEnabled())
    why = "Only an administrator enrols people and ends keys."
    assert desk.part(Button, "enrolButton").toolTip() == why
    choose(desk, "Tomasz Lis")
    assert not desk.part(Button, "endKey").isEnabled()
    assert desk.part(QLabel, "whyNotEnd").text() == why


def test_an_interrupted_operation_is_given_up_in_the_record_and_leaves_the_tray(desk: Desk) -> None:
    tabs = desk.part(QTabWidget, "labTabs")
    assert tabs.tabText(1) == "Operations 1 · 1 interrupted"
    desk.until(lambda: [job.card.title for job in desk.window.jobs.jobs if job.acts].count("Intake of LH/03"))
    tabs.setCurrentIndex(1)
    assert desk.part(Badge, "operationState").text == "Interrupted"
    desk.open_dialog("giveUp", "giveUpSheet")
    desk.press("confirmButton")
    desk.until(lambda: desk.part(Badge, "operationState").text == "Settled")
    case = desk.bench.lab.cases.numbered("2026-0147")
    entry = desk.bench.lab.custody.case_history(case.id)[-1]
    assert (entry.action, entry.fact("decision"), entry.actor) == ("job.interrupted", "given up", "Ada Admin")
    assert "Intake of LH/03" not in [job.card.title for job in desk.window.jobs.jobs]
    assert tabs.tabText(1) == "Operations 1"
    assert not desk.seen("giveUp")


def test_the_root_fingerprint_is_shown_in_groups_and_copied_whole(desk: Desk) -> None:
    root = desk.bench.lab.verification.root_fingerprint()
    card = desk.part(QWidget, "labFacts")
    said = "\n".join(part.text() for part in card.findChildren(QLabel))
    assert f"{root[:8]} {root[8:16]}" in said
    assert "Compare this with the paper" in said
    assert str(desk.bench.lab.folder.root) in said
    card.findChild(IconButton, "copyDigest").click()
    assert QGuiApplication.clipboard().text() == root


def test_the_list_of_people_is_exported(desk: Desk, tmp_path: Path) -> None:
    next(part for part in desk.window.findChildren(IconButton, "exportCsv") if part.isVisible()).click()
    target = tmp_path / "people.csv"
    desk.until(target.exists)
    head, *lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("Name,Roles,Organisation,Key,State,Enrolled (Europe/Berlin)")
    assert len(lines) == 4
    assert "Exhibits officer" in "\n".join(lines)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (960, 540), (640, 400)])
def test_nothing_is_cut_unnamed_or_out_of_reach_on_the_page_and_in_its_dialogs(
    desk: Desk, width: int, height: int
) -> None:
    desk.window.resize(width, height)
    page = desk.window.page
    assert page is not None
    for tab in (1, 0):
        desk.part(QTabWidget, "labTabs").setCurrentIndex(tab)
        desk.laid_out(page)
        assert room.unnamed(page) == []
        assert room.unreachable(page) == []
    choose(desk, "Ingrid Solberg")
    for button, name in (("enrolButton", "enrolPerson"), ("endKey", "endKeySheet")):
        sheet = desk.open_dialog(button, name)
        desk.laid_out(sheet)
        assert room.unnamed(sheet) == []
        desk.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
        desk.until(lambda: closed_dialogs(desk))
