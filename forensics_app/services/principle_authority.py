"""What the record shows of the principle of legality: acts and seizures held against the authority (REQ-01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from chain_of_custody.ledger import Content, Json
from forensics_app.db.tables import CASE
from forensics_app.model.custody import in_zone
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.scene import Gap, Scene

UNDER_AUTHORITY = (
    "exhibit.add", "exhibit.derive", "custody.seize", "custody.begin_examination", "image.intake", "scene.begin",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The authority of a case as its record had it from an entry on.

    Attributes:
        sequence: Of the entry that recorded it.
        issued_on: The day in the instrument, in the lab's zone; None where there was none yet.
        expires_on: Its last day; None where it has no end.
        override: Why it was gone on without one in force; empty where nobody decided that.
        override_until: Last day of that decision.
    """

    sequence: int = 0
    issued_on: date | None = None
    expires_on: date | None = None
    override: str = ""
    override_until: date | None = None

    def why_not(self, day: date) -> str:
        """Why it does not cover a day, a clause; empty where it does."""
        if self.issued_on is None:
            return "before an authority was recorded"
        if day < self.issued_on:
            return f"before the authority was issued on {self.issued_on}"
        if self.expires_on is not None and day > self.expires_on:
            return f"after the authority had expired on {self.expires_on}"
        return ""

    def explained(self, day: date) -> str:
        """Why it was gone on without an authority on a day; empty where nobody decided that for that day."""
        if self.expires_on is None or day <= self.expires_on or self.override_until is None:
            return ""
        return self.override if day <= self.override_until else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that needs an authority.

    Attributes:
        about: Id of what it is about.
        day: When it was recorded, in the lab's zone.
        under: The authority that the record had then.
    """

    sequence: int
    about: str
    label: str
    day: date
    under: Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorities:
    """Every authority that the case had, in the order of recording, and what was done under them.

    Attributes:
        registered: By exhibit and scene, the number of the entry that registered it.
    """

    recorded: tuple[Authority, ...]
    acts: tuple[Act, ...]
    registered: Mapping[str, int]
    zone: ZoneInfo

    def gaps(self, exhibits: Sequence[Exhibit], scenes: Sequence[Scene]) -> Iterator[Gap]:
        """What no authority covers: when it was recorded, and when it is told to have happened."""
        said = set()
        for act in self.acts:
            if why := act.under.why_not(act.day):
                said.add((act.about, act.day))
                what = f"Entry {act.sequence} ({act.label}) was made {why}."
                yield Gap(key=f"late:{act.sequence}", what=what, explained=act.under.explained(act.day))
        for exhibit in exhibits:
            day = None if exhibit.seized_at is None else exhibit.seized_at.astimezone(self.zone).date()
            if day is not None and (str(exhibit.id), day) not in said:
                yield from self._uncovered(f"seized:{exhibit.id}", f"{exhibit.number} was seized", day, str(exhibit.id))
        for scene in scenes:
            day = scene.started_at.astimezone(self.zone).date()
            if (str(scene.id), day) in said:
                continue
            yield from self._uncovered(f"scene:{scene.id}", f"{scene.subject}: the work began", day, str(scene.id))

    def _uncovered(self, key: str, what: str, day: date, registered: str) -> Iterator[Gap]:
        """A gap where neither the authority at the registering nor a later one covers the day.

        An earlier one counts no more: it was replaced before, for a reason.
        """
        at = self.registered.get(registered, 0)
        then = [one for one in self.recorded if one.sequence <= at][-1:]
        known = (*then, *(one for one in self.recorded if one.sequence > at)) or (Authority(),)
        reasons = [one.why_not(day) for one in known]
        if all(reasons):
            explained = next((one.explained(day) for one in known if one.explained(day)), "")
            yield Gap(key=key, what=f"{what} on {day}, {reasons[-1]}.", explained=explained)


def authorities_in(contents: Sequence[Content], zone: ZoneInfo) -> Authorities:
    """Go through a case chain for its authorities, and for what needs one.

    Args:
        contents: The entries that can be read.
        zone: The lab's, in which the days of an authority are told.
    """
    recorded: list[Authority] = []
    acts: list[Act] = []
    registered: dict[str, int] = {}
    told: dict[str, Json] = {}
    for content in contents:
        before = dict(told)
        for change in content.changes:
            if change.table == CASE.name:
                told |= {name: new for name, (_, new) in change.set.items() if name.startswith(("basis_", "override_"))}
            elif change.table in ("exhibit", "scene"):
                registered.setdefault(change.id, content.sequence)
        if told != before:
            recorded.append(_authority(content.sequence, told))
        if content.action in UNDER_AUTHORITY:
            act = Act(
                sequence=content.sequence,
                about=content.object.id,
                label=content.object.label,
                day=in_zone(content.recorded_at, zone).date(),
                under=recorded[-1] if recorded else Authority(),
            )
            acts.append(act)
    return Authorities(recorded=tuple(recorded), acts=tuple(acts), registered=registered, zone=zone)


def _authority(sequence: int, told: Mapping[str, Json]) -> Authority:
    """The authority as recorded; one with a day that cannot be read counts as none."""
    try:
        return Authority(
            sequence=sequence,
            issued_on=_day(told.get("basis_issued_on")),
            expires_on=_day(told.get("basis_expires_on")),
            override=str(told.get("override_reason") or ""),
            override_until=_day(told.get("override_until")),
        )
    except ValueError:
        return Authority(sequence=sequence)


def _day(told: Json) -> date | None:
    return date.fromisoformat(told) if isinstance(told, str) else None
