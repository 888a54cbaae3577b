"""The register of tools: which version of which program was validated here, by whom, for what, until when (REQ-34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NewType
from uuid import UUID

from forensics_app.model.told import Told

ToolId = NewType("ToolId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTool:
    """What is asked when a tool is registered.

    Attributes:
        program: The file of the program, of which the SHA-256 is taken; None where ``sha256`` says it, or it cannot be
            known, as of the firmware of a write blocker.
    """

    name: str
    version: str
    vendor: str
    sha256: bytes | None = None
    program: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValidation:
    """What is asked when a validation is recorded.

    Attributes:
        scope: What was validated, such as "acquisition of SATA and NVMe disks to E01".
        passed: Whether the tool may be used for that.
        result: In words: what was tested, against what, with which deviations.
        validated_by: Who did it, of this lab or another.
        next_due: Last day on which it counts; None where it has no end.
        document: The report of the validation, whose name and SHA-256 are recorded; None where there is none.
    """

    validated_on: date
    scope: str
    passed: bool
    result: str
    validated_by: str
    next_due: date | None = None
    document: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A validation as it is recorded.

    Attributes:
        document: Name of the report's file; empty where there is none, and then ``sha256`` is None.
        recorded_by: Name of who recorded it.
    """

    id: UUID
    tool_id: ToolId
    validated_on: date
    scope: str
    passed: bool
    result: str
    validated_by: str
    next_due: date | None
    document: str
    sha256: bytes | None
    recorded_by: str
    recorded_at: datetime

    @property
    def words(self) -> str:
        """Day, person, scope and how long it counts, in one line."""
        words = "{day} by {person}: {scope}" if self.next_due is None else "{day} by {person}: {scope}; next due {due}"
        return Told(words, day=self.validated_on, person=self.validated_by, scope=self.scope, due=self.next_due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One version of a tool.

    Attributes:
        sha256: Of the program; None where it is not known.
        validations: Oldest first.
    """

    id: ToolId
    name: str
    version: str
    vendor: str
    sha256: bytes | None
    recorded_by: str
    recorded_at: datetime
    validations: tuple[Validation, ...] = ()

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()

    def validated_by_then(self, day: date) -> Validation | None:
        """The newest validation that was made by a day; None where there is none."""
        done = [one for one in self.validations if one.validated_on <= day]
        return max(done, key=lambda one: (one.validated_on, one.recorded_at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedTool:
    """A tool that acts of a case were done with.

    Attributes:
        sha256: Of the program as the acts state it; None where they do not.
        used_for: What it was used for, in words.
        first_on: In the lab's zone; so is ``last_on``.
    """

    name: str
    version: str
    sha256: bytes | None
    used_for: tuple[str, ...]
    first_on: date
    last_on: date

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStanding:
    """Whether a tool was validated when it was used.

    Attributes:
        words: The validation, or what is wrong with it.
    """

    is_validated: bool
    words: str


def standing_of(register: Sequence[Tool], name: str, version: str, sha256: bytes | None, day: date) -> ToolStanding:
    """How a version of a tool used on ``day`` stands by the register; one whose digest differs is another tool."""
    named = [one for one in register if (one.name.casefold(), one.version) == (name.casefold(), version)]
    if not named:
        return ToolStanding(is_validated=False, words=Told("not in the register of tools"))
    same = [one for one in named if None in (one.sha256, sha256) or one.sha256 == sha256]
    if not same:
        return ToolStanding(
            is_validated=False, words=Told("another build than the registered one: its SHA-256 differs")
        )
    found = [one for one in (tool.validated_by_then(day) for tool in same) if one is not None]
    if not found:
        return ToolStanding(is_validated=False, words=Told("no validation is recorded up to {day}", day=day))
    newest = max(found, key=lambda one: (one.validated_on, one.recorded_at))
    if not newest.passed:
        return ToolStanding(
            is_validated=False,
            words=Told("not passed on {day}: {result}", day=newest.validated_on, result=newest.result),
        )
    if newest.next_due is not None and newest.next_due < day:
        return ToolStanding(
            is_validated=False,
            words=Told("validation of {day} lapsed on {due}", day=newest.validated_on, due=newest.next_due),
        )
    return ToolStanding(is_validated=True, words=newest.words)
