"""Records as JSON documents: what ``--json`` prints."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from forensics_app.bootstrap import Lab, who_unlocks
from forensics_app.model.custody import LabReport
from forensics_app.services.at_rest import at_rest_words
from forensics_app.services.configuration import configuration_of, configuration_sha256
from forensics_app.services.program import build_sha256


def document(record: object) -> Any:
    """A record as plain JSON values: digests in hex, times in ISO 8601 with their offset, sizes in bytes."""
    match record:
        case None | bool() | int():
            return record
        case Enum():
            return record.value
        case str():
            return record
        case bytes():
            return record.hex()
        case datetime() | date():
            return record.isoformat()
        case UUID() | Path():
            return str(record)
        case Mapping():
            return {str(key): document(value) for key, value in record.items()}
        case frozenset():
            return sorted(document(item) for item in record)
        case list() | tuple():
            return [document(item) for item in record]
    if dataclasses.is_dataclass(record):
        return {field.name: document(getattr(record, field.name)) for field in dataclasses.fields(record)}
    raise TypeError(f"{type(record).__name__} has no JSON form")


def lab_document(lab: Lab) -> dict[str, Any]:
    """A lab and how much it holds."""
    people = lab.people.list()
    return {
        **document(lab.info),
        "folder": str(lab.folder.root),
        "server": lab.server,
        "build_sha256": build_sha256().hex(),
        "schema": configuration_of(lab.info, lab.folder)["schema"],
        "configuration_sha256": configuration_sha256(lab.info, lab.folder).hex(),
        "encrypted": who_unlocks(lab.folder.root) is not None,
        "people": len(people),
        "cases": len(lab.cases.list()),
        "root_fingerprint": lab.verification.root_fingerprint(),
        "at_rest": at_rest_words(lab.folder.root),
        "interrupted": [f"{job.kind} of {job.subject}" for job in lab.journal.interrupted()],
    }


def report_lines(report: LabReport) -> list[str]:
    """The answers about each chain, and everything found, for a reader."""
    lines = []
    for chain in report.chains:
        words = [
            f"{name}: {'yes' if answer else 'NO'}"
            for name, answer in (
                ("intact", chain.intact),
                ("signed", chain.signed),
                ("trusted", chain.trusted),
                ("allowed", chain.allowed),
            )
        ]
        kind = "Lab chain" if chain.kind == "lab" else "Case"
        lines.append(f"{kind} {chain.label}: {chain.entries:,} entries; {', '.join(words)}")
        lines += [f"  {finding}" for finding in chain.findings]
        lines += [f"  Note: {notice}" for notice in chain.notices]
    compared = f"{report.rows_compared:,} rows compared with the replay of the ledger"
    lines.append(f"Record: {compared}, {len(report.row_findings)} differences")
    lines += [f"  {finding}" for finding in report.row_findings]
    lines.append(f"Files: {report.files_compared:,} kept files hashed, {len(report.file_findings)} differences")
    lines += [f"  {finding}" for finding in report.file_findings]
    lines.append(f"Root key of the lab: {report.root_fingerprint or 'not found'}; compare it with the paper.")
    lines.append("Everything verifies." if report.ok else "SOMETHING DOES NOT VERIFY; see above.")
    return lines
