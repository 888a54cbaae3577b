"""Validating this program on this computer: the run is signed, and entered in the register (REQ-34, REQ-35)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chain_of_custody.canonical import canonical
from forensics_app import __version__
from forensics_app.errors import RefusedError
from forensics_app.model.image import OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import SignedIn
from forensics_app.model.tool import NewValidation, Tool, Validation
from forensics_app.model.validation import CFTT, NOT_COVERED, SCOPE, ValidationRun
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.folder import LabFolder, kept_only_if_recorded, write_whole
from forensics_app.services.permissions import require
from forensics_app.services.program import NAME, build_sha256
from forensics_app.services.tools import KEEPERS, Tools
from forensics_app.services.validation_set import SET_SHA256, run_validation_set

SIGNED = b"forensics-app validation record\n"
"""Goes before the record when it is signed, so that its signature fits nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A run that is recorded.

    Attributes:
        record: The signed record, in the lab's folder.
        validation: The line of the register.
    """

    run: ValidationRun
    record: Path
    tool: Tool
    validation: Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class Validating:
    """Use cases about the validation of this program.

    Attributes:
        set_folder: The validation set that the program ships with.
        set_sha256: Of its answers.json.
    """

    tools: Tools
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]
    set_folder: Path
    set_sha256: bytes = SET_SHA256

    def run(
        self, actor: SignedIn, *, next_due: date | None = None, on_progress: OnProgress = lambda done, total: None
    ) -> Validated:
        """Run the set, write the signed record and enter it in the register of tools; a failed run is entered too.

        Args:
            actor: Signs the record and the entry.
            next_due: Last day on which it counts; None where it has no end.
            on_progress: As for :func:`run_validation_set`; what it raises ends the run, and nothing is recorded.

        Raises:
            PermissionRefusedError: The actor is neither supervisor nor administrator.
            RefusedError: The set is not whole, or ``next_due`` has passed.
        """
        require(actor, "record a validation", *KEEPERS)
        if next_due is not None and next_due < self.now().astimezone(ZoneInfo(self.lab.zone)).date():
            raise RefusedError("The next validation is due before the day of this one.")
        done = run_validation_set(
            self.set_folder,
            known_sha256=self.set_sha256,
            now=self.now,
            configuration_sha256=configuration_sha256(self.lab, self.folder),
            on_progress=on_progress,
        )
        tool = self._this_program(actor)
        path = self.folder.validation(done.ended_at, done.build_sha256)
        with kept_only_if_recorded(path):
            write_whole(path, [signed_record(done, actor)])
            new = NewValidation(
                validated_on=done.ended_at.astimezone(ZoneInfo(self.lab.zone)).date(),
                scope=f"{SCOPE} {done.set_sha256.hex()[:16]} of the program, on {done.system}",
                passed=done.passed,
                result=_result(done),
                validated_by=actor.person.name,
                next_due=next_due,
                document=path,
            )
            tool = self.tools.validate(actor, tool.id, new)
        return Validated(run=done, record=path, tool=tool, validation=tool.validations[-1])

    def _this_program(self, actor: SignedIn) -> Tool:
        there = [one for one in self.tools.list() if (one.name, one.version) == (NAME, __version__)]
        same = [one for one in there if one.sha256 == build_sha256()]
        return same[0] if same else self.tools.add_this_program(actor)


def record_of(run: ValidationRun) -> Mapping[str, Any]:
    """The run as the document that is signed; it holds no fractions, so that it has one canonical form (RFC 8785)."""
    return {
        "schema": "validation-record/1",
        "program": {"name": NAME, "version": run.version, "build_sha256": run.build_sha256.hex(), "schema": run.schema},
        "configuration_sha256": None if run.configuration_sha256 is None else run.configuration_sha256.hex(),
        "libraries": dict(run.libraries),
        "system": run.system,
        "set_sha256": run.set_sha256.hex(),
        "answers_by": dict(run.answers_by),
        "began_at": run.began_at.isoformat(),
        "ended_at": run.ended_at.isoformat(),
        "passed": run.passed,
        "results": [
            {
                "function": result.key,
                "cftt": CFTT[result.key],
                "compared": result.compared,
                "differing": result.differing,
                "differences": list(result.differences),
            }
            for result in run.results
        ],
        "not_covered": list(NOT_COVERED),
    }


def signed_record(run: ValidationRun, signer: SignedIn | None) -> bytes:
    """The file of a record: the document, and the Ed25519 signature over :data:`SIGNED` and its canonical form.

    Args:
        run: What is recorded.
        signer: Whose key signs; None leaves the signature out.
    """
    document = record_of(run)
    signature = None
    if signer is not None:
        signature = {
            "signer": signer.person.name,
            "public_key": signer.key.public_key.raw.hex(),
            "ed25519": signer.key.sign(SIGNED + canonical(document)).hex(),
        }
    told = {"record": document, "signature": signature}
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def _result(run: ValidationRun) -> str:
    failed = [result.key for result in run.results if result.differing]
    return f"{run.words} Differing: {', '.join(failed)}." if failed else run.words
