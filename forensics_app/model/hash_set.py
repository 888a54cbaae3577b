"""The lab's hash sets: lists of digests of files that are known, or that somebody is to be alerted to (REQ-41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NewType
from uuid import UUID

from evidence.digest import OnProgress as OnProgress
from evidence.errors import HashSetError as HashSetError
from evidence.hash_sets.base import DIGEST_BYTES as DIGEST_BYTES
from evidence.hash_sets.base import NAMES as NAMES
from evidence.hash_sets.base import REFUSED as REFUSED
from evidence.hash_sets.base import Batch as Batch
from evidence.hash_sets.base import Remark as Remark
from evidence.hash_sets.base import Remarks as Remarks
from evidence.hash_sets.base import is_digest as is_digest

if TYPE_CHECKING:
    from evidence.hash_sets.building import Built

HashSetId = NewType("HashSetId", UUID)


class HashSetKind(StrEnum):
    """What it means that a file is in a set. No set says that a file is good: known files can be put to bad use."""

    KNOWN = "known"
    ALERT = "alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHashSet:
    """What is asked when a set is imported.

    Attributes:
        version: As its publisher calls it, such as ``2026.09.1``.
        source: Who published it, and where it was got from.
        file: The list.
    """

    name: str
    version: str
    source: str
    kind: HashSetKind
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """The digests of one algorithm of a set.

    Attributes:
        sha256: Of the file in the lab folder, as its header holds it.
    """

    algorithm: str
    count: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HashSet:
    """A set of the lab.

    Attributes:
        list_name: Name of the file that was imported; ``list_sha256`` and ``list_bytes`` say which it was.
        format: What it was.
        parts: What is stored of it, by algorithm.
        refused: How many lines or records of the list were no digests and were not taken.
        removed_at: When it was removed; None for one that is in use.
    """

    id: HashSetId
    name: str
    version: str
    source: str
    kind: HashSetKind
    list_name: str
    list_sha256: bytes
    list_bytes: int
    format: str
    parts: tuple[StoredPart, ...]
    refused: int
    recorded_by: str
    recorded_at: datetime
    removed_at: datetime | None

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()

    @property
    def counts(self) -> str:
        """How many digests it holds, in words."""
        return ", ".join(f"{part.count:,} {NAMES[part.algorithm]}" for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A set that was imported, and what is to be known of its list.

    Attributes:
        built: What was taken and what was not.
        warnings: Sentences on what the set will or will not find.
    """

    hash_set: HashSet
    built: Built
    warnings: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person is told."""
        unit, counts, made = self.built.unit, self.built.counts, self.hash_set
        told = [f"Imported {made.label} as {made.kind.value}: {made.counts}. It was read as {self.built.format}."]
        told += [f"The list says of itself: {name} {value}." for name, value in self.built.told.items()]
        words: Mapping[str, str] = {
            "refused": f"Not taken, because there is no digest in it ({unit}s)",
            "noted": f"Taken, but to be looked at ({unit}s)",
            "duplicate": "Digests that stand in the list more than once, kept once",
        }
        for kind, sentence in words.items():
            if counts.get(kind):
                told.append(f"{sentence}: {counts[kind]:,}.")
                told += [f"  {unit} {one.number:,}: {one.what}" for one in self.built.first if one.kind == kind]
        return (*told, *self.warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMatch:
    """That a file is in a set.

    Attributes:
        algorithm: By which digest it was found.
        set_id: The set; its name and version are as they were when it was looked up.
    """

    set_id: HashSetId
    name: str
    version: str
    kind: HashSetKind
    algorithm: str

    @property
    def is_alert(self) -> bool:
        """Whether somebody is to look at the file."""
        return self.kind is HashSetKind.ALERT

    @property
    def words(self) -> str:
        """Kind, name, version and digest in one line."""
        return f"{self.kind.value}: {f'{self.name} {self.version}'.strip()} (by {NAMES[self.algorithm]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySets:
    """What a look-up says of one entry of a catalogue.

    Attributes:
        looked_up_in: In how many sets.
        matches: Those that it is in, alerts first.
    """

    looked_up_in: int
    matches: tuple[SetMatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpStanding:
    """How far an image is looked up in the hash sets of the lab.

    Attributes:
        is_looked_up: Whether it was, since its catalogue was built.
        missing: Sets in use that it was not looked up in and could be, by name and version.
        removed: How many sets of the last look-up are no longer in use.
        failed: Why the last look-up did not end; empty where it did.
    """

    is_looked_up: bool
    missing: tuple[str, ...] = ()
    removed: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """With how many digests of a catalogue a set was compared.

    Attributes:
        with_digest: Entries that have one of this algorithm; these were compared.
        without_digest: Files that have none, such as those that could not be read; of them nothing is known.
    """

    algorithm: str
    with_digest: int
    without_digest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What looking an image up in a set came to.

    Attributes:
        entries: How many entries of its catalogue are in it.
        compared: By which algorithms; none where the set holds only what no catalogue holds: it was not compared.
    """

    hash_set: HashSet
    entries: int
    compared: tuple[Compared, ...]

    @property
    def words(self) -> str:
        """What was found, or that nothing was compared, in one line."""
        one = f"{self.hash_set.kind.value}: {self.hash_set.label}"
        if not self.compared:
            return f"{one}: not compared, because catalogues hold MD5 and SHA-256, and it holds {self.hash_set.counts}"
        counted = "1 entry" if self.entries == 1 else f"{self.entries:,} entries"
        by = ", ".join(f"{part.with_digest:,} {NAMES[part.algorithm]}" for part in self.compared)
        without = max(part.without_digest for part in self.compared)
        return f"{one}: {counted} ({by} compared; files without a digest: {without:,})"
