"""The lines of an audit that is going on: what lies there, what does not, and what is not as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication

from forensics_app.model.audit import AuditLook, FindingKind
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.incident import SealSeen
from ui.custody.seal_told import lacking, seal_words
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone

Said: TypeAlias = Mapping[tuple[FindingKind, ExhibitId | None], str]
_OF_SEALS = (
    FindingKind.SEAL_BROKEN, FindingKind.SEAL_MISSING, FindingKind.SEAL_DIFFERS, FindingKind.SEAL_NOT_CHECKED,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing that was scanned or should be; ``texts`` are the scans that mean it.

    ``exhibit`` is None for a label that nobody knows; ``seen`` is what was told of its seal.
    """

    key: str
    tone: Tone
    state: str
    number: str
    what: str
    place: str
    seal: str
    texts: tuple[str, ...]
    exhibit: Exhibit | None = None
    seen: SealSeen | None = None

    @property
    def lacks(self) -> str:
        """What still has to be told of the seal."""
        return lacking(self.number, self.seen) if self.exhibit and self.texts else ""


def lines_of(look: AuditLook, seals: Mapping[str, SealSeen]) -> tuple[AuditLine, ...]:
    """What differs first, then what was found, then what was not scanned yet.

    ``seals`` is what was told of seals, by the key of a line.
    """
    said = {(one.kind, one.exhibit_id): one.what for one in look.findings}
    unknown = [
        AuditLine(
            key=f"unknown {one.label}", tone=Tone.BAD, state=_tr("Unknown"), number=one.label[:40], what=one.what,
            place="", seal="", texts=(one.label,),
        )
        for one in look.findings
        if one.kind is FindingKind.UNKNOWN
    ]  # fmt: skip
    present = {one.id: one for one in look.scanned.values() if one}
    all_of_them = {**present, **{one.id: one for one in look.expected}}.values()
    lines = [_line(one, look, said, seals.get(str(one.id))) for one in all_of_them]
    order = (Tone.BAD, Tone.WARN, Tone.OK, Tone.NONE)
    return (*unknown, *sorted(lines, key=lambda line: order.index(line.tone)))


def _line(exhibit: Exhibit, look: AuditLook, said: Said, seen: SealSeen | None) -> AuditLine:
    texts = tuple(text for text, one in look.scanned.items() if one and one.id == exhibit.id)
    unexpected = said.get((FindingKind.UNEXPECTED, exhibit.id), "")
    of_its_seal = next((kind for kind in _OF_SEALS if (kind, exhibit.id) in said), None)
    if of_its_seal:
        tone, state = finding_mark(of_its_seal)
    elif unexpected:
        tone, state = Tone.WARN, _tr("Unexpected")
    elif texts:
        tone, state = Tone.OK, _tr("Found")
    else:
        tone, state = Tone.NONE, _tr("Not scanned yet")
    return AuditLine(
        key=str(exhibit.id), tone=tone, state=state, number=exhibit.number, what=unexpected or exhibit.description,
        place=exhibit.place, seal=exhibit.seal_number, texts=texts, exhibit=exhibit, seen=seen if texts else None,
    )  # fmt: skip


def line_columns() -> tuple[Column[AuditLine], ...]:
    """What is shown of a line."""
    return (
        Column(
            key="state", title=_tr("State"), cell=lambda one: Cell(one.state, Kind.BADGE, tone=one.tone), width_px=148
        ),
        Column(
            key="what", title=_tr("Exhibit"), cell=lambda one: Cell(one.number, Kind.TWO, one.what), width_px=220,
            stretch=True,
        ),
        Column(key="place", title=_tr("Place"), cell=lambda one: Cell(one.place), width_px=120),
        Column(key="seal", title=_tr("Seal"), cell=_seal, width_px=176),
    )  # fmt: skip


def _seal(line: AuditLine) -> Cell:
    recorded = line.seal or _tr("None recorded")
    if line.exhibit is None:
        return Cell("")
    told = seal_words(line.seen) if line.seen else _tr("Not told") if line.lacks else ""
    return Cell(recorded, Kind.TWO, told) if told else Cell(recorded)


def finding_mark(kind: FindingKind) -> tuple[Tone, str]:
    """What a finding of an audit is called."""
    return {
        FindingKind.MISSING: (Tone.BAD, _tr("Missing")),
        FindingKind.UNEXPECTED: (Tone.WARN, _tr("Unexpected")),
        FindingKind.SEAL_BROKEN: (Tone.BAD, _tr("Seal broken")),
        FindingKind.SEAL_MISSING: (Tone.BAD, _tr("Seal missing")),
        FindingKind.SEAL_DIFFERS: (Tone.BAD, _tr("Seal differs")),
        FindingKind.SEAL_NOT_CHECKED: (Tone.WARN, _tr("Seal not checked")),
        FindingKind.UNKNOWN: (Tone.BAD, _tr("Unknown label")),
    }[kind]


def _tr(words: str) -> str:
    return QCoreApplication.translate("Audits", words)
