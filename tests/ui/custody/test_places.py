"""Places of steps are chosen from the register of places, or told as not in it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.person import SignedIn
from forensics_app.model.register import NewPlace, Place, PlaceId, PlaceKind, PlaceLine
from tests.builders import Bench
from tests.forensics_app.services.registers import a_shelf
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.custody.page import CustodyPage
from ui.custody.step_sheet import Phase, StepSheet
from ui.jobs import JobRunner
from ui.place_field import ChoosePlaceSheet, PlaceField, PlacesKnown
from ui.widgets.buttons import Button, IconButton


def with_a_register(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    """An exhibit on a shelf that is not in the register, and a register with one shelf and an empty room."""
    case = bench.case()
    stored(bench, case)
    a_shelf(bench)
    site = bench.lab.places.tree()[0].place
    new = NewPlace(kind=PlaceKind.ROOM, code="R200", name="Empty room", parent_id=site.id)
    empty = bench.lab.places.add(bench.custodian, new)
    bench.lab.places.close(bench.custodian, empty.id, "Given back to the landlord")
    return case, lambda made: made.custodian


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    def make(context: object) -> CustodyPage:
        return CustodyPage(context, ask=lambda *_: None)  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", make, with_a_register) as made:
        page = made.window.page
        assert isinstance(page, CustodyPage)
        made.until(lambda: page.timeline.model().rowCount() == 4)
        yield made


def moving(lab: LabWindow) -> StepSheet:
    page = lab.window.page
    assert isinstance(page, CustodyPage)
    assert page.steps.menu is not None
    next(action for action in page.steps.menu.actions() if action.objectName() == "step-move").trigger()
    lab.until(lambda: lab.window.findChildren(StepSheet))
    return lab.window.findChildren(StepSheet)[-1]


def told(lab: LabWindow) -> list[str]:
    field = lab.part(PlaceField, "shelfField")
    return [part.text() for part in field.findChildren(QLabel) if part.isVisible()]


def test_a_shelf_is_searched_in_the_tree_and_taken_with_the_keyboard(lab: LabWindow) -> None:
    sheet = moving(lab)
    lab.part(IconButton, "shelfChoose").click()
    lab.until(lambda: not lab.absent("choosePlaceSheet"))
    register = lab.part(ChoosePlaceSheet, "choosePlaceSheet")
    model = register.table.model()
    shown = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert [words.strip() for words in shown] == ["HQ", "R114", "A", "A-07"]
    assert room.unnamed(register) == []
    box = register.filter.box
    box.setText("shelf")
    lab.qtbot.keyClick(box, Qt.Key.Key_Return)
    lab.until(lambda: lab.absent("choosePlaceSheet"))
    assert lab.part(QComboBox, "shelf").currentText() == "A-07"
    assert any("HQ / R114 / A / A-07" in words for words in told(lab))
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.SIGN)
    assert not lab.part(IconButton, "shelfChoose").isEnabled()
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: lab.bench.lab.exhibits.list(lab.session.case.id)[0].place == "A-07")


def test_a_shelf_that_the_register_does_not_have_or_closed_is_told_and_not_taken(lab: LabWindow) -> None:
    sheet = moving(lab)
    sheet.form.field("shelf").set_text("R200")
    assert "HQ / R200 is closed: nothing is put there any more." in told(lab)
    lab.part(Button, "stepPrimary").click()
    assert sheet.phase is Phase.FILL
    sheet.form.field("shelf").set_text("Cupboard in the hall")
    assert "Cupboard in the hall is no place of this laboratory." in told(lab)
    lab.part(Button, "stepPrimary").click()
    assert sheet.phase is Phase.FILL
    sheet.form.field("shelf").set_text("A-07-2")
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.SIGN)
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: lab.bench.lab.exhibits.list(lab.session.case.id)[0].place == "A-07-2")


def test_where_the_search_leaves_nothing_it_is_said_and_nothing_is_taken(lab: LabWindow) -> None:
    moving(lab)
    lab.part(IconButton, "shelfChoose").click()
    register = lab.part(ChoosePlaceSheet, "choosePlaceSheet")
    register.filter.box.setText("moon")
    lab.part(Button, "takePlace").click()
    why_not = register.findChild(QLabel, "whyNot")
    assert isinstance(why_not, QLabel)
    assert why_not.text() == "No place fits; empty the search."
    assert not lab.absent("choosePlaceSheet")


def test_where_no_register_is_kept_nothing_is_told_and_nothing_is_to_choose(qtbot: QtBot) -> None:
    field = PlaceField("Shelf", name="shelf", places=PlacesKnown(named=("A-07-3",)), hint="As on its label")
    qtbot.addWidget(field)
    field.show()
    field.set_text("Cupboard in the hall")
    assert field.choose.isHidden()
    assert [part.text() for part in field.findChildren(QLabel) if part.isVisible()] == ["Shelf", "As on its label"]


def test_a_place_of_an_audit_is_one_of_the_register_or_one_where_something_lies(qtbot: QtBot) -> None:
    made, now = uuid4(), datetime(2026, 11, 20, tzinfo=UTC)
    site = Place(
        id=PlaceId(made), parent_id=None, kind=PlaceKind.SITE, code="HQ", name="", recorded_at=now, closed_at=None
    )
    places = PlacesKnown(lines=(PlaceLine(place=site, depth=0, path="HQ"),), named=("A-07-3",))
    field = PlaceField("Place", name="auditPlace", places=places, hint="As told", why_not=places.why_no_audit)
    qtbot.addWidget(field)
    field.show()
    for code, said in (("A-07", "As told"), ("HQ", "HQ"), ("R200", "R200 is no place of this laboratory.")):
        field.set_text(code)
        assert [part.text() for part in field.findChildren(QLabel) if part.isVisible()] == ["Place", said]
        assert places.why_no_audit(code) == (said if code == "R200" else "")
