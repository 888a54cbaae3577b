"""What a report is made of: its kind, its sections in their order, and the author's blocks of text (REQ-62, REQ-63)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from uuid import UUID

from chain_of_custody.reasons import is_in_words


class FindingKind(Enum):
    """Facts and opinions are never mixed in one block (REQ-63)."""

    FACT = "fact"
    OPINION = "opinion"


class ReportKind(StrEnum):
    """What a report is for; each kind begins with its own sections in their own order."""

    EXAMINATION = "examination report"
    STATEMENT = "expert statement"
    CUSTODY = "custody report"
    ACQUISITION = "acquisition report"
    BUNDLE = "court bundle"
    VERIFICATION = "verification report"


TITLES: Mapping[ReportKind, str] = {
    ReportKind.EXAMINATION: "Report on the examination of digital evidence",
    ReportKind.STATEMENT: "Expert statement on digital evidence",
    ReportKind.CUSTODY: "Report on the custody of exhibits",
    ReportKind.ACQUISITION: "Report on the acquisition of digital evidence",
    ReportKind.BUNDLE: "Court bundle on digital evidence",
    ReportKind.VERIFICATION: "Report on the verification of digital evidence",
}
"""The title that a report of each kind begins with."""


class Section(StrEnum):
    """A numbered part of a report. All but the summary are made from live records when the report is printed."""

    SUMMARY = "summary"
    REQUEST = "request"
    PERSONS = "persons"
    EXHIBITS = "exhibits"
    ACQUISITION = "acquisition"
    VOLUMES = "volumes"
    CUSTODY = "custody"
    FILES = "files"
    FINDINGS = "findings"
    TIMELINE = "timeline"
    NOTES = "notes"
    LIMITATIONS = "limitations"
    DEVIATIONS = "deviations"
    TOOLS = "tools"
    VERIFY = "verify"
    RECONCILIATION = "reconciliation"
    DECLARATION = "declaration"
    LISTS = "lists"


ALWAYS = frozenset({Section.LIMITATIONS, Section.VERIFY, Section.DECLARATION})
"""Sections that no report goes without: what was not done, how to check it, and who answers for it."""

_S = Section
DEFAULT_SECTIONS: Mapping[ReportKind, tuple[Section, ...]] = {
    ReportKind.EXAMINATION: (
        _S.SUMMARY, _S.REQUEST, _S.PERSONS, _S.EXHIBITS, _S.ACQUISITION, _S.VOLUMES, _S.CUSTODY, _S.FILES, _S.FINDINGS,
        _S.LIMITATIONS, _S.DEVIATIONS, _S.TOOLS, _S.VERIFY, _S.RECONCILIATION, _S.DECLARATION, _S.LISTS,
    ),
    ReportKind.STATEMENT: (
        _S.REQUEST, _S.PERSONS, _S.SUMMARY, _S.FINDINGS, _S.EXHIBITS, _S.FILES, _S.LIMITATIONS, _S.DEVIATIONS,
        _S.TOOLS, _S.VERIFY, _S.DECLARATION,
    ),
    ReportKind.CUSTODY: (
        _S.REQUEST, _S.PERSONS, _S.EXHIBITS, _S.CUSTODY, _S.LIMITATIONS, _S.DEVIATIONS, _S.VERIFY, _S.DECLARATION,
    ),
    ReportKind.ACQUISITION: (
        _S.REQUEST, _S.PERSONS, _S.EXHIBITS, _S.ACQUISITION, _S.VOLUMES, _S.CUSTODY, _S.LIMITATIONS, _S.DEVIATIONS,
        _S.TOOLS, _S.VERIFY, _S.DECLARATION,
    ),
    ReportKind.BUNDLE: (
        _S.SUMMARY, _S.REQUEST, _S.PERSONS, _S.EXHIBITS, _S.ACQUISITION, _S.VOLUMES, _S.CUSTODY, _S.FILES, _S.FINDINGS,
        _S.TIMELINE, _S.NOTES, _S.LIMITATIONS, _S.DEVIATIONS, _S.TOOLS, _S.VERIFY, _S.RECONCILIATION, _S.DECLARATION,
        _S.LISTS,
    ),
    ReportKind.VERIFICATION: (
        _S.REQUEST, _S.PERSONS, _S.ACQUISITION, _S.CUSTODY, _S.LIMITATIONS, _S.DEVIATIONS, _S.TOOLS, _S.VERIFY,
        _S.RECONCILIATION, _S.DECLARATION,
    ),
}  # fmt: skip
"""The sections that a report of each kind begins with, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoice:
    """A list of files that the author wants in the annex: what a filter leaves of an image when the report is made.

    Attributes:
        image_id: The image.
        filter: In the language of filters; empty leaves everything.
    """

    id: UUID
    title: str
    image_id: UUID
    filter: str = ""


MOST_LISTS = 20
MOST_LISTED_FILES = 100_000
"""So many files are in all lists of a report together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of the author's own text: a statement of fact, or an opinion with what it rests on (REQ-63).

    Attributes:
        section: Under which it is printed, after what the record gives there.
        basis: On what an opinion rests; for a fact, how it was established. Empty where it is not stated.
    """

    id: UUID
    kind: FindingKind
    heading: str
    text: str
    basis: str = ""
    section: Section = Section.FINDINGS

    @property
    def lacks_basis(self) -> bool:
        """Whether it is an opinion without a basis stated in words, which blocks the issue (REQ-63)."""
        return self.kind is FindingKind.OPINION and not is_in_words(self.basis)
