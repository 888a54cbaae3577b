"""The lines of an audit that is going on: what lies there, what does not, and what is not as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication

from forensics_app.model.audit import AuditLook, FindingKind
from forensics_app.model.exhibit import Exhibit, ExhibitId
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone

Said: TypeAlias = Mapping[tuple[FindingKind, ExhibitId | None], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing that was scanned or should be; ``texts`` are the scans that mean it."""

    key: str
    tone: Tone
    state: str
    number: str
    what: str
    place: str
    seal: str
    texts: tuple[str, ...]
    is_broken: bool = False


def lines_of(look: AuditLook) -> tuple[AuditLine, ...]:
    """What differs first, then what was found, then what was not scanned yet."""
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
    lines = [_line(one, look, said) for one in {**present, **{one.id: one for one in look.expected}}.values()]
    order = (Tone.BAD, Tone.WARN, Tone.OK, Tone.NONE)
    return (*unknown, *sorted(lines, key=lambda line: order.index(line.tone)))


def _line(exhibit: Exhibit, look: AuditLook, said: Said) -> AuditLine:
    texts = tuple(text for text, one in look.scanned.items() if one and one.id == exhibit.id)
    is_broken = (FindingKind.SEAL_BROKEN, exhibit.id) in said
    unexpected = said.get((FindingKind.UNEXPECTED, exhibit.id), "")
    if is_broken:
        tone, state = Tone.BAD, _tr("Seal broken")
    elif unexpected:
        tone, state = Tone.WARN, _tr("Unexpected")
    elif texts:
        tone, state = Tone.OK, _tr("Found")
    else:
        tone, state = Tone.NONE, _tr("Not scanned yet")
    return AuditLine(
        key=str(exhibit.id), tone=tone, state=state, number=exhibit.number, what=unexpected or exhibit.description,
        place=exhibit.place, seal=exhibit.seal_number, texts=texts, is_broken=is_broken,
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
        Column(key="seal", title=_tr("Seal"), cell=lambda one: Cell(one.seal, Kind.MONO), width_px=96),
    )  # fmt: skip


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
