"""What a run of the validation set says: known answers of outside tools, and this program's (REQ-34, REQ-35)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

MAX_DIFFERENCES = 50
"""So many differences of one function are written out; all are counted."""

CFTT: Mapping[str, str] = {
    "container": "Disk imaging: an image is opened as the media it holds",
    "digests": "Disk imaging: digests of the whole media",
    "partitions": "Disk imaging: extent of the media's volumes",
    "listing": "Active file identification: names and sizes",
    "content": "Active file identification: content",
    "deleted": "Deleted file recovery from metadata: names, sizes and content",
    "times": "Deleted file recovery and active files: times of modification",
    "damage": "Disk imaging: an error is told, and where",
    "set": "Not of CFTT: the validation set is the one of this version",
    "installation": "Not of CFTT: files of the installed program",
    "self_test": "Not of CFTT: published test vectors of digests and ciphers",
}
"""Area of NIST's Computer Forensics Tool Testing that each function belongs to; the set is structured to follow them
and is none of theirs."""

REQUIRED = CFTT.keys() - {"installation"}
"""Without answers to each of these no run passes; only a packaged program has a list of its files."""

RECORD_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{16}\.json", re.ASCII)
"""Names of signed records in the lab's folder: when the run ended, UTC with microseconds, and the build."""

SCOPE = "validation set"
"""How the scope of a validation by the program's own set begins in the register of tools."""

NOT_COVERED = (
    "Acquisition from devices",
    "Hardware and software write blocking",
    "Forensic media preparation",
    "String searching",
    "Carving of content without metadata",
    "Mobile devices",
    "Containers, volumes and file systems that the set does not hold",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionResult:
    """How one function compares with the known answers.

    Attributes:
        key: A key of :data:`CFTT`.
        compared: Answers that were compared.
        differences: In words, at most :data:`MAX_DIFFERENCES` of them.
        differing: How many differ.
    """

    key: str
    compared: int
    differing: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRun:
    """One run of the set on this computer.

    Attributes:
        set_sha256: Of the set's file of answers.
        answers_by: Outside tools that gave the answers, with versions.
        build_sha256: Of this program, see :func:`forensics_app.services.program.build_sha256`.
        configuration_sha256: Of the configuration in force; None without a lab.
        libraries: Name and version of what read the images.
        ended_at: UTC, by the clock of this computer.
    """

    version: str
    build_sha256: bytes
    schema: str
    configuration_sha256: bytes | None
    set_sha256: bytes
    answers_by: Mapping[str, str]
    libraries: Mapping[str, str]
    system: str
    began_at: datetime
    ended_at: datetime
    results: tuple[FunctionResult, ...]

    @property
    def compared(self) -> int:
        """How many answers were compared."""
        return sum(result.compared for result in self.results)

    @property
    def differing(self) -> int:
        """How many of them differ."""
        return sum(result.differing for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether something was compared for every function that is required, and nothing differs."""
        return self.differing == 0 and {one.key for one in self.results if one.compared} >= REQUIRED

    @property
    def words(self) -> str:
        """The outcome in one sentence."""
        judges = ", ".join(self.answers_by)
        return f"{self.compared:,} known answers ({judges}) compared, {self.differing:,} differ."
