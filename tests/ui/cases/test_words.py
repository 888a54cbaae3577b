from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from forensics_app.model.case import Case, CaseId, CaseStatus, LegalBasis
from forensics_app.model.person import PersonId
from ui.cases.basis_form import day_of
from ui.cases.words import authority_mark, authority_warning, is_expired
from ui.tones import Tone

TODAY = date(2026, 11, 22)
BASIS = LegalBasis(
    instrument="Search warrant", number="1", issuer="Court", issued_on=date(2026, 1, 1), scope="All", expires_on=TODAY
)
CASE = Case(
    id=CaseId(uuid4()),
    number="1",
    title="One",
    offence="Fraud",
    requesting_authority="Prosecutor",
    questions="",
    legal_basis=BASIS,
    lead_examiner_id=PersonId(uuid4()),
    supervisor_id=PersonId(uuid4()),
    status=CaseStatus.OPEN,
    opened_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def ending(day: date | None) -> Case:
    return replace(CASE, legal_basis=replace(BASIS, expires_on=day))


@pytest.mark.parametrize(
    ("day", "tone", "words", "warning"),
    [
        (date(2026, 11, 21), Tone.LATE, "Expired 2026-11-21", "The authority expired 1 day ago."),
        (date(2026, 11, 22), Tone.WARN, "Until 2026-11-22", "The authority ends today."),
        (date(2026, 11, 23), Tone.WARN, "Until 2026-11-23", "The authority ends tomorrow."),
        (date(2026, 12, 6), Tone.WARN, "Until 2026-12-06", "The authority ends in 14 days."),
        (date(2026, 12, 7), Tone.DONE, "Until 2026-12-07", ""),
        (None, Tone.DONE, "No end named", ""),
    ],
)
@pytest.mark.req("REQ-01")
def test_an_authority_is_warned_of_from_fourteen_days_before_its_last_day(
    day: date | None, tone: Tone, words: str, warning: str
) -> None:
    assert authority_mark(ending(day), TODAY) == (tone, words)
    said = authority_warning(ending(day), TODAY)
    assert said.startswith(warning)
    assert bool(said) == bool(warning)
    assert is_expired(ending(day), TODAY) == (tone is Tone.LATE)


def test_a_closed_case_is_not_warned_of() -> None:
    closed = replace(ending(date(2026, 1, 2)), status=CaseStatus.CLOSED)
    assert authority_mark(closed, TODAY) == (Tone.DONE, "Until 2026-01-02")
    assert authority_warning(closed, TODAY) == ""
    assert not is_expired(closed, TODAY)


def test_a_draft_says_what_cannot_be_done_yet() -> None:
    draft = replace(CASE, legal_basis=None, status=CaseStatus.DRAFT)
    assert authority_mark(draft, TODAY) == (Tone.NONE, "Not recorded")
    assert "before the authority is recorded" in authority_warning(draft, TODAY)


@pytest.mark.parametrize("words", ["", "2026-11", "22.11.2026", "20261122", "2026-W47-7", "2026-02-30"])
def test_only_whole_days_of_the_calendar_are_taken(words: str) -> None:
    assert day_of(words) is None
    assert day_of("2026-11-22") == TODAY
