"""Project VIC and CAID: JSON documents of gigabytes, read media by media.

Source: VICS data model 1.3 and 2.0: ``{"value": [{..., "Media": [{"MediaID", "Category", "MD5", "SHA1", ...}]}]}``.
A plain array of such media is taken too.
"""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any

from evidence.digest import OnProgress
from evidence.errors import HashSetError
from evidence.hash_sets.base import DIGEST_BYTES, NAMES, REFUSED, Batch, Remarks, is_digest

CHUNK_BYTES = 1 << 20
LARGEST_VALUE = 32 << 20
"""In characters. Nothing that is read as a whole may be larger: a media, or a value beside the media."""
_SPACE = " \t\r\n"
_LISTS = ("value", "media", "cases")
_KEYS = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha-1": "sha1", "sha-256": "sha256"}
_DEEPEST = 6
_AT_ONCE = 5000
_MOST_CATEGORIES, _LONGEST_CATEGORY = 50, 100
"""What a document says of its categories is signed: so many are named, by so many characters."""
_OTHERS = "\0"


class VicsSource:
    """Media of a case of Project VIC or CAID. ``told`` holds how many media there are of each category."""

    unit = "record"
    format = "Project VIC / CAID JSON"

    def __init__(self, path: Path, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Take the path, and how much is read at once; nothing is read yet."""
        self.path, self.told, self._chunk_bytes = path, dict[str, str](), chunk_bytes

    def batches(self, remarks: Remarks, on_progress: OnProgress) -> Iterator[Batch]:
        """See :class:`evidence.hash_sets.base.Source`."""
        categories: Counter[str] = Counter()
        held: dict[str, list[tuple[str, int]]] = {name: [] for name in DIGEST_BYTES}
        for number, media in enumerate(_Reader(self.path, self._chunk_bytes, on_progress).media(), 1):
            if not isinstance(media, dict):
                remarks.add(REFUSED, number, "it is no object")
                continue
            category = str(_of(media, "category", "not stated"))[:_LONGEST_CATEGORY]
            categories[category if category in categories or len(categories) < _MOST_CATEGORIES else _OTHERS] += 1
            for algorithm, digest in _digests(media, number, remarks):
                held[algorithm].append((digest, number))
            if not number % _AT_ONCE:
                yield from _given(held)
        yield from _given(held)
        self.told = {
            f"category {name}": f"{count:,} media" for name, count in sorted(categories.items()) if name != _OTHERS
        }
        if others := categories[_OTHERS]:
            self.told["further categories"] = f"{others:,} media"


def _given(held: dict[str, list[tuple[str, int]]]) -> Iterator[Batch]:
    for algorithm, found in held.items():
        if found:
            digests, numbers = zip(*found, strict=True)
            yield Batch(algorithm=algorithm, digests=digests, numbers=numbers)
            found.clear()


def _digests(media: dict[str, Any], number: int, remarks: Remarks) -> Iterator[tuple[str, str]]:
    """The digests of a media, and those that its files have of their own."""
    parts = [media]
    for key, value in media.items():
        if key.lower() == "mediafiles" and isinstance(value, list):
            parts += [part for part in value if isinstance(part, dict)]
    found = set()
    for part in parts:
        for key, value in part.items():
            if (algorithm := _KEYS.get(key.lower())) is None or value in (None, ""):
                continue
            if isinstance(value, str) and is_digest(value.strip().lower(), algorithm):
                found.add((algorithm, value.strip().lower()))
            else:
                remarks.add(REFUSED, number, f"its {key} is no {NAMES[algorithm]} digest")
                found.add(("", ""))
    if not found:
        remarks.add(REFUSED, number, "it holds no MD5, SHA-1 or SHA-256 digest")
    yield from sorted(found - {("", "")})


def _of(media: dict[str, Any], name: str, otherwise: str) -> Any:
    return next((value for key, value in media.items() if key.lower() == name), otherwise)


class _Reader:
    """Goes through a document with one value in memory at a time."""

    def __init__(self, path: Path, chunk_bytes: int, on_progress: OnProgress) -> None:
        self._path, self._chunk_bytes, self._on_progress = path, chunk_bytes, on_progress
        self._text, self._at, self._passed, self._is_ended = "", 0, 0, False
        self._decode = JSONDecoder().raw_decode

    def media(self) -> Iterator[Any]:
        try:
            with self._path.open("rb") as self._file:
                self._size_bytes = self._path.stat().st_size
                start = self._file.read(4)
                self._file.seek(0)
                name = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
                self._decoder = codecs.getincrementaldecoder(name)()
                yield from self._container(0, "cases")
                if self._peek(may_end=True):
                    raise self._wrong("goes on behind the end of its document")
        except UnicodeDecodeError as error:
            raise HashSetError(self._path, f"is no text in {error.encoding}: {error.reason}") from error
        except OSError as error:
            raise HashSetError(self._path, f"cannot be read: {error.strerror}") from error

    def _container(self, depth: int, key: str = "media") -> Iterator[Any]:
        """Media in the object or array that begins here, which stood under ``key``."""
        if depth > _DEEPEST:
            raise self._wrong("is divided deeper than a document of Project VIC is")
        if self._take("[{") == "{":
            yield from self._object(depth)
            return
        while self._next("]"):
            if key != "media" and self._peek() == "{":
                yield from self._container(depth + 1)
            else:
                yield self._value()

    def _object(self, depth: int) -> Iterator[Any]:
        """Media in the lists of an object that is open; where it has none it may be a media itself."""
        values, has_lists = dict[str, Any](), False
        while self._next("}"):
            key = self._value()
            self._take(":")
            if isinstance(key, str) and key.lower() in _LISTS and self._peek() == "[":
                has_lists = True
                yield from self._container(depth + 1, key.lower())
            else:
                values[str(key)] = self._value()
        if not has_lists:
            yield values

    def _next(self, end: str) -> bool:
        """Step over a comma; False at the end of the container."""
        char = self._take(f",{end}") if self._text[self._at - 1] not in "[{" or self._peek() == end else ","
        return char == ","

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
                if end < len(self._text) or self._is_ended:
                    self._at = end
                    return value
            except (ValueError, RecursionError) as error:  # also a number of more digits than Python takes
                if self._is_ended or not isinstance(error, json.JSONDecodeError):
                    raise self._wrong("does not hold together, or is cut off") from error
            if len(self._text) - self._at > LARGEST_VALUE:
                raise self._wrong("holds a value that is too large")
            self._more()

    def _take(self, chars: str) -> str:
        char = self._peek()
        if char not in chars:
            raise self._wrong(f"does not hold together: {' or '.join(chars)} was expected")
        self._at += 1
        return char

    def _peek(self, *, may_end: bool = False) -> str:
        """The next character that is no space."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_ended:
                if may_end:
                    return ""
                raise self._wrong("ends in the midst: it is cut off")
            self._more()

    def _more(self) -> None:
        chunk = self._file.read(self._chunk_bytes)
        kept = max(self._at - 1, 0)
        self._passed += kept
        self._text = self._text[kept:] + self._decoder.decode(chunk, final=not chunk)
        self._at -= kept
        self._is_ended = not chunk
        self._on_progress(self._file.tell(), self._size_bytes)

    def _wrong(self, why: str) -> HashSetError:
        return HashSetError(self._path, f"{why}, near character {self._passed + self._at:,}")
