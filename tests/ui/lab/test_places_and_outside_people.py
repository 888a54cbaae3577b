"""Places and people who are not users, on the Lab page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.builders import Bench
from tests.forensics_app.services.registers import a_courier, a_shelf
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.page import LabPage
from ui.models.cells import CellRole
from ui.preferences import Preferences
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState
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
