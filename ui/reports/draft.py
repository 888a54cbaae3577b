"""What an examiner says for the next report of a case, before it is issued."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QCoreApplication

from forensics_app.model.report import Block, FindingKind, ReportRequest
from ui import text
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId

TITLE = "Report on the examination of digital evidence"


class PartKey(StrEnum):
    """The parts of a report that a person works at, in the order of the list."""

    PARTICULARS = "particulars"
    SUMMARY = "summary"
    RECORD = "record"
    FILES = "files"
    FINDINGS = "findings"
    LIMITATIONS = "limitations"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of the list of parts."""

    key: PartKey
    title: str
    icon: str
    tone: Tone
    state: str


@dataclass(slots=True, kw_only=True)
class FindingDraft:
    """A finding that is being written."""

    heading: str = ""
    opinion: bool = False
    text: str = ""
    basis: str = ""

    @property
    def gap(self) -> str:
        """What is still missing, or an empty text."""
        if not self.heading.strip():
            return _tr("No heading yet")
        if not self.text.strip():
            return _tr("No text yet")
        if self.opinion and not self.basis.strip():
            return _tr("Basis missing")
        return ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """Title, zones and texts of the next report. Paragraphs of ``summary`` are parted by an empty line."""

    title: str = TITLE
    zone: str = "UTC"
    zone_of_local_times: str = "UTC"
    summary: str = ""
    limitations: str = ""
    findings: list[FindingDraft] = field(default_factory=list)

    def request(self, case_id: CaseId, author: str) -> ReportRequest:
        """The draft as the service takes it; a finding without any words is left out."""
        written = [one for one in self.findings if one.heading.strip() or one.text.strip()]
        return ReportRequest(
            case_id=case_id,
            title=self.title.strip() or TITLE,
            zone=self.zone,
            zone_of_local_times=self.zone_of_local_times,
            summary=_paragraphs(self.summary),
            blocks=tuple(_block(one) for one in written),
            limitations=tuple(line.strip() for line in self.limitations.splitlines() if line.strip()),
        )

    def gaps(self) -> list[str]:
        """What keeps the report from being issued, a sentence each."""
        return [
            _tr("Finding {number}: {gap}.").format(number=at, gap=one.gap[:1].lower() + one.gap[1:])
            for at, one in enumerate(self.findings, 1)
            if one.gap
        ]


def parts_of(draft: Draft, *, chosen: int, differing: int, compared: bool, issued: int) -> tuple[Part, ...]:
    """The parts with how far each is."""
    ready = sum(not one.gap for one in draft.findings)
    of = _tr("{ready} of {all}").format(ready=ready, all=len(draft.findings))
    return (
        Part(key=PartKey.PARTICULARS, title=_tr("Title and zones"), icon="report", tone=Tone.OK, state=_tr("Complete")),
        _text_part(PartKey.SUMMARY, _tr("Summary"), "text", draft.summary),
        Part(
            key=PartKey.RECORD, title=_tr("Authority, exhibits, custody, tools"), icon="custody", tone=Tone.INFO,
            state=_tr("From the record"),
        ),
        Part(
            key=PartKey.FILES, title=_tr("Chosen files"), icon="tag",
            tone=_files_tone(chosen, differing, compared=compared),
            state=_files_state(chosen, differing, compared=compared),
        ),
        Part(
            key=PartKey.FINDINGS, title=_tr("Findings"), icon="examine",
            tone=Tone.NONE if not draft.findings else Tone.OK if ready == len(draft.findings) else Tone.WARN,
            state=of if draft.findings else _tr("None yet"),
        ),
        _text_part(PartKey.LIMITATIONS, _tr("Limitations"), "verify-warning", draft.limitations),
        Part(
            key=PartKey.ISSUED, title=_tr("Issued reports"), icon="sign", tone=Tone.OK if issued else Tone.NONE,
            state=text.plural(issued, _tr("1 issued"), _tr("{n} issued")) if issued else _tr("None yet"),
        ),
    )  # fmt: skip


def _text_part(key: PartKey, title: str, icon: str, words: str) -> Part:
    written = bool(words.strip())
    state = _tr("Written") if written else _tr("No text yet")
    return Part(key=key, title=title, icon=icon, tone=Tone.OK if written else Tone.NONE, state=state)


def _files_tone(chosen: int, differing: int, *, compared: bool) -> Tone:
    if differing:
        return Tone.BAD
    return Tone.OK if chosen and compared else Tone.NONE


def _files_state(chosen: int, differing: int, *, compared: bool) -> str:
    if not chosen:
        return _tr("None chosen")
    if differing:
        return text.plural(differing, _tr("1 differs"), _tr("{n} differ"))
    count = text.plural(chosen, _tr("1 file"), _tr("{n} files"))
    return _tr("{count}, equal").format(count=count) if compared else _tr("{count}, not compared").format(count=count)


def _block(one: FindingDraft) -> Block:
    return Block(
        id=uuid4(),
        heading=one.heading.strip() or _tr("Without heading"),
        kind=FindingKind.OPINION if one.opinion else FindingKind.FACT,
        text=one.text.strip(),
        basis=one.basis.strip(),
    )


def _paragraphs(words: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in words.split("\n\n") if part.strip())


def _tr(words: str) -> str:
    return QCoreApplication.translate("Reports", words)
