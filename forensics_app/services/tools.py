"""The register of tools, and which tools a case was worked on with (REQ-33, REQ-34)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, Table, select

from chain_of_custody.column_values import is_sha256_or_none
from chain_of_custody.ledger import Json, Subject
from forensics_app import __version__
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_tool import tool_of, validation_of
from forensics_app.db.rows import readable
from forensics_app.db.tables import PERSON, TOOL, TOOL_VALIDATION
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.custody import CustodyEvent, in_zone
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.tool import NewTool, NewValidation, Tool, ToolId, UsedTool
from forensics_app.model.wording import act_words
from forensics_app.services.folder import sha256_of
from forensics_app.services.history import event_of
from forensics_app.services.permissions import require
from forensics_app.services.program import NAME, build_sha256
from forensics_app.services.record import Writer, lab_chain

KEEPERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Use cases about tools. One version is one row; a validation is never taken back, only followed by another."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def list(self) -> tuple[Tool, ...]:
        """The register, by name and version, each with its validations."""
        with self.db.reading() as connection:
            return tools_of(connection)

    def used(self, case_id: CaseId) -> tuple[UsedTool, ...]:
        """The tools that a case was worked on with, as its entries tell."""
        with self.db.reading() as connection:
            return used_in((event_of(entry) for entry in entries_of(connection, str(case_id))), self.lab.zone)

    def add(self, actor: SignedIn, new: NewTool) -> Tool:
        """Register a version of a tool.

        Raises:
            PermissionRefusedError: The actor is neither examiner, supervisor nor administrator.
            RefusedError: Something required is missing, the file of the program cannot be read, or this version with
                this digest is registered.
        """
        require(actor, "register a tool", Role.EXAMINER, *KEEPERS)
        name, version = new.name.strip(), new.version.strip()
        if not (name and version and new.vendor.strip()):
            raise RefusedError("A tool needs its name, version and vendor.")
        sha256 = _digest(new.program) if new.program is not None else new.sha256
        now, tool_id = self.now(), ToolId(uuid4())
        values: Values = {
            "id": str(tool_id),
            "name": name,
            "version": version,
            "vendor": new.vendor.strip(),
            "sha256": "" if sha256 is None else sha256.hex(),
            "recorded_by": str(actor.person.id),
            "recorded_at": time_text(now),
        }
        with self.db.writing() as connection:
            there = [
                one for one in tools_of(connection) if (one.name.casefold(), one.version) == (name.casefold(), version)
            ]
            if any(one.sha256 == sha256 for one in there):
                raise RefusedError(f"{name} {version} is in the register.")
            writer = Writer(connection, now)
            writer.insert(TOOL, values)
            subject = _subject(str(tool_id), f"{name} {version}")
            writer.append(lab_chain(self.lab), "tool.add", subject, {"sha256": values["sha256"]}, [("actor", actor)])
            return tool_with(connection, tool_id)

    def add_this_program(self, actor: SignedIn) -> Tool:
        """Register the running version of this program with the digest of its build.

        Raises:
            PermissionRefusedError: See :meth:`add`.
            RefusedError: It is registered.
        """
        return self.add(actor, NewTool(name=NAME, version=__version__, vendor="forensics-app", sha256=build_sha256()))

    def validate(self, actor: SignedIn, tool_id: ToolId, new: NewValidation) -> Tool:
        """Record a validation of a tool.

        Raises:
            PermissionRefusedError: The actor is neither supervisor nor administrator.
            RefusedError: Something required is missing, it lies ahead, lapses before it was made, or its report cannot
                be read.
        """
        require(actor, "record a validation", *KEEPERS)
        now = self.now()
        if not (new.scope.strip() and new.result.strip() and new.validated_by.strip()):
            raise RefusedError("A validation needs its scope, its result in words, and who made it.")
        if new.validated_on > now.astimezone(ZoneInfo(self.lab.zone)).date():
            raise RefusedError("A validation is recorded when it has been made.")
        if new.next_due is not None and new.next_due < new.validated_on:
            raise RefusedError("The next validation is due before the day of this one.")
        values: Values = {
            "id": str(uuid4()),
            "tool_id": str(tool_id),
            "validated_on": new.validated_on.isoformat(),
            "scope": new.scope.strip(),
            "passed": int(new.passed),
            "result": new.result.strip(),
            "validated_by": new.validated_by.strip(),
            "next_due": None if new.next_due is None else new.next_due.isoformat(),
            "document": "" if new.document is None else new.document.name,
            "sha256": "" if new.document is None else _digest(new.document).hex(),
            "recorded_by": str(actor.person.id),
            "recorded_at": time_text(now),
        }
        with self.db.writing() as connection:
            tool = tool_with(connection, tool_id)
            writer = Writer(connection, now)
            writer.insert(TOOL_VALIDATION, values)
            facts: dict[str, Json] = {"passed": new.passed, "scope": values["scope"]}
            subject = _subject(str(tool_id), tool.label)
            writer.append(lab_chain(self.lab), "tool.validate", subject, facts, [("actor", actor)])
            return tool_with(connection, tool_id)


def tools_of(connection: Connection) -> tuple[Tool, ...]:
    """The register, by name and version, each with its validations."""
    validations = readable(connection, _with_recorder(TOOL_VALIDATION), validation_of)
    tools = readable(connection, _with_recorder(TOOL), tool_of)
    return tuple(
        replace(tool, validations=tuple(one for one in validations if one.tool_id == tool.id))
        for tool in sorted(tools, key=lambda tool: (tool.name.casefold(), tool.version))
    )


def tool_with(connection: Connection, tool_id: ToolId) -> Tool:
    """The tool with this id.

    Raises:
        NotFoundError: There is none.
    """
    for tool in tools_of(connection):
        if tool.id == tool_id:
            return tool
    raise NotFoundError(f"There is no tool with the id {tool_id} in this lab.")


def used_in(events: Iterable[CustodyEvent], zone: str) -> tuple[UsedTool, ...]:
    """The tools that the entries of a case tell of, by name and version; those of live captures too.

    Args:
        events: The entries.
        zone: The lab's, for the days.
    """
    found: dict[tuple[str, str, bytes | None], UsedTool] = {}
    for event in events:
        day = in_zone(event.recorded_at, ZoneInfo(zone)).date()
        for name, version, sha256 in _told(event):
            words = act_words(event).lower()
            before = found.get((name, version, sha256)) or UsedTool(
                name=name, version=version, sha256=sha256, used_for=(), first_on=day, last_on=day
            )
            used_for = before.used_for if words in before.used_for else (*before.used_for, words)
            found[name, version, sha256] = replace(
                before, used_for=used_for, first_on=min(before.first_on, day), last_on=max(before.last_on, day)
            )
    return tuple(sorted(found.values(), key=lambda one: (one.name.casefold(), one.version, one.sha256 or b"")))


def _told(event: CustodyEvent) -> Iterator[tuple[str, str, bytes | None]]:
    if tool := event.fact("tool"):
        name, _, version = tool.rpartition(" ")
        yield _with_digest(name, version, event.fact("tool_sha256")) if name else (tool, "", None)
    captured = {change.column: str(change.after) for change in event.changes if change.table == "capture"}
    if captured.get("tool"):
        yield _with_digest(captured["tool"], captured.get("tool_version", ""), captured.get("tool_sha256", ""))


def _with_digest(name: str, version: str, told: str) -> tuple[str, str, bytes | None]:
    """A tool as it is told; a digest that is none stands with its version, as it was told."""
    if not is_sha256_or_none(told):
        return name, f"{version} (SHA-256 told as {told!r})", None
    return name, version, bytes.fromhex(told) or None


def _digest(path: Path) -> bytes:
    try:
        return sha256_of(path)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error


def _subject(tool_id: str, label: str) -> Subject:
    return Subject(kind="tool", id=tool_id, label=label)


def _with_recorder(table: Table) -> Select[Any]:
    joined = select(table, PERSON.c.name.label("recorder")).join(PERSON, PERSON.c.id == table.c.recorded_by)
    return joined.order_by(table.c.recorded_at, table.c.id)
