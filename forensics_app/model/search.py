"""Searches through the content of an image, and what they found."""

from __future__ import annotations

import codecs
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from evidence.search.characters import ENCODINGS as ENCODINGS
from evidence.search.characters import USUAL_ENCODINGS as USUAL_ENCODINGS
from forensics_app.errors import AppError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.finding import LeftOut

SearchId = NewType("SearchId", UUID)


class SearchError(AppError):
    """What was found cannot be written or read. It is derived and can be found again."""

    kept = "The record and the evidence are not touched."
    then = "Search the image again."


class Space(StrEnum):
    """Where a search looks."""

    FILES = "files"
    DELETED = "deleted files"
    SLACK = "slack"
    UNALLOCATED = "unallocated space"
    GAPS = "metadata and gaps"
    """What of a volume is in no listed content, its slack or its unallocated space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What is looked for, and where.

    Attributes:
        terms: Words as they stand; ``expressions`` regular expressions, numbered behind them.
        encodings: Names of :data:`ENCODINGS`.
        any_case: Whether upper and lower case are the same.
        detect: Whether addresses, accounts, keys and the like are looked for too.
        documents: Whether the text of documents is extracted and searched too.
        secret_key: 32 random bytes in hex where the terms are secrets, as passwords are: the record then has no word of
            them, but a digest that only this key opens. Empty where they are none.
    """

    terms: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    encodings: tuple[str, ...] = USUAL_ENCODINGS
    any_case: bool = True
    detect: bool = False
    documents: bool = True
    spaces: tuple[Space, ...] = tuple(Space)
    secret_key: str = ""

    @property
    def shown(self) -> SearchRequest:
        """The same as it may be seen: numbers in the place of terms that are secrets, and no key."""
        if not self.secret_key:
            return self
        terms = tuple(f"secret term {number + 1}" for number in range(len(self.terms)))
        expressions = tuple(f"secret expression {number + 1}" for number in range(len(self.expressions)))
        return replace(self, terms=terms, expressions=expressions, secret_key="")

    @property
    def words(self) -> str:
        """What is looked for, in a few words; nothing of what is secret."""
        shown = self.shown
        named = [*shown.terms, *(f"/{text}/" for text in shown.expressions)]
        if self.detect:
            named.append("everything that is detected")
        return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")

    @property
    def is_across_files(self) -> bool:
        """Whether also what begins in one file and ends in another is looked for."""
        return Space.GAPS in self.spaces

    @property
    def limit(self) -> str:
        """What no search of this kind finds, in a sentence: it is not among what was missed."""
        if self.is_across_files:
            return (
                "Words across the border of two files are found where the files touch each other and it is known where "
                "they lie; words across three areas, or within compressed data, are not."
            )
        return (
            "Not looked for: what begins in one file and ends in another, or in space beside it. "
            "A search of metadata and gaps looks for that, too."
        )

    def term(self, number: int) -> str:
        """The term or expression with this number, as it may be seen; empty for what was detected."""
        shown = self.shown
        return (*shown.terms, *shown.expressions)[number] if number >= 0 else ""


def secret_key() -> str:
    """A key for a search whose terms are secrets."""
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchInfo:
    """A search of an image.

    Attributes:
        done: Units of work that were looked through, of ``units``.
        missed: Stretches that could not be looked through, or not all of whose hits are listed.
        is_current: Whether it is of the catalogue that the image has now.
    """

    id: SearchId
    request: SearchRequest
    started_at: datetime
    person: str
    done: int
    units: int
    hits: int
    missed: int
    is_current: bool

    @property
    def is_complete(self) -> bool:
        """Whether everything was looked through that was asked for."""
        return self.done >= self.units


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSearched:
    """A search over all images of a case.

    Attributes:
        found: The number of each image that was searched, and its search.
        left_out: Images that were not searched, by number, or not to their end.
    """

    found: tuple[tuple[str, SearchInfo], ...]
    left_out: tuple[LeftOut, ...]

    @property
    def hits(self) -> int:
        """In all images."""
        return sum(info.hits for _, info in self.found)

    @property
    def missed(self) -> int:
        """Stretches that were not looked through, in all images that were searched."""
        return sum(info.missed for _, info in self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """Something that was found.

    Attributes:
        id: From 1, in the order of finding.
        entry_id: The entry of the catalogue whose content, text or slack it is in; None where it is in none.
        address: Of the content; of bytes of a volume that stand across its border, too, else empty there.
        space: ``file``, ``deleted``, ``slack``, ``unallocated`` or ``volume``.
        is_in_text: Whether offset and length count characters of the text of a document.
        offset_bytes: In the content; ``media_offset_bytes`` on the media, None where it cannot be told.
        term: Number of the term; -1 for what was detected, which ``kind`` names and ``validity`` vouches for.
        encoding: How it is written there; empty for what was detected.
        text: What stands there; of keys and seed phrases nothing that gives them away. Empty where it is hidden.
        before: Bytes before it, and ``after`` behind it.
        is_hidden: Whether a mark hides what it is in.
    """

    id: int
    entry_id: int | None
    volume_id: str
    address: str
    space: str
    is_in_text: bool
    offset_bytes: int
    length_bytes: int
    media_offset_bytes: int | None
    term: int
    kind: str
    encoding: str
    text: str
    before: bytes
    after: bytes
    validity: str
    is_hidden: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether it is a key or a seed phrase, shown only to two people (REQ-58)."""
        return self.kind in secret_kinds()

    def context(self) -> tuple[str, str]:
        """What stands around it, read in its encoding; no control characters."""
        encoding = self.encoding or "utf-8"
        return readable(self.before, encoding), readable(self.after, encoding)

    def area(self) -> Area | None:
        """The area that it lies in, where that is no content of an entry."""
        match self.space:
            case "unallocated":
                return Area(kind=AreaKind.UNALLOCATED, volume_id=self.volume_id)
            case "volume":
                return Area(kind=AreaKind.VOLUME, volume_id=self.volume_id)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What was not looked through, or not all of whose hits are listed."""

    entry_id: int | None
    volume_id: str
    address: str
    space: str
    offset_bytes: int
    length_bytes: int
    why: str

    def where(self, path: str) -> str:
        """Its volume, and the file or the stretch of bytes; ``path`` is that of its file, empty where it has none."""
        of_slack = "slack of " if self.space == "slack" else ""
        area = AREAS.get(self.space, self.space)
        what = f"{of_slack}{path}" if path else f"{of_slack}address {self.address}" if self.address else area
        stretch = f", {self.length_bytes:,} bytes from byte {self.offset_bytes:,}" if self.length_bytes else ""
        return f"{self.volume_id} {what}{stretch}"


AREAS = {"unallocated": "unallocated space", "volume": "the volume"}
"""Names of spaces that are no files."""


def term_lines(content: bytes) -> tuple[str, ...]:
    """The terms of a list, one on each line: in UTF-8, or in UTF-16 as its mark says.

    Raises:
        ValueError: It is no text in these.
    """
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if wide else "utf-8-sig")
    if "\0" in text:
        raise ValueError("a NUL stands in it")
    return tuple(line for line in text.splitlines() if line.strip())


def secret_kinds() -> frozenset[str]:
    """What detectors find that nobody should read by the way."""
    from evidence.detectors.table import DETECTORS  # loads much that a start does not need

    return frozenset(kind for detector in DETECTORS for kind in detector.secret_kinds)


def readable(data: bytes, encoding: str) -> str:
    """Bytes as text; what is none as a dot."""
    if encoding.startswith("utf-16") and len(data) % 2:
        data = data[1:]
    text = data.decode(encoding, "replace")
    return "".join(char if char.isprintable() and char != "\ufffd" else "\u00b7" for char in text)
