"""Lists with a digest in each line: md5sum, sha1sum and sha256sum in both of their forms, one column, hashdeep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from evidence.digest import OnProgress
from evidence.errors import HashSetError
from evidence.hash_sets.base import (
    ALGORITHM_OF,
    DIGEST_BYTES,
    NAMES,
    NO_END,
    NOTED,
    REFUSED,
    STUMP,
    Batch,
    Remarks,
    is_digest,
)
from evidence.hash_sets.lines import blocks

_LEADING = re.compile(r'\\?"?([0-9a-f]+)"?(?=[\s,;]|$)')
_TAGGED = re.compile(r"\\?(md5|sha1|sha256) \(.*\) = ([0-9a-f]+)$")
_FURTHER = re.compile(r'[ \t,;:|"*](?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?=[ \t,;:|"\n]|$)')
_SHORTEST = 2 * min(DIGEST_BYTES.values())
"""So many characters behind a digest hold no further one: it would need another before it."""
_BEHIND = {" ", "\t", ""}
_COMMENTS = ("#", "//")
_HASHDEEP = "%%%% hashdeep"
_COLUMNS = "%%%% "


class ListSource:
    """A plain list. The first digest says which algorithm is expected; another one is taken too, and remarked."""

    unit = "line"
    format = "list of digests"

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is read yet."""
        self.path, self.told = path, dict[str, str]()

    def batches(self, remarks: Remarks, on_progress: OnProgress) -> Iterator[Batch]:
        """See :class:`evidence.hash_sets.base.Source`."""
        expected: str | None = None
        longest = 0
        for number, text in blocks(self.path, on_progress):
            last = number + text.count("\n")
            ending = "" if text.endswith("\n") else text.rpartition("\n")[2]
            is_without_end = bool(_digest_in(ending, last, Remarks())[1])
            likely = expected or _first(text)
            if likely and (quick := _quick(text, likely)) is not None:
                expected, longest = likely, max(longest, 2 * DIGEST_BYTES[likely])
                if is_without_end:
                    remarks.add(NOTED, last, NO_END)
                yield Batch(algorithm=likely, digests=quick, numbers=range(number, number + len(quick)))
                continue
            run = _Run()
            for at, line in enumerate(text.removesuffix("\n").split("\n"), number):
                algorithm, digest = _digest_in(line, at, remarks)
                if not digest:
                    continue
                if is_without_end and at == last:
                    is_stump = len(digest) < longest and ending.strip('\\" ') == digest
                    remarks.add(*((REFUSED, at, STUMP) if is_stump else (NOTED, at, NO_END)))
                    if is_stump:
                        continue
                longest = max(longest, len(digest))
                expected = expected or algorithm
                if algorithm != expected:
                    words = f"{NAMES[algorithm]}, where the list began with {NAMES[expected]}; it was taken"
                    remarks.add(NOTED, at, words)
                if algorithm != run.algorithm:
                    yield from run.batches()
                    run = _Run(algorithm)
                run.digests.append(digest)
                run.numbers.append(at)
            yield from run.batches()


@dataclass(slots=True)
class _Run:
    """Digests of one algorithm that follow on one another."""

    algorithm: str = ""
    digests: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def batches(self) -> Iterator[Batch]:
        if self.digests:
            yield Batch(algorithm=self.algorithm, digests=self.digests, numbers=self.numbers)


def _first(text: str) -> str:
    """The algorithm of the digest that a text begins with; empty where it begins otherwise."""
    leading = _LEADING.match(text)
    return ALGORITHM_OF.get(len(leading[1]), "") if leading else ""


def _quick(text: str, algorithm: str) -> list[str] | None:
    """The digests of lines that all are as expected; None where one is not."""
    digits, lines = 2 * DIGEST_BYTES[algorithm], text.split("\n")
    if not lines[-1]:
        lines.pop()
    behind = {line[digits : digits + 1] for line in lines}
    if not behind <= _BEHIND:
        return None
    if max(map(len, lines)) > digits + _SHORTEST:
        long = (line for line in lines if len(line) > digits + _SHORTEST)
        if _FURTHER.search("\n".join(long)):
            return None
    digests = [line[:digits] for line in lines]
    joined = "".join(digests)
    with suppress(ValueError):
        if len(joined) == digits * len(lines) == 2 * len(bytes.fromhex(joined)):  # it would pass over spaces
            return digests
    return None


def _digest_in(line: str, number: int, remarks: Remarks) -> tuple[str, str]:
    """Algorithm and digest of a line; empty where there is none, which is remarked unless nothing was meant."""
    if not line.strip() or line.lstrip().startswith(_COMMENTS):
        return "", ""
    if tagged := _TAGGED.match(line):
        algorithm, digest = tagged.groups()
        if is_digest(digest, algorithm):
            return algorithm, digest
        remarks.add(REFUSED, number, f"{len(digest)} digits are no {NAMES[algorithm]} digest")
        return "", ""
    leading = _LEADING.match(line)
    if (leading is None or len(leading[1]) not in ALGORITHM_OF) and _FURTHER.search(line):
        words = "a digest stands in it, and not at its beginning: columns need a header that names them"
        remarks.add(REFUSED, number, words)
    elif leading is None:
        remarks.add(REFUSED, number, "there is no digest at its beginning")
    elif (algorithm := ALGORITHM_OF.get(len(leading[1]), "")) == "":
        remarks.add(REFUSED, number, f"{len(leading[1])} hexadecimal digits are no MD5, SHA-1 or SHA-256 digest")
    else:
        if _FURTHER.search(line, leading.end()):
            words = "a further field that looks like a digest was not taken: columns need a header that names them"
            remarks.add(NOTED, number, words)
        return algorithm, leading[1]
    return "", ""


class HashdeepSource:
    """What ``hashdeep`` writes: its header names the columns; the name of the file is the last and may hold commas."""

    unit = "line"
    format = "hashdeep"

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is read yet."""
        self.path, self.told = path, dict[str, str]()

    def batches(self, remarks: Remarks, on_progress: OnProgress) -> Iterator[Batch]:
        """See :class:`evidence.hash_sets.base.Source`."""
        columns: list[str] = []
        for number, text in blocks(self.path, on_progress):
            last = number + text.count("\n")
            if not text.endswith("\n") and any(_of_line(text.rpartition("\n")[2], last, columns, Remarks())):
                remarks.add(NOTED, last, NO_END)
            if columns and (quick := _quick_columns(text, columns)) is not None:
                for algorithm, digests in quick.items():
                    yield Batch(algorithm=algorithm, digests=digests, numbers=range(number, number + len(digests)))
                continue
            for at, line in enumerate(text.removesuffix("\n").split("\n"), number):
                if line.startswith(_COLUMNS) and not line.startswith(_HASHDEEP):
                    columns = line.removeprefix(_COLUMNS).strip().split(",")
                    self._check(columns, at)
                elif line.strip() and not line.startswith(("#", _HASHDEEP)):
                    yield from _of_line(line, at, columns, remarks)

    def _check(self, columns: list[str], number: int) -> None:
        if not set(columns) & set(DIGEST_BYTES):
            raise HashSetError(self.path, f"has no column of MD5, SHA-1 or SHA-256 digests by its line {number}")
        if columns[-1] in DIGEST_BYTES:
            raise HashSetError(self.path, f"names no column behind {columns[-1]} in its line {number}: it is cut off")


def _quick_columns(text: str, columns: list[str]) -> dict[str, list[str]] | None:
    fields = [rf"([0-9a-f]{{{2 * DIGEST_BYTES[name]}}})" if name in DIGEST_BYTES else "[^,\n]*" for name in columns]
    wanted = [name for name in columns if name in DIGEST_BYTES]
    found = re.findall(rf"^{','.join(fields[:-1])},.*$", text, re.MULTILINE)
    if len(found) != text.count("\n") + (not text.endswith("\n")):
        return None
    if len(wanted) == 1:
        return {wanted[0]: found}
    return {name: list(digests) for name, digests in zip(wanted, zip(*found, strict=True), strict=True)}


def _of_line(line: str, number: int, columns: list[str], remarks: Remarks) -> Iterator[Batch]:
    fields = line.split(",", len(columns) - 1)
    if not columns or len(fields) < len(columns):
        remarks.add(REFUSED, number, f"it has {len(fields)} columns, not {len(columns)}")
        return
    for name, value in zip(columns, fields, strict=True):
        if name not in DIGEST_BYTES:
            continue
        if is_digest(value, name):
            yield Batch(algorithm=name, digests=(value,), numbers=(number,))
        else:
            remarks.add(REFUSED, number, f"its column {name} holds no {NAMES[name]} digest")
