"""A date and time to fill in where clocks were changed: asked which of two it was, and refused where it never was."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QTime
from pytestqt.qtbot import QtBot

from ui.exhibits.moment import Clock, Moment, MomentField
from ui.widgets import forms

BERLIN = ZoneInfo("Europe/Berlin")
BACK, FORWARD = datetime(2026, 10, 25, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def form(qtbot: QtBot) -> forms.Form:
    made = forms.Form()
    qtbot.addWidget(made)
    return made


def field_on(form: forms.Form, day: datetime) -> MomentField:
    made = MomentField("When (Europe/Berlin)", Moment(day, BERLIN), name="when")
    form.add(made)
    form.show()
    return made


def type_time(field: MomentField, hour: int, minute: int) -> None:
    field.moment.entry.setTime(QTime(hour, minute))


@pytest.mark.req("REQ-13")
@pytest.mark.parametrize(
    ("choice", "said"),
    [(1, "2026-10-25T02:30:00+02:00"), (2, "2026-10-25T02:30:00+01:00")],
    ids=["the first", "the second"],
)
def test_a_time_that_was_shown_twice_is_asked_about_and_told_with_the_offset_that_was_chosen(
    form: forms.Form, choice: int, said: str
) -> None:
    field = field_on(form, BACK)
    assert form.show_problems()
    assert not field.moment.which.isVisible()
    type_time(field, 2, 30)
    assert field.moment.which.isVisible()
    assert not form.show_problems()
    assert "put back and showed this time twice" in field.error
    assert field.moment.which.itemText(1) == "The first, +02:00"
    assert field.moment.which.itemText(2) == "The second, +01:00"
    field.moment.which.setCurrentIndex(choice)
    assert form.show_problems()
    assert field.moment.told().isoformat() == said


@pytest.mark.req("REQ-13")
def test_another_time_is_asked_about_anew(form: forms.Form) -> None:
    field = field_on(form, BACK)
    type_time(field, 2, 30)
    field.moment.which.setCurrentIndex(2)
    type_time(field, 3, 30)
    assert form.show_problems()
    assert (field.moment.told().isoformat(), field.moment.which.isVisible()) == ("2026-10-25T03:30:00+01:00", False)
    type_time(field, 2, 45)
    assert form.first_problem() != ""


@pytest.mark.req("REQ-13")
def test_a_time_that_no_clock_showed_is_refused(form: forms.Form) -> None:
    field = field_on(form, FORWARD)
    type_time(field, 2, 30)
    assert not form.show_problems()
    assert "put forward and never showed this time" in field.error
    assert not field.moment.which.isVisible()
    type_time(field, 3, 0)
    assert form.show_problems()
    assert field.moment.told().isoformat() == "2026-03-29T03:00:00+02:00"


@pytest.mark.parametrize("minute", [0, 30, 59])
@pytest.mark.parametrize("hour", [0, 1])
def test_a_known_time_of_the_doubled_hour_is_shown_as_what_it_is_and_not_asked_about(
    form: forms.Form, hour: int, minute: int
) -> None:
    known = datetime(2026, 10, 25, hour, minute, tzinfo=UTC)
    field = field_on(form, known)
    assert form.show_problems()
    assert field.moment.told() == known


def test_the_second_of_two_equal_times_comes_after_the_first() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert Moment(first, BERLIN).told() < Moment(second, BERLIN).told()
    clock = Clock(first.astimezone(BERLIN), BERLIN)
    assert not clock.has_come(second.astimezone(BERLIN))
    assert clock.has_come(first.astimezone(BERLIN))
