"""What a filter means, told of one row in plain Python: what the SQL is compared with. And random filters and rows."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from forensics_app.model.catalogue import FILE_COLUMNS, FILE_KINDS, TIME_FIELDS, FileRow
from forensics_app.model.filter_language import tree

DAY_NS = 86_400 * 10**9
Row = Mapping[str, Any]
Basis = Callable[[str, str], str]


def holds(part: tree.Expression, row: Row, basis: Basis) -> bool | None:
    """Whether a row fulfils it; None where that cannot be told. ``basis`` is that of a volume and a time."""
    match part:
        case tree.Both():
            told = [holds(one, row, basis) for one in part.parts]
            return False if False in told else None if None in told else True
        case tree.Either():
            told = [holds(one, row, basis) for one in part.parts]
            return True if True in told else None if None in told else False
        case tree.Opposite():
            inner = holds(part.part, row, basis)
            return None if inner is None else not inner
        case tree.TimeRange():
            return _time(part, row[f"{part.field}_ns"], basis(row["volume_id"], part.field))
    return _leaf(part, row)


def _leaf(part: tree.Expression, row: Row) -> bool:
    match part:
        case tree.Words():
            value = row[part.column]
            forms = {unicodedata.normalize(form, part.text) for form in ("NFC", "NFD")} | {part.text}
            return value is not None and any(_says(value, form, part.wild) for form in forms)
        case tree.OneOf():
            return row[part.column] in part.values
        case tree.ContentType():
            mime = row["mime"]
            if mime is None:
                return part.unknown
            return mime.lower() in part.types or any(mime.lower().startswith(prefix) for prefix in part.prefixes)
        case tree.NumberRange():
            value = row[part.column]
            if value is None or (part.column == "size_bytes" and row["kind"] == "directory"):
                return False
            return (part.low is None or value >= part.low) and (part.high is None or value <= part.high)
        case tree.Is():
            return bool(row[part.column])
        case tree.Marked():
            return part.mark in row["marks"].split()
        case tree.Digest():
            return any((row[column] or b"").hex().startswith(part.digits) for column in ("md5", "sha256"))
        case tree.InVolume():
            own = row["volume_id"]
            return own == part.volume_id or own.startswith((f"{part.volume_id}.", f"{part.volume_id}!"))
    raise AssertionError(part)


def _time(part: tree.TimeRange, stamp_ns: int | None, basis: str) -> bool | None:
    if stamp_ns is None:
        return False
    if basis == "utc":
        return part.utc.low_ns <= stamp_ns <= part.utc.high_ns
    if part.wall is None:
        return None
    last_ns = stamp_ns + DAY_NS - 1 if basis == "date" else stamp_ns
    return last_ns >= part.wall.low_ns and stamp_ns <= part.wall.high_ns


def _same(one: str, other: str) -> bool:
    return one in (other, other.lower(), other.upper())


def _says(value: str, text: str, wild: bool) -> bool:
    """By trying every place, character by character."""
    pattern = text if wild else f"*{text}*"
    literal = set() if wild else set(range(1, len(pattern) - 1))
    reached = {0}
    for at, char in enumerate(pattern):
        if char == "*" and at not in literal:
            reached = set(range(min(reached), len(value) + 1)) if reached else set()
        elif char == "?" and at not in literal:
            reached = {place + 1 for place in reached if place < len(value)}
        else:
            reached = {place + 1 for place in reached if place < len(value) and _same(value[place], char)}
    return len(value) in reached


NAMES = (
    "a.txt", "B_100%.TXT", "ünï.jpg", unicodedata.normalize("NFD", "Ünï.JPG"), "отчёт.DOC", "ОТЧЁТ.doc", "[x]*?.c",
    "back\\slash", "straße", "STRASSE", "日本.png", "IMG_2043.jpg", "a b.eml", "",
)  # fmt: skip
VOLUMES = ("v0.p1", "v0.p2", "v0.p3", "v0.p1!7", "v0.p1!7!9", "v0.p1.l1", "v0.p10")
MIMES = (None, "image/png", "image/JPEG", "text/plain", "application/pdf", "application/vnd.ms-excel.sheet")
EDGES_NS = (0, -1, 1_700_000_000 * 10**9, 1_700_000_000 * 10**9 - DAY_NS, -(2**63), 2**63 - 1)


def random_rows(chance: random.Random, count: int) -> tuple[FileRow, ...]:
    """Rows in which everything that a filter can ask for is so, is not so, or is absent."""
    rows: list[Any] = []
    for number in range(1, count + 1):
        name = chance.choice(NAMES)
        values: dict[str, Any] = dict.fromkeys(FILE_COLUMNS)
        values |= {"id": number, "volume_id": chance.choice(VOLUMES), "name": name, "address": str(number)}
        folder = chance.choice(("docs", "Übung", "Downloads/new"))
        values |= {"path": f"/{folder}/{name}", "kind": chance.choice(FILE_KINDS)}
        values |= {"extension": name.rpartition(".")[2].lower(), "size_bytes": chance.choice((0, 1, 1023, 1024, 2**40))}
        values |= {flag: chance.random() < 0.5 for flag in ("allocated", "realloc", "orphan", "mismatch")}
        values |= {f"{field}_ns": chance.choice((None, *EDGES_NS)) for field in TIME_FIELDS}
        digest = chance.choice((None, bytes.fromhex("ab0f" * 4 + "00" * 8), b"\xff" * 16, b"\0" * 16))
        values |= {"md5": digest, "sha256": digest and digest[::-1] * 2, "mime": chance.choice(MIMES)}
        values |= {"entropy_head_millibits": chance.choice((None, 0, 7500, 8000))}
        values |= {"marks": chance.choice(("", "empty", "encrypted truncated", "random"))}
        values |= {"note": chance.choice((None, "content not readable at 512", "Größe"))}
        rows.append(tuple(values.values()))
    return tuple(rows)


def random_tree(chance: random.Random, depth: int) -> tree.Expression:
    """An expression of any kind."""
    if depth and chance.random() < 0.6:
        parts = tuple(random_tree(chance, depth - 1) for _ in range(chance.randint(2, 3)))
        kind = chance.choice((tree.Both, tree.Either, None))
        return kind(parts=parts) if kind else tree.Opposite(part=parts[0])
    return chance.choice(_LEAVES)(chance)


def _some(chance: random.Random, values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(chance.sample(values, chance.randint(1, 2)))


def _words(chance: random.Random) -> tree.Words:
    column = chance.choice(("name", "path", "note"))
    text = chance.choice(
        ("a", "TXT", "%", "_", "ÜN", "отчёт", "[x]", "*", "\\", "ß", "日", "read", "Größe", "/new/", "i̇")
    )
    if chance.random() < 0.5:
        return tree.Words(column=column, text=text)
    wild = chance.choice(("*{}*", "{}*", "*{}", "?{}*", "*/{}?*", "*{}.??g"))
    return tree.Words(column=column, text=wild.format(text), wild=True)


def _span(chance: random.Random) -> tree.Span:
    low, high = sorted(chance.choice(EDGES_NS) + chance.choice((0, 0, 1, -1)) for _ in range(2))
    return tree.Span(low_ns=max(low, -(2**63)), high_ns=min(high, 2**63 - 1))


def _number(chance: random.Random) -> tree.NumberRange:
    column = chance.choice(("size_bytes", "entropy_head_millibits"))
    low, high = chance.choice((None, 0, 1024, 7500)), chance.choice((None, 1023, 8000, 2**63 - 1))
    return tree.NumberRange(column=column, low=0 if low is None and high is None else low, high=high)


_LEAVES: tuple[Callable[[random.Random], tree.Expression], ...] = (
    _words,
    lambda chance: tree.OneOf(column="extension", values=_some(chance, ("txt", "jpg", "", "doc"))),
    lambda chance: tree.OneOf(column="kind", values=_some(chance, FILE_KINDS)),
    lambda chance: tree.ContentType(
        types=frozenset(chance.sample(("image/jpeg", "text/plain"), 1)),
        prefixes=frozenset(chance.sample(("image/", "application/vnd.ms-excel"), chance.randint(0, 1))),
        unknown=chance.random() < 0.3,
    ),
    _number,
    lambda chance: tree.TimeRange(
        field=chance.choice(TIME_FIELDS), utc=_span(chance), wall=chance.choice((None, _span(chance)))
    ),
    lambda chance: tree.Is(column=chance.choice(("allocated", "realloc", "orphan", "mismatch"))),
    lambda chance: tree.Marked(mark=chance.choice(("empty", "encrypted", "truncated", "random"))),
    lambda chance: tree.Digest(digits=chance.choice(("a", "ab", "ab0", "f", "ff" * 16, "ff" * 17, "0", "00" * 32))),
    lambda chance: tree.InVolume(volume_id=chance.choice((*VOLUMES, "v0", "v0.p"))),
)
