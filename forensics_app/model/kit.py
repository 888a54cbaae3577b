"""The defence kit: every fact that a report cites of an image, so that the other side can find it again in its copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from forensics_app.errors import AppError
from forensics_app.model.catalogue import Stamp
from forensics_app.model.target import TargetArea

KIT_FORM = "forensics-app kit/2"
KIT_FORMS = (KIT_FORM, "forensics-app kit/1")
"""Those that are read; kits of the first held no findings and no files of lists."""
FACTS_NAME, STEPS_NAME, MANIFEST_NAME, ENTRY_NAME = "facts.json", "HOW-TO-RECHECK.txt", "manifest.json", "entry.json"


class KitDamagedError(AppError):
    """A folder is no kit, is not whole, or is not as it was made."""

    kept = "Nothing was tested."
    then = "Ask the laboratory for the kit again, and compare the SHA-256 of its manifest with the one it recorded."


class Outcome(StrEnum):
    """What came of testing one fact."""

    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TEST = "cannot test"


@dataclass(frozen=True, slots=True, kw_only=True)
class KitVolume:
    """A volume as it was found, by the id that every examination of the same media gives it."""

    id: str
    parent: str | None
    kind: str
    start_bytes: int
    length_bytes: int
    encryption: str | None
    locked: bool
    file_system: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KitImage:
    """An image: what its media is, and what was found on it; its container is told, and is no fact of the media.

    Attributes:
        logical: Whether it is an archive or a folder whose files are the evidence.
        archives: Whether something that is cited lies in an archive on it.
        digests: Of the media, in hex by algorithm.
        unreadable_bytes: How many bytes could not be read, now or when it was acquired; zeros stand for them in the
            digests.
    """

    number: str
    container: str
    logical: bool
    archives: bool
    media_bytes: int
    digests: Mapping[str, str]
    unreadable_bytes: int
    volumes: tuple[KitVolume, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KitFile:
    """A file that the report cites, or bytes of a file, of an area, of a volume or of the media.

    Attributes:
        reference: How the report cites it: ``F-1``, ``Finding 1``, or ``list 1, no. 1``.
        path: None where the name is left out, as what it holds is marked or concealed; volume and address find it.
            Empty where it is no file's.
        size_bytes: Of the file, or of the area.
        state: Empty where it is no file's.
        md5: Of the content, in hex; so is ``sha256``. None where it was not calculated.
        area: In what the offset counts, a value of :class:`forensics_app.model.target.TargetArea`.
        offset_bytes: Where cited bytes begin in the area; None, as is ``length_bytes``, for the whole of a file.
        bytes_sha256: Of the cited bytes, in hex.
        term: What a search looked for, where a hit is cited; left out with the name.
    """

    reference: str
    image: str
    volume: str
    address: str
    path: str | None
    size_bytes: int
    state: str
    md5: str | None
    sha256: str | None
    times: Mapping[str, Stamp]
    area: str = TargetArea.FILE.value
    offset_bytes: int | None = None
    length_bytes: int | None = None
    bytes_sha256: str | None = None
    term: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a kit says, once it was found to be whole.

    Attributes:
        program: Name, version and build that found the facts; ``libraries`` those it read images with.
        signed: Who signed for the kit, when and with which key, in words.
        manifest_sha256: In hex; what the entry of the ledger names.
        of: Which report it is of; empty for a kit of the first form, which was of the case.
        remarks: What its reader has to know of it, a sentence each.
    """

    made_at: str
    laboratory: str
    case: str
    program: str
    libraries: Mapping[str, str]
    images: tuple[KitImage, ...]
    files: tuple[KitFile, ...]
    signed: str = ""
    manifest_sha256: str = ""
    of: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKit:
    """A kit that was written.

    Attributes:
        of: Which report it is of.
        facts: How many can be tested.
        findings: How many findings they are about; ``files`` how many chosen files, ``listed`` how many in lists.
        left_out: How many names were left out.
        remarks: What its reader has to know of it, a sentence each.
    """

    path: Path
    manifest_sha256: bytes
    of: str
    facts: int
    findings: int
    files: int
    listed: int
    left_out: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One fact, tested.

    Attributes:
        subject: What it is about: the number of an image, a volume of it, or how the report cites a file.
        expected: What the kit says; ``found`` what the copy says, empty where it cannot be tested.
        why: Why it cannot be tested.
    """

    subject: str
    what: str
    outcome: Outcome
    expected: str
    found: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """The answer about one copy, fact by fact."""

    image: str
    facts: tuple[Tested, ...]

    def count(self, outcome: Outcome) -> int:
        """How many facts came out so."""
        return sum(one.outcome is outcome for one in self.facts)
