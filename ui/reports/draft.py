"""A draft of a report while somebody writes it: what is recorded of it, and what is not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from PySide6.QtCore import QCoreApplication

from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.report import (
    TITLES,
    Block,
    FindingKind,
    ListChoice,
    ReportKind,
    ReportRequest,
    Section,
    Statement,
)
from forensics_app.model.report_draft import EDITABLE, DraftState, ReportDraft, blockers_of
from ui import text
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.report import IssuedReport, ReportId


class PartKey(StrEnum):
    """The parts of a report that a person works at, in the order of the list."""

    PARTICULARS = "particulars"
    SECTIONS = "sections"
    SUMMARY = "summary"
    RECORD = "record"
    FILES = "files"
    LISTS = "lists"
    FINDINGS = "findings"
    LIMITATIONS = "limitations"
    STANDARDS = "standards"
    REVIEW = "review"
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
class BlockDraft:
    """A block that is being written."""

    id: UUID = field(default_factory=uuid4)
    heading: str = ""
    opinion: bool = False
    text: str = ""
    basis: str = ""
    section: Section = Section.FINDINGS

    @property
    def gap(self) -> str:
        """What is still missing, or an empty text."""
        if not self.heading.strip():
            return _tr("No heading yet")
        if not self.text.strip():
            return _tr("No text yet")
        if self.block.lacks_basis:
            return _tr("Basis missing")
        return ""

    @property
    def block(self) -> Block:
        """It as the service takes it."""
        return Block(
            id=self.id,
            heading=self.heading.strip(),
            kind=FindingKind.OPINION if self.opinion else FindingKind.FACT,
            text=self.text.strip(),
            basis=self.basis.strip(),
            section=self.section,
        )


@dataclass(slots=True, kw_only=True)
class ListDraft:
    """A list of files that is being chosen."""

    id: UUID = field(default_factory=uuid4)
    title: str = ""
    image_id: UUID | None = None
    filter: str = ""

    @property
    def gap(self) -> str:
        """What is still missing or wrong, or an empty text."""
        if not self.title.strip():
            return _tr("No title yet")
        return _tr("No image chosen") if self.image_id is None else self.fault

    @property
    def fault(self) -> str:
        """What is wrong with the filter; the zone changes nothing of that."""
        try:
            parse(self.filter, UTC)
        except FilterError as error:
            return str(error)
        return ""

    def choice(self) -> ListChoice | None:
        """It as the service takes it; None while something is missing."""
        if self.gap or self.image_id is None:
            return None
        return ListChoice(id=self.id, title=self.title.strip(), image_id=self.image_id, filter=self.filter.strip())


@dataclass(slots=True, kw_only=True)
class Draft:
    """What is written for a report. Paragraphs of ``summary`` are parted by an empty line.

    Attributes:
        recorded: The draft as it stands in the record; None while it was never saved.
    """

    title: str = TITLES[ReportKind.EXAMINATION]
    kind: ReportKind = ReportKind.EXAMINATION
    zone: str = "UTC"
    zone_of_local_times: str = "UTC"
    language: str = "en"
    sections: tuple[Section, ...] = ()
    summary: str = ""
    limitations: str = ""
    changes: str = ""
    statements: tuple[Statement, ...] = ()
    blocks: list[BlockDraft] = field(default_factory=list)
    lists: list[ListDraft] = field(default_factory=list)
    replaces: ReportId | None = None
    recorded: ReportDraft | None = None

    @classmethod
    def of(cls, content: ReportRequest, recorded: ReportDraft | None = None) -> Draft:
        """What is written in ``content``, to be written on."""
        blocks = [
            BlockDraft(
                id=one.id,
                heading=one.heading,
                opinion=one.kind is FindingKind.OPINION,
                text=one.text,
                basis=one.basis,
                section=one.section,
            )
            for one in content.blocks
        ]
        return cls(
            title=content.title,
            kind=content.kind,
            zone=content.zone,
            zone_of_local_times=content.zone_of_local_times,
            language=content.language,
            sections=content.printed,
            summary="\n\n".join(content.summary),
            limitations="\n".join(content.limitations),
            changes="\n".join(content.changes),
            statements=content.statements,
            blocks=blocks,
            lists=[
                ListDraft(id=one.id, title=one.title, image_id=one.image_id, filter=one.filter) for one in content.lists
            ],
            replaces=content.replaces,
            recorded=recorded,
        )

    @property
    def is_open(self) -> bool:
        """Whether it can be written on."""
        return self.recorded is None or self.recorded.state in EDITABLE

    def request(self, case_id: CaseId) -> ReportRequest:
        """The draft as the service takes it; a block without any words is left out."""
        return ReportRequest(
            case_id=case_id,
            kind=self.kind,
            title=self.title.strip() or TITLES[self.kind],
            zone=self.zone,
            zone_of_local_times=self.zone_of_local_times,
            language=self.language,
            sections=self.sections,
            summary=_paragraphs(self.summary),
            blocks=tuple(one.block for one in self.blocks if one.heading.strip() or one.text.strip()),
            lists=tuple(chosen for one in self.lists if (chosen := one.choice()) is not None),
            limitations=_lines(self.limitations),
            statements=self.statements,
            replaces=self.replaces,
            changes=_lines(self.changes),
        )

    def is_saved(self, case_id: CaseId) -> bool:
        """Whether all that is written is in the record: as opened, whatever blanks the recorded words end in."""
        if self.recorded is None or not self.is_open:
            return self.recorded is not None
        written, content = self.request(case_id), self.recorded.content
        return _same(written, content) or _same(written, Draft.of(content).request(case_id))

    def saved(self, case_id: CaseId | None) -> ReportDraft | None:
        """The draft of the record, where all that is written is in it."""
        return self.recorded if case_id is not None and self.is_saved(case_id) else None

    def asked(self, case_id: CaseId | None) -> ReportRequest | None:
        """What a report of it is to say, as it is recorded where it is; None without a case."""
        saved = self.saved(case_id)
        return saved.content if saved else None if case_id is None else self.request(case_id)

    def number_in(self, case_number: str, issued: Sequence[IssuedReport]) -> str:
        """Its number for the names of files: of the report that was issued from it, else of the draft."""
        if self.recorded is None:
            return f"{case_number}-draft"
        own = self.issued_in(issued)
        return own.number if own else f"{case_number}-draft-{self.recorded.number}"

    def issued_in(self, issued: Sequence[IssuedReport]) -> IssuedReport | None:
        """The report of these that was issued from it."""
        report_id = None if self.recorded is None else self.recorded.report_id
        return next((one for one in issued if one.id == report_id), None)

    def gaps(self, case_id: CaseId) -> list[str]:
        """What keeps it from being submitted, a sentence each."""
        found = [
            _tr("Block {number}: {gap}.").format(number=at, gap=one.gap[:1].lower() + one.gap[1:])
            for at, one in enumerate(self.blocks, 1)
            if one.gap
        ]
        found += [
            _tr("List {number}: {gap}").format(number=at, gap=one.gap)
            for at, one in enumerate(self.lists, 1)
            if one.gap
        ]
        return found or [one.what for one in blockers_of(self.request(case_id))]

    def state_words(self) -> str:
        """How far it is."""
        if self.recorded is None:
            return _tr("New draft, not saved")
        return _tr("Draft {number}, {state}").format(
            number=self.recorded.number, state=draft_state_words(self.recorded.state)
        )


def draft_state_words(state: DraftState) -> str:
    """How far a draft is, in words."""
    return {
        DraftState.DRAFT: _tr("being written"),
        DraftState.IN_REVIEW: _tr("in review"),
        DraftState.RETURNED: _tr("returned"),
        DraftState.APPROVED: _tr("approved"),
        DraftState.ISSUED: _tr("issued"),
        DraftState.DISCARDED: _tr("discarded"),
    }[state]


def kind_words(kind: ReportKind) -> str:
    """What a kind of report is called."""
    return {
        ReportKind.EXAMINATION: _tr("Examination report"),
        ReportKind.STATEMENT: _tr("Expert statement"),
        ReportKind.CUSTODY: _tr("Custody report"),
        ReportKind.ACQUISITION: _tr("Acquisition report"),
        ReportKind.BUNDLE: _tr("Court bundle"),
        ReportKind.VERIFICATION: _tr("Verification report"),
    }[kind]


def section_words(section: Section) -> str:
    """What a section is called."""
    return {
        Section.SUMMARY: _tr("Summary"),
        Section.REQUEST: _tr("Request and authority"),
        Section.PERSONS: _tr("Persons"),
        Section.EXHIBITS: _tr("Exhibits"),
        Section.ACQUISITION: _tr("Acquisition and verification"),
        Section.VOLUMES: _tr("Volumes and file systems"),
        Section.CUSTODY: _tr("Custody"),
        Section.FILES: _tr("Chosen files"),
        Section.FINDINGS: _tr("Findings and remarks"),
        Section.TIMELINE: _tr("Times of files"),
        Section.NOTES: _tr("Notes"),
        Section.LIMITATIONS: _tr("Limitations"),
        Section.DEVIATIONS: _tr("Deviations"),
        Section.TOOLS: _tr("Tools and versions"),
        Section.VERIFY: _tr("How to verify this report"),
        Section.RECONCILIATION: _tr("Reconciliation"),
        Section.DECLARATION: _tr("Declaration and signatures"),
        Section.LISTS: _tr("Annex: lists of files"),
    }[section]


def parts_of(draft: Draft, *, chosen: int, differing: int, compared: bool, issued: int) -> tuple[Part, ...]:
    """The parts with how far each is."""
    ready = sum(not one.gap for one in draft.blocks)
    of = _tr("{ready} of {all}").format(ready=ready, all=len(draft.blocks))
    printed = len(draft.sections)
    return (
        Part(key=PartKey.PARTICULARS, title=_tr("Title and zones"), icon="report", tone=Tone.OK, state=_tr("Complete")),
        Part(
            key=PartKey.SECTIONS, title=_tr("Kind and sections"), icon="text", tone=Tone.OK,
            state=text.plural(printed, _tr("1 section"), _tr("{n} sections")),
        ),
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
            key=PartKey.LISTS, title=_tr("Lists of files"), icon="columns",
            tone=Tone.NONE if not draft.lists else Tone.WARN if any(one.gap for one in draft.lists) else Tone.OK,
            state=text.plural(len(draft.lists), _tr("1 list"), _tr("{n} lists")) if draft.lists else _tr("None yet"),
        ),
        Part(
            key=PartKey.FINDINGS, title=_tr("Facts and opinions"), icon="examine",
            tone=Tone.NONE if not draft.blocks else Tone.OK if ready == len(draft.blocks) else Tone.WARN,
            state=of if draft.blocks else _tr("None yet"),
        ),
        _text_part(PartKey.LIMITATIONS, _tr("Limitations"), "verify-warning", draft.limitations),
        Part(
            key=PartKey.STANDARDS, title=_tr("Standards and language"), icon="check", tone=Tone.INFO,
            state=text.plural(len(draft.statements), _tr("1 statement"), _tr("{n} statements")),
        ),
        _review_part(draft),
        Part(
            key=PartKey.ISSUED, title=_tr("Issued reports"), icon="sign", tone=Tone.OK if issued else Tone.NONE,
            state=text.plural(issued, _tr("1 issued"), _tr("{n} issued")) if issued else _tr("None yet"),
        ),
    )  # fmt: skip


def _review_part(draft: Draft) -> Part:
    state = DraftState.DRAFT if draft.recorded is None else draft.recorded.state
    tone = {DraftState.RETURNED: Tone.WARN, DraftState.APPROVED: Tone.OK, DraftState.IN_REVIEW: Tone.INFO}
    words = draft_state_words(state)
    return Part(
        key=PartKey.REVIEW, title=_tr("Review"), icon="review", tone=tone.get(state, Tone.NONE),
        state=words[:1].upper() + words[1:],
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


def _same(one: ReportRequest, other: ReportRequest) -> bool:
    return one == other or (one.printed == other.printed and _bare(one) == _bare(other))


def _bare(content: ReportRequest) -> tuple[object, ...]:
    return (
        content.kind, content.title, content.zone, content.zone_of_local_times, content.language, content.summary,
        content.blocks, content.lists, content.limitations, content.statements, content.changes,
    )  # fmt: skip


def _lines(words: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in words.splitlines() if line.strip())


def _paragraphs(words: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in words.split("\n\n") if part.strip())


def _tr(words: str) -> str:
    return QCoreApplication.translate("Reports", words)
