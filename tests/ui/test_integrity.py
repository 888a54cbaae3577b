from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from forensics_app.model.custody import ChainReport, LabReport
from ui.integrity import Checked, shown_integrity, unchecked
from ui.tones import Tone

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
CASE, OTHER = uuid4(), uuid4()


def chain(chain_id: UUID, kind: str = "case", *, intact: bool = True, signed: bool = True) -> ChainReport:
    return ChainReport(
        chain=chain_id,
        kind=kind,
        label="2026-0147",
        intact=intact,
        signed=signed,
        trusted=True,
        not_allowed=(),
        entries=3,
        signatures=3,
        head=bytes(32),
        head_recorded_at=None,
        findings=(),
        notices=(),
    )


def report(*chains: ChainReport, rows: tuple[str, ...] = ()) -> LabReport:
    return LabReport(
        chains=chains,
        row_findings=rows,
        file_findings=(),
        root_fingerprint="00" * 32,
        checked_at=NOW - timedelta(minutes=3),
        rows_compared=1,
        files_compared=0,
    )


GOOD = report(chain(uuid4(), "lab"), chain(CASE), chain(OTHER))


def test_all_three_answers_are_given_with_when_and_by_whom() -> None:
    shown = shown_integrity(Checked(report=GOOD, by="A. Kovač"), CASE, NOW, BERLIN)
    assert shown.answers == ((Tone.OK, "Intact"), (Tone.OK, "Signed"), (Tone.OK, "Trusted"))
    assert shown.caption == "Case chain verified 14:02 +01:00 by A. Kovač"


def test_a_broken_chain_of_another_case_does_not_stain_this_one() -> None:
    checked = Checked(report=report(chain(CASE), chain(OTHER, intact=False)), by="A")
    assert shown_integrity(checked, CASE, NOW, BERLIN).intact == (Tone.OK, "Intact")
    assert shown_integrity(checked, OTHER, NOW, BERLIN).intact == (Tone.BAD, "Not intact")
    assert shown_integrity(checked, None, NOW, BERLIN).intact == (Tone.BAD, "Not intact")


def test_a_broken_lab_chain_counts_for_every_case() -> None:
    checked = Checked(report=report(chain(uuid4(), "lab", signed=False), chain(CASE)), by="A")
    assert shown_integrity(checked, CASE, NOW, BERLIN).signed == (Tone.BAD, "Not signed")


def test_a_changed_row_anywhere_counts_against_intact() -> None:
    checked = Checked(report=report(chain(CASE), rows=("exhibit LH/01: serial",)), by="A")
    assert shown_integrity(checked, CASE, NOW, BERLIN).intact == (Tone.BAD, "Not intact")


def test_an_old_check_is_no_longer_shown_as_good() -> None:
    shown = shown_integrity(Checked(report=GOOD, by="A"), CASE, NOW + timedelta(days=3), BERLIN)
    assert shown.intact == (Tone.WARN, "Intact")
    assert shown.caption == "Checked 3 days ago"


def test_entries_written_after_the_check_are_said() -> None:
    checked = replace(Checked(report=GOOD, by="A"), entries_since=True)
    shown = shown_integrity(checked, None, NOW, BERLIN)
    assert shown.caption == "All chains verified 14:02 +01:00, before the newest entry"


@pytest.mark.parametrize(
    ("last", "caption"),
    [(None, "Never checked"), (NOW - timedelta(hours=30), "Last checked 1 day 6 h ago by A. Kovač")],
)
def test_not_checked_is_a_state_of_its_own(last: datetime | None, caption: str) -> None:
    shown = unchecked(last, "A. Kovač", NOW)
    assert {tone for tone, _ in shown.answers} == {Tone.NONE}
    assert shown.caption == caption
