"""What needs somebody's attention: failed integrity, incidents, what is late, disposals, the desk, interrupted work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from forensics_app.model.desk import MatterKind
from forensics_app.model.exhibit import ExhibitId, State
from forensics_app.model.incident import IncidentKind
from forensics_app.model.schedule import DueKind
from ui import text
from ui.custody.further import way_words
from ui.review.matters import SHOWN, kind_words, matter_icon, wanted_words
from ui.tones import Tone

if TYPE_CHECKING:
    from datetime import tzinfo

    from forensics_app.bootstrap import Lab
    from forensics_app.model.desk import Matter
    from forensics_app.model.disposal import Disposal
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.image import EvidenceImage, ImageCheck
    from forensics_app.model.incident import Incident
    from forensics_app.model.lab import Job
    from forensics_app.model.offer import Offer
    from forensics_app.model.schedule import Due


class Kind(StrEnum):
    """What an item of the queue is about; the worst first."""

    MISMATCH = "mismatch"
    INCIDENT = "incident"
    OVERDUE = "overdue"
    DISPOSAL = "disposal"
    MATTER = "matter"
    RECHECK = "recheck"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that waits; of what may be None exactly one is told, by its kind."""

    kind: Kind
    key: str
    case: str
    image: EvidenceImage | None = None
    checks: tuple[ImageCheck, ...] = ()
    exhibit: Exhibit | None = None
    job: Job | None = None
    incident: Incident | None = None
    disposal: Disposal | None = None
    matter: Matter | None = None
    offer: Offer | None = None
    scheduled: Due | None = None

    @property
    def exhibit_id(self) -> ExhibitId | None:
        """The exhibit that it is about; None where it is about none."""
        if self.image:
            return self.image.exhibit_id
        if self.exhibit:
            return self.exhibit.id
        if self.matter and self.matter.kind is MatterKind.KEY_ENDED:
            return ExhibitId(UUID(self.matter.about))
        about = self.incident or self.disposal or self.offer
        return about.exhibit_id if about else None

    @property
    def icon(self) -> str:
        """The icon of its row."""
        if self.matter:
            return matter_icon(self.matter.kind)
        return {
            Kind.MISMATCH: "verify-broken",
            Kind.INCIDENT: "seal",
            Kind.OVERDUE: "clock",
            Kind.DISPOSAL: "custody",
            Kind.RECHECK: "hash",
            Kind.INTERRUPTED: "verify-warning",
        }[self.kind]

    @property
    def title(self) -> str:
        """What it is."""
        if self.image:
            return _tr("Digest mismatch on {number}").format(number=self.image.number)
        if self.incident:
            kind = incident_words(self.incident.kind)
            return _tr("{kind}: {number}").format(kind=kind, number=self.incident.number)
        if self.disposal:
            return _tr("Disposal of {number}").format(number=self.disposal.number)
        if self.exhibit:
            return late_words(self.exhibit)
        if self.offer:
            return _tr("Offer of {number} is not answered").format(number=self.offer.number)
        if self.matter:
            return kind_words(self.matter.kind)
        if self.scheduled:
            return due_words(self.scheduled)
        kind = self.job.kind.capitalize() if self.job else ""
        return _tr("{kind} was interrupted").format(kind=kind)

    @property
    def second(self) -> str:
        """More of it, on a second line."""
        if self.image:
            return what_differs(self.image, self.checks)
        if self.incident:
            return self.incident.what
        if self.disposal:
            return _tr("{way}, proposed by {name}").format(
                way=way_words(self.disposal.way), name=self.disposal.proposed_by
            )
        if self.exhibit:
            return _tr("{what}, with {holder}").format(what=self.exhibit.description, holder=self.exhibit.holder)
        if self.offer:
            return _tr("{giver} offered it to {receiver}").format(giver=self.offer.giver, receiver=self.offer.receiver)
        if self.matter:
            return self.matter.what
        if self.scheduled:
            return last_verified(self.scheduled)
        return self.job.subject if self.job else ""

    @property
    def since(self) -> datetime:
        """When it began to need attention."""
        if self.image:
            return self.image.ended_at
        if self.incident:
            return self.incident.raised_at
        if self.disposal:
            return self.disposal.decided_at or self.disposal.proposed_at
        if self.exhibit and self.exhibit.due_at:
            return self.exhibit.due_at
        if self.offer:
            return self.offer.due
        if self.matter:
            return self.matter.since
        if self.scheduled:
            return self.scheduled.due_at
        assert self.job is not None
        return self.job.started_at

    def wanted(self) -> tuple[Tone, str]:
        """What is to be done, with its mark."""
        if self.matter:
            return wanted_words(self.matter)
        match self.kind:
            case Kind.MISMATCH:
                return Tone.BAD, _tr("Release or quarantine")
            case Kind.OVERDUE:
                return Tone.LATE, _tr("Follow up")
            case Kind.RECHECK:
                return Tone.LATE, _tr("Verify again")
            case Kind.INCIDENT:
                return Tone.BAD, _tr("Decide and close")
            case Kind.DISPOSAL:
                approved = self.disposal is not None and self.disposal.decided_at is not None
                return Tone.INFO, _tr("Carry out") if approved else _tr("Approve or reject")
        return Tone.WARN, _tr("Start again or give up")

    def due(self, now: datetime, zone: tzinfo) -> tuple[Tone, str]:
        """Since when it waits, or how late it is."""
        if self.kind in (Kind.OVERDUE, Kind.RECHECK):
            late = text.rough_duration_text((now - self.since).total_seconds())
            return Tone.LATE, _tr("{time} late").format(time=late)
        return Tone.NONE, text.time_text(self.since, zone, to_minute=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """The queue, and when it was read."""

    items: tuple[Item, ...]
    read_at: datetime

    def count(self, kind: Kind) -> int:
        """How many items of a kind there are."""
        return sum(item.kind is kind for item in self.items)

    @property
    def unexplained(self) -> int:
        """How many items end by an explanation, which anybody who works on the case can give; they are not decided."""
        return sum(item.matter is not None and item.matter.kind is MatterKind.GAP for item in self.items)


def read_review(lab: Lab, now: datetime, *, gaps: bool) -> ReviewView:
    """Look through every case of the lab; ``gaps``, for which every entry of open cases is read, only if asked for."""
    cases = lab.cases.list()
    numbers: dict[object, str] = {case.id: case.number for case in cases}
    mismatch = [
        Item(
            kind=Kind.MISMATCH, key=f"image-{one.id}", case=numbers.get(one.case_id, ""), image=one,
            checks=lab.intake.checks(one.id),
        )
        for one in lab.intake.failed()
    ]  # fmt: skip
    overdue = [
        Item(kind=Kind.OVERDUE, key=f"exhibit-{one.id}", case=case, exhibit=one) for one, case in lab.desk.late(now)
    ]
    cut_off = [
        Item(kind=Kind.INTERRUPTED, key=f"job-{job.id}", case=numbers.get(job.case_id, _tr("Lab")), job=job)
        for job in lab.journal.interrupted()
    ]
    overdue += [
        Item(kind=Kind.OVERDUE, key=f"offer-{one.id}", case=numbers.get(one.case_id, ""), offer=one)
        for one in lab.offers.open()
        if one.is_overdue(now)
    ]
    overdue.sort(key=lambda item: item.since)
    incidents = [
        Item(kind=Kind.INCIDENT, key=f"incident-{one.id}", case=numbers.get(one.case_id, ""), incident=one)
        for one in lab.incidents.open()
    ]
    again = [
        Item(kind=Kind.RECHECK, key=f"again-{one.image_id or 'chains'}", case=one.case or _tr("Lab"), scheduled=one)
        for one in lab.schedule.due(now)
    ]
    disposals = [
        Item(kind=Kind.DISPOSAL, key=f"disposal-{one.id}", case=numbers.get(one.case_id, ""), disposal=one)
        for one in lab.disposals.waiting()
    ]
    matters = [
        Item(kind=Kind.MATTER, key=one.key, case=one.case, matter=one)
        for one in lab.desk.waiting(gaps=gaps)
        if one.kind in SHOWN
    ]
    return ReviewView(items=(*mismatch, *incidents, *overdue, *disposals, *matters, *again, *cut_off), read_at=now)


def incident_words(kind: IncidentKind) -> str:
    """What an incident is called."""
    return {
        IncidentKind.SEAL_BROKEN: _tr("Seal broken"),
        IncidentKind.SEAL_MISSING: _tr("Seal missing"),
        IncidentKind.SEAL_DIFFERS: _tr("Seal differs"),
        IncidentKind.LOST: _tr("Lost"),
        IncidentKind.OTHER: _tr("Incident"),
    }[kind]


def due_words(due: Due) -> str:
    """What is to be verified again."""
    image = due.kind is DueKind.IMAGE
    words = _tr("{number} is to be read back") if image else _tr("The chains are to be verified")
    return words.format(number=due.subject)


def last_verified(due: Due) -> str:
    """When something was last verified, how it came out, and how often it was."""
    if due.last_agreed is None:
        return _tr("Never verified since the lab was created")
    found = _tr("nothing was found") if due.last_agreed else _tr("it differed")
    times = text.plural(due.checks, _tr("verified once"), _tr("verified {n} times"))
    return _tr("Last {date}: {found}; {times}").format(date=due.last_at.date().isoformat(), found=found, times=times)


def late_words(exhibit: Exhibit) -> str:
    """What is late about an exhibit: itself, its arrival, or the receipt for it."""
    words = {
        State.IN_TRANSIT: _tr("{number} has not arrived"),
        State.TRANSFERRED: _tr("No receipt for {number}"),
    }.get(exhibit.state, _tr("{number} is not back"))
    return words.format(number=exhibit.number)


def what_differs(image: EvidenceImage, checks: tuple[ImageCheck, ...]) -> str:
    """In which digests an image differs, from what, and how much of it could not be read."""
    stored = [name for name, digest in image.source.stored_digests.items() if image.digests.get(name) != digest]
    parts = []
    if stored:
        parts.append(_tr("{names} differ from what the image itself stores").format(names=_names(stored)))
    parts += [_tr("Read again: {what}").format(what=named(check.what)) for check in checks if not check.agrees]
    if image.unreadable:
        size = text.bytes_text(sum(region.length_bytes for region in image.unreadable))
        parts.append(_tr("{size} unreadable").format(size=size))
    return "; ".join(parts) or image.integrity.value


def named(words: str) -> str:
    """``words`` with the algorithms written as people know them."""
    for name, known in (("md5", "MD5"), ("sha1", "SHA-1"), ("sha256", "SHA-256")):
        words = words.replace(name, known)
    return words


def _names(names: list[str]) -> str:
    return named(", ".join(names))


def _tr(words: str) -> str:
    return QCoreApplication.translate("Review", words)
