"""The verification of the record in the words of the badge: three answers, when, by whom, and how old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from ui import text
from ui.tones import Tone
from ui.widgets.badges import Integrity

if TYPE_CHECKING:
    from forensics_app.model.custody import ChainReport, LabReport

OLD_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A verification with who had it done; ``entries_since`` says that the record grew afterwards."""

    report: LabReport
    by: str
    entries_since: bool = False


def shown_integrity(checked: Checked, case_id: UUID | None, now: datetime, zone: tzinfo) -> Integrity:
    """What the badge says of the chain of ``case_id``, or of every chain when no case is open.

    A changed row or file counts against *intact*, wherever it lies: nobody can tell what it touches. An act that nobody
    might take then counts against *trusted*.
    """
    report = checked.report
    chains = [chain for chain in report.chains if case_id is None or chain.chain == case_id or chain.kind == "lab"]
    projected = not report.row_findings and not report.file_findings
    intact = projected and all(chain.intact for chain in chains)
    signed = all(chain.signed for chain in chains)
    trusted = all(chain.trusted and chain.allowed for chain in chains)
    good = Tone.WARN if now - report.checked_at > OLD_AFTER else Tone.OK
    of = _tr("Case chain") if case_id is not None else _tr("All chains")
    return Integrity(
        intact=(good, _tr("Intact")) if intact else (Tone.BAD, _tr("Not intact")),
        signed=(good, _tr("Signed")) if signed else (Tone.BAD, _tr("Not signed")),
        trusted=(good, _tr("Trusted")) if trusted else (Tone.BAD, _tr("Not trusted")),
        caption=_caption(checked, of, now, zone),
    )


def unchecked(last_at: datetime | None, last_by: str, now: datetime) -> Integrity:
    """What the badge says before this run of the program has verified anything."""
    ago = text.rough_duration_text((now - last_at).total_seconds()) if last_at else ""
    caption = (
        _tr("Last checked {time} ago by {name}").format(time=ago, name=last_by) if last_at else _tr("Never checked")
    )
    return Integrity(
        intact=(Tone.NONE, _tr("Intact?")),
        signed=(Tone.NONE, _tr("Signed?")),
        trusted=(Tone.NONE, _tr("Trusted?")),
        caption=caption,
    )


def answers_of(chain: ChainReport) -> tuple[tuple[Tone, str], ...]:
    """The three answers about one chain as badges."""
    return (
        (Tone.OK, _tr("Intact")) if chain.intact else (Tone.BAD, _tr("Not intact")),
        (Tone.OK, _tr("Signed")) if chain.signed else (Tone.BAD, _tr("Not signed")),
        (Tone.OK, _tr("Trusted")) if chain.trusted and chain.allowed else (Tone.BAD, _tr("Not trusted")),
    )


def _caption(checked: Checked, of: str, now: datetime, zone: tzinfo) -> str:
    at = checked.report.checked_at.astimezone(zone)
    if now - at > OLD_AFTER:
        return _tr("Checked {time} ago").format(time=text.duration_text((now - at).total_seconds()))
    moment = text.time_text(at, to_minute=True)
    if at.date() == now.astimezone(zone).date():
        moment = moment.split(" ", 1)[1]
    if checked.entries_since:
        return _tr("{of} verified {time}, before the newest entry").format(of=of, time=moment)
    return _tr("{of} verified {time} by {name}").format(of=of, time=moment, name=checked.by)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Integrity", words)
