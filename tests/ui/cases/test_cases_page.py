"""The Cases page over a real lab: what is opened, changed and closed there stands in the signed record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import CaseStatus
from forensics_app.model.person import Role
from tests.builders import NOON, Bench
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.cases.page import CasesPage
from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, Chip
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import Note, SearchBox
from ui.widgets.table import Table

BASIS = {
    "instrument": "Seizure order",
    "basisNumber": "5 Gs 1/26",
    "issuer": "Regional court",
    "issuedOn": "2026-11-10",
    "expiresOn": "2027-03-01",
    "scope": "Telephones of K. Brandt",
}
CASE = {
    "caseNumberEntry": "2026-0200",
    "caseTitleEntry": "Harbour theft",
    "offence": "Theft",
    "requestingAuthority": "Prosecutor",
    "questions": "Who was called?",
}


@pytest.fixture
def saved_as(tmp_path: Path) -> Path:
    return tmp_path / "cases.csv"


def desk_over(folder: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, **more: object) -> object:
    def make(context: object) -> CasesPage:
        return CasesPage(context, ask=lambda *_: folder.parent / "cases.csv", now=lambda: NOON)  # type: ignore[arg-type]

    return open_desk(folder, qtbot, jobs, preferences, "cases", make, **more)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences) -> Iterator[Desk]:
    """A lab with one open case."""
    with desk_over(tmp_path / "lab", qtbot, jobs, preferences, prepare=Bench.case) as made:  # type: ignore[attr-defined]
        made.until(lambda: rows(made) == ["2026-0147"])
        yield made


@pytest.fixture
def new_lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences) -> Iterator[Desk]:
    """A lab without a case."""
    with desk_over(tmp_path / "lab", qtbot, jobs, preferences) as made:  # type: ignore[attr-defined]
        made.until(lambda: made.seen("noCases"))
        yield made


def table(desk: Desk) -> Table:
    return desk.window.findChild(Table, "cases")


def rows(desk: Desk) -> list[str]:
    model = table(desk).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def cells(desk: Desk, row: int) -> list[str]:
    model = table(desk).model()
    return [str(model.index(row, at).data(Qt.ItemDataRole.AccessibleTextRole)) for at in range(model.columnCount())]


def words_of(desk: Desk, name: str) -> str:
    return "\n".join(part.text() for part in desk.part(QWidget, name).findChildren(QLabel))


def closed_dialogs(desk: Desk) -> bool:
    return not any(sheet.isVisible() for sheet in desk.window.findChildren(FormSheet))


def open_a_case(desk: Desk, button: str, **values: str) -> None:
    desk.open_dialog(button, "openCase")
    desk.fill(**CASE, **BASIS | values)
    desk.press("submitButton")
    desk.until(lambda: closed_dialogs(desk))


@pytest.mark.req("REQ-01")
def test_a_case_opened_by_the_dialog_stands_in_the_ledger_in_the_list_and_at_the_top(new_lab: Desk) -> None:
    assert not new_lab.seen("openCaseButton")
    page = new_lab.window.page
    assert isinstance(page, CasesPage)
    assert page.new_button() is page.primary() is new_lab.part(Button, "openFirstCase")
    open_a_case(new_lab, "openFirstCase")
    new_lab.until(lambda: rows(new_lab) == ["2026-0200"])
    case = new_lab.bench.lab.cases.numbered("2026-0200")
    assert (case.status, case.title, case.questions) == (CaseStatus.OPEN, "Harbour theft", "Who was called?")
    assert case.legal_basis is not None
    assert str(case.legal_basis.expires_on) == "2027-03-01"
    assert case.lead_examiner_id == new_lab.bench.examiner.person.id
    assert case.supervisor_id == new_lab.bench.supervisor.person.id
    (entry,) = new_lab.bench.lab.custody.case_history(case.id)
    assert (entry.action, entry.actor) == ("case.open", "Ana Kovač")
    new_lab.until(lambda: new_lab.part(QLabel, "caseNumber").text() == "2026-0200")
    assert "valid until 2027-03-01" in new_lab.part(QLabel, "caseAuthority").text()
    assert new_lab.bench.lab.verification.verify().ok
    new_lab.until(lambda: "Case opened" in words_of(new_lab, "lastEntries"))
    assert new_lab.errors == []


def test_each_missing_or_wrong_field_is_told_under_it_and_nothing_is_recorded(desk: Desk) -> None:
    desk.open_dialog("openCaseButton", "openCase")
    desk.fill(caseNumberEntry="2026-0147", issuedOn="1 November", expiresOn="2026-11-31")
    desk.press("submitButton")
    assert "in use already" in desk.part(QLabel, "caseNumberEntryError").text()
    assert desk.part(QLabel, "caseTitleEntryError").text() == "Give the case a title."
    assert desk.part(QLabel, "scopeError").text() == "Write what it covers."
    assert desk.part(QLabel, "issuedOnError").text() == "Write the day as 2026-11-20."
    assert desk.part(QLabel, "expiresOnError").text().startswith("Write the day as 2026-11-20")
    assert desk.part(QLabel, "whyNot").text() == "See the marked fields."
    desk.fill(issuedOn="2026-11-10", expiresOn="2026-11-09")
    desk.press("submitButton")
    assert desk.part(QLabel, "expiresOnError").text() == "It would end before it was issued."
    assert len(desk.bench.lab.cases.list()) == 1


@pytest.mark.req("REQ-01")
def test_a_case_without_authority_becomes_a_draft_and_opens_when_its_authority_is_recorded(desk: Desk) -> None:
    desk.open_dialog("openCaseButton", "openCase")
    desk.part(QCheckBox, "authorityLater").setChecked(True)
    assert "becomes a draft" in desk.part(Note, "becomesDraft").text
    assert desk.part(Button, "submitButton").accessibleName() == "Open as a draft"
    desk.fill(**CASE)
    desk.press("submitButton")
    desk.until(lambda: "2026-0200" in rows(desk))
    lab = desk.bench.lab
    assert lab.cases.numbered("2026-0200").status is CaseStatus.DRAFT
    desk.until(lambda: desk.part(Badge, "summaryState").text == "Draft")
    assert "before the authority is recorded" in desk.part(Note, "authorityWarning").text

    desk.open_dialog("recordAuthority", "authoritySheet")
    desk.fill(**BASIS)
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "summaryState").text == "Open")
    case = lab.cases.numbered("2026-0200")
    assert case.status is CaseStatus.OPEN
    assert case.legal_basis is not None
    assert case.legal_basis.scope == "Telephones of K. Brandt"
    assert [entry.action for entry in lab.custody.case_history(case.id)] == ["case.open", "case.legal_basis"]
    desk.until(lambda: "5 Gs 1/26" in desk.part(QLabel, "caseAuthority").text())


@pytest.mark.req("REQ-01")
def test_replacing_an_authority_needs_a_reason_and_keeps_the_old_one_in_sight(desk: Desk) -> None:
    desk.open_dialog("recordAuthority", "authoritySheet")
    assert "4 Gs 812/26" in desk.part(Note, "authorityNow").text
    desk.fill(**BASIS)
    desk.press("submitButton")
    assert desk.part(QLabel, "reasonError").text() == "Write why the authority is replaced."
    desk.fill(reason="Extended by the court")
    desk.press("submitButton")
    desk.until(lambda: closed_dialogs(desk))
    case = desk.bench.lab.cases.numbered("2026-0147")
    entry = desk.bench.lab.custody.case_history(case.id)[-1]
    before = {change.column: change.before for change in entry.changes}
    assert entry.reason == "Extended by the court"
    assert "4 Gs 812/26" in before.values()


def test_a_change_shows_the_old_words_and_its_entry_keeps_them_with_the_reason(desk: Desk) -> None:
    desk.open_dialog("changeCaseButton", "changeCase")
    desk.press("submitButton")
    assert desk.part(QLabel, "reasonError").text() == "Write the reason."
    desk.fill(reason="Second complaint")
    desk.press("submitButton")
    assert desk.part(QLabel, "whyNot").text() == "Nothing differs yet."
    assert desk.part(QWidget, "titleNow").text() == "Lindenhof payment fraud"
    assert desk.part(QWidget, "titleNow").isReadOnly()
    desk.fill(titleNew="Lindenhof and harbour fraud")
    desk.press("submitButton")
    desk.until(lambda: cells(desk, 0)[1].startswith("Lindenhof and harbour fraud"))
    case = desk.bench.lab.cases.numbered("2026-0147")
    entry = desk.bench.lab.custody.case_history(case.id)[-1]
    assert [(change.column, change.before, change.after) for change in entry.changes] == [
        ("title", "Lindenhof payment fraud", "Lindenhof and harbour fraud")
    ]
    assert entry.reason == "Second complaint"
    desk.until(lambda: desk.part(QLabel, "caseTitle").text() == "Lindenhof and harbour fraud")


def test_what_a_closed_case_leaves_open_is_told_before(desk: Desk) -> None:
    case = desk.bench.lab.cases.numbered("2026-0147")
    desk.bench.exhibit(case, "LH/71")
    desk.sign_in(desk.bench.sign_in("Ingrid Solberg"))
    desk.until(lambda: desk.part(Button, "closeCaseButton").isEnabled())
    desk.open_dialog("closeCaseButton", "closeCase")
    assert "LH/71 was seized and not received; Sgt. Duarte has it." in desk.part(Note, "warning").text
    desk.fill(reason="It stays with the police")
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "summaryState").text == "Closed")


def test_only_a_supervisor_closes_a_case_and_others_are_told_why_not(desk: Desk) -> None:
    assert not desk.part(Button, "closeCaseButton").isEnabled()
    assert desk.part(QLabel, "whyNotCase").text() == "Only a supervisor closes a case."
    desk.sign_in(desk.bench.sign_in("Ingrid Solberg"))
    desk.until(lambda: desk.part(Button, "closeCaseButton").isEnabled())
    desk.open_dialog("closeCaseButton", "closeCase")
    desk.press("submitButton")
    assert desk.part(QLabel, "reasonError").text() == "Write the reason."
    desk.fill(reason="Judgment is final")
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "summaryState").text == "Closed")
    case = desk.bench.lab.cases.numbered("2026-0147")
    entry = desk.bench.lab.custody.case_history(case.id)[-1]
    assert (case.status, entry.reason, entry.actor) == (CaseStatus.CLOSED, "Judgment is final", "Ingrid Solberg")
    assert not desk.part(Button, "changeCaseButton").isEnabled()
    assert desk.part(QLabel, "whyNotCase").text() == "The case is closed."


@pytest.mark.req("REQ-38")
def test_an_auditor_reads_but_neither_opens_nor_changes_a_case(desk: Desk) -> None:
    desk.bench.enrol("Olga Auditor", Role.AUDITOR)
    desk.sign_in(desk.bench.sign_in("Olga Auditor"))
    desk.until(lambda: not desk.part(Button, "openCaseButton").isEnabled())
    assert "opened by an examiner" in desk.part(Button, "openCaseButton").toolTip()
    for name in ("recordAuthority", "changeCaseButton", "closeCaseButton"):
        assert not desk.part(Button, name).isEnabled()
    desk.window.go_to("cases", "new")
    desk.until(lambda: rows(desk))
    assert closed_dialogs(desk)


def test_enter_makes_another_case_the_one_that_all_pages_show_and_goes_to_its_exhibits(desk: Desk) -> None:
    desk.bench.case("2026-0148")
    desk.session.tell_record_changed()
    desk.until(lambda: len(rows(desk)) == 2)
    assert desk.session.case is not None
    other = next(number for number in rows(desk) if number != desk.session.case.number)
    table(desk).select_key(desk.bench.lab.cases.numbered(other).id)
    desk.qtbot.keyClick(table(desk), Qt.Key.Key_Return)
    assert desk.session.case.number == other
    assert desk.seen("besidePage")
    assert desk.part(QLabel, "caseNumber").text() == other


def test_chips_and_words_leave_the_cases_that_fit_and_say_when_none_does(desk: Desk) -> None:
    desk.bench.case("2026-0099", expires_on=NOON.date().replace(day=2))
    desk.session.tell_record_changed()
    desk.until(lambda: len(rows(desk)) == 2)
    assert desk.part(Chip, "chip-expired").accessibleName() == "Authority expired 1"
    desk.part(Chip, "chip-expired").click()
    assert rows(desk) == ["2026-0099"]
    desk.until(lambda: desk.seen("authorityWarning"))
    assert "expired 18 days ago" in desk.part(Note, "authorityWarning").text
    desk.part(Chip, "chip-draft").click()
    assert desk.seen("noFit")
    assert desk.seen("noCaseChosen")
    desk.window.go_to("cases", "find:0147")
    assert rows(desk) == ["2026-0147"]
    assert desk.part(SearchBox, "filterBox").text() == "0147"


def test_the_list_is_exported_with_authority_and_times_with_their_offset(desk: Desk, saved_as: Path) -> None:
    desk.part(QWidget, "exportCsv").click()
    desk.until(saved_as.exists)
    desk.until(lambda: desk.part(QLabel, "filterCount").text() == f"Written to {saved_as}")
    head, line = saved_as.read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("No.,Case,State,Authority,Exhibits,Lead,Opened (Europe/Berlin)")
    assert "Until 2027-01-31" in line
    assert "+01:00" in line


def test_a_refusal_by_the_service_is_told_in_the_dialog_which_keeps_what_was_typed(desk: Desk) -> None:
    desk.open_dialog("openCaseButton", "openCase")
    desk.bench.case("2026-0200")
    desk.fill(**CASE, **BASIS)
    desk.press("submitButton")
    desk.until(lambda: desk.seen("refusal"))
    assert "already in use" in desk.part(Note, "refusal").text
    assert desk.part(QWidget, "caseTitleEntry").text() == "Harbour theft"
    desk.fill(caseNumberEntry="2026-0201")
    desk.press("submitButton")
    desk.until(lambda: "2026-0201" in rows(desk))


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (960, 540), (640, 400)])
def test_nothing_is_cut_unnamed_or_out_of_reach_on_the_page_and_in_its_dialogs(
    desk: Desk, width: int, height: int
) -> None:
    desk.window.resize(width, height)
    page = desk.window.page
    assert page is not None
    desk.laid_out(page)
    assert room.unnamed(page) == []
    assert room.unreachable(page) == []
    for button, name in (
        ("openCaseButton", "openCase"),
        ("recordAuthority", "authoritySheet"),
        ("changeCaseButton", "changeCase"),
    ):
        sheet = desk.open_dialog(button, name)
        desk.laid_out(sheet)
        assert room.unnamed(sheet) == []
        sheet.close()
