"""Places and people who are not users, on the Lab page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.person import Role
from forensics_app.model.register import PlaceLine
from tests.builders import Bench
from tests.forensics_app.services.registers import a_courier, a_shelf
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.page import LabPage
from ui.models.cells import CellRole
from ui.preferences import Preferences
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState, Note
from ui.widgets.table import Table

PLACES, OUTSIDERS = 2, 3


def registers(bench: Bench) -> None:
    a_shelf(bench)
    a_courier(bench)


def nothing(bench: Bench) -> None:
    """A lab in which neither a place nor somebody outside was recorded."""


@pytest.fixture(params=[registers])
def desk(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, appearance: Appearance,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:  # fmt: skip
    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab",
        lambda context: LabPage(context, preferences, appearance), prepare=request.param,
        who=lambda bench: bench.custodian,
    ) as made:  # fmt: skip
        places = 4 if request.param is registers else 0
        made.until(lambda: made.part(QTabWidget, "labTabs").tabText(PLACES) == f"Places {places}")
        yield made


def rows(desk: Desk, name: str) -> list[str]:
    model = desk.part(Table, name).model()
    return [model.index(row, 0).data(CellRole).whole.strip() for row in range(model.rowCount())]


def test_the_places_are_a_tree_and_one_more_is_added_where_it_lies(desk: Desk) -> None:
    desk.part(QTabWidget, "labTabs").setCurrentIndex(PLACES)
    assert rows(desk, "places") == ["HQ", "R114", "A", "A-07"]
    sheet = desk.open_dialog("addPlace", "placeSheet")
    desk.laid_out(sheet)
    assert room.unnamed(sheet) == []
    desk.fill(placeKind="Shelf", placeCode="A-07")
    desk.press("submitButton")
    assert "never used again" in sheet.findChild(QWidget, "placeCodeError").text()  # type: ignore[attr-defined]
    desk.fill(placeParent="HQ / R114 / A", placeCode="A-10")
    desk.press("submitButton")
    desk.until(lambda: rows(desk, "places") == ["HQ", "R114", "A", "A-07", "A-10"])
    assert desk.bench.lab.custody.lab_history()[-1].actor == "Tomasz Lis"


@pytest.mark.req("REQ-20")
def test_a_place_is_corrected_and_closed_with_a_reason_and_the_old_words_stay_in_the_record(desk: Desk) -> None:
    desk.part(QTabWidget, "labTabs").setCurrentIndex(PLACES)
    assert desk.part(Table, "places").select_key(line(desk, "A-07").place.id)
    desk.until(lambda: desk.part(QLabel, "registerTitle").text() == "A-07")
    desk.laid_out(desk.open_dialog("correctRegister", "correctSheet"))
    desk.fill(**{"new-name": "Upper shelf", "correctionReason": "It has a name now"})
    desk.press("submitButton")
    desk.until(lambda: line(desk, "A-07").place.name == "Upper shelf")
    desk.until(lambda: not desk.seen("correctSheet"))
    entry = desk.bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.reason, entry.actor) == ("place.change", "It has a name now", "Tomasz Lis")
    desk.open_dialog("endRegister", "endRegisterSheet")
    desk.fill(reason="Taken down")
    desk.press("submitButton")
    desk.until(lambda: line(desk, "A-07").place.closed_at is not None)
    desk.until(lambda: desk.part(Badge, "registerState").text == "Closed")
    assert not desk.seen("endRegister")
    assert desk.bench.lab.verification.verify().ok


def line(desk: Desk, code: str) -> PlaceLine:
    return next(one for one in desk.bench.lab.places.tree() if one.place.code == code)


def test_what_is_written_of_a_person_outside_is_corrected_and_a_refusal_is_told_in_words(desk: Desk) -> None:
    desk.part(QTabWidget, "labTabs").setCurrentIndex(OUTSIDERS)
    desk.until(lambda: desk.part(QLabel, "registerTitle").text() == "Jan Novak")
    desk.open_dialog("correctRegister", "correctSheet")
    desk.fill(**{"new-name": "", "correctionReason": "Misread"})
    desk.press("submitButton")
    desk.until(lambda: "A person needs a name." in desk.part(Note, "refusal").text)
    desk.fill(**{"new-name": "Jan Nowak"})
    desk.press("submitButton")
    desk.until(lambda: desk.part(QLabel, "registerTitle").text() == "Jan Nowak")
    desk.open_dialog("endRegister", "endRegisterSheet")
    desk.fill(reason="Left the firm")
    desk.press("submitButton")
    desk.until(lambda: desk.part(Badge, "registerState").text == "Taken off")


def test_the_only_administrator_is_named_until_there_is_a_second(desk: Desk) -> None:
    told = desk.part(Note, "onlyAdministrator").text
    (one,) = [who for who in desk.bench.lab.people.list() if Role.ADMINISTRATOR in who.roles]
    assert told.startswith(f"{one.name} is the only administrator.")
    desk.bench.enrol("Beate Second", Role.ADMINISTRATOR)
    assert desk.window.page is not None
    desk.window.page.refresh()
    desk.until(lambda: not desk.seen("onlyAdministrator"))


@pytest.mark.parametrize("desk", [nothing], indirect=True)
def test_where_nothing_is_recorded_it_is_said_what_to_do(desk: Desk) -> None:
    for tab, name, table in ((PLACES, "noPlaces", "places"), (OUTSIDERS, "noOutsiders", "outsiders")):
        desk.part(QTabWidget, "labTabs").setCurrentIndex(tab)
        assert "Add " in desk.part(EmptyState, name).accessibleName()
        assert not desk.seen(table)


def test_a_person_outside_the_lab_is_added_to_the_list(desk: Desk) -> None:
    desk.part(QTabWidget, "labTabs").setCurrentIndex(OUTSIDERS)
    assert rows(desk, "outsiders") == ["Jan Novak, Driver"]
    desk.open_dialog("addOutsider", "outsiderSheet")
    desk.fill(outsiderKind="Counsel", outsiderName="Eva Brandt")
    desk.press("submitButton")
    desk.until(lambda: rows(desk, "outsiders") == ["Eva Brandt", "Jan Novak, Driver"])


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (640, 400)])
def test_nothing_of_the_registers_is_cut_unnamed_or_out_of_reach(desk: Desk, width: int, height: int) -> None:
    desk.window.resize(width, height)
    page = desk.window.page
    assert page is not None
    for tab in (PLACES, OUTSIDERS):
        desk.part(QTabWidget, "labTabs").setCurrentIndex(tab)
        desk.laid_out(page)
        assert room.unnamed(page) == []
        assert room.unreachable(page) == []
    assert desk.part(Button, "addOutsider").isEnabled()
