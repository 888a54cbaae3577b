"""What the guidance asks is shown where it applies, with a warning once its review is past (REQ-03)."""

from dataclasses import replace
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from chain_of_custody.guidance.library import Guidance, load
from resources import path
from ui.custody.asked_here import asked_here
from ui.exhibits.device_fields import DeviceFields
from ui.widgets.notes import Note

PAST, TO_COME = date(2020, 1, 1), date(2999, 1, 1)


@pytest.fixture(scope="module")
def guidance() -> Guidance:
    return load(path("guidance"))


@pytest.mark.req("REQ-03")
def test_rules_at_a_step_warn_once_their_review_is_past(qtbot: QtBot, guidance: Guidance) -> None:
    rules = guidance.principles[:3]
    for days, told in (((TO_COME, TO_COME, TO_COME), ""), ((TO_COME, PAST, date(2021, 5, 6)), "2020-01-01")):
        card = asked_here(
            [replace(rule, origin=replace(rule.origin, review_by=day)) for rule, day in zip(rules, days, strict=True)]
        )
        assert card is not None
        qtbot.addWidget(card)
        notes = [one.text for one in card.findChildren(Note)]
        assert len(notes) == bool(told)
        assert all(f"should have been reviewed by {told}" in one for one in notes)


@pytest.mark.req("REQ-03")
def test_fields_of_a_device_warn_once_their_review_is_past(qtbot: QtBot, guidance: Guidance) -> None:
    fields = DeviceFields(is_whole=False)
    qtbot.addWidget(fields)
    note = fields.findChild(Note, "fieldsOverdue")
    assert note is not None
    device = next(iter(guidance.devices.values()))
    for day, is_told in ((TO_COME, False), (PAST, True), (TO_COME, False)):
        fields.show_device(replace(device, id=str(day), origin=replace(device.origin, review_by=day)))
        assert note.isHidden() is not is_told
    fields.show_device(replace(device, origin=replace(device.origin, review_by=PAST)))
    assert "should have been reviewed by 2020-01-01" in note.text
