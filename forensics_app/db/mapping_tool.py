"""Rows of tools and their validations into records."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table
from forensics_app.model.tool import Tool, ToolId, Validation


@of_table("tool")
def tool_of(row: Row) -> Tool:
    """A tool without its validations; ``recorder`` is the name of who recorded it."""
    return Tool(
        id=ToolId(UUID(row["id"])),
        name=row["name"],
        version=row["version"],
        vendor=row["vendor"],
        sha256=bytes.fromhex(row["sha256"]) or None,
        recorded_by=row["recorder"],
        recorded_at=moment(row["recorded_at"]),
    )


@of_table("tool_validation")
def validation_of(row: Row) -> Validation:
    """A validation; ``recorder`` is the name of who recorded it."""
    return Validation(
        id=UUID(row["id"]),
        tool_id=ToolId(UUID(row["tool_id"])),
        validated_on=date.fromisoformat(row["validated_on"]),
        scope=row["scope"],
        passed=bool(row["passed"]),
        result=row["result"],
        validated_by=row["validated_by"],
        next_due=date.fromisoformat(row["next_due"]) if row["next_due"] else None,
        document=row["document"],
        sha256=bytes.fromhex(row["sha256"]) or None,
        recorded_by=row["recorder"],
        recorded_at=moment(row["recorded_at"]),
    )
