"""The manifest of a container of copied folders: its first line, and the line of each file.

It is written by :mod:`evidence.acquisition.folders` and described there. What is read here may be hostile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evidence.filesystems.base import FILE_KINDS

MANIFEST = "manifest.jsonl"
VERSION = 1

_TIMES = ("modified", "accessed", "changed", "created")
_LABELS = ("case_number", "evidence_number", "examiner", "notes", "tool")
_DIGESTS = {"md5": 32, "sha256": 64}
_TEXT_MAX, _ROOTS_MAX = 1000, 1000
_NS_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the first line says.

    Attributes:
        started_at: When the copying began, as it is written there.
        roots: Paths of the folders that were copied.
        labels: The number of the case, the examiner ...
        attributes: What became of extended attributes, in words; empty in manifests of versions that lost them.
    """

    started_at: str
    roots: tuple[str, ...]
    labels: Mapping[str, str]
    attributes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a line says of one name.

    Attributes:
        path: From the folder on, as bytes; empty for the folder itself.
        member: Of the container, with the content; None where nothing was read.
        times: Nanoseconds since 1970, UTC, by the first four of ``TIME_FIELDS``.
        size_bytes: Of what is in the container, else what the system said.
        attributes: Name and value of its extended attributes.
    """

    root: int
    path: bytes
    kind: str
    size_bytes: int
    times: Mapping[str, int]
    link_target: str | None
    member: str | None
    digests: Mapping[str, str]
    note: str | None
    attributes: tuple[tuple[bytes, bytes], ...] = ()


def head_of(raw: bytes) -> Head | None:
    """The first line; None where it is that of something else.

    Raises:
        OSError: It is of a version that is not known, or its times are.
    """
    said = _object(raw)
    if said is None or not isinstance(said.get("roots"), list) or not isinstance(said.get("version"), int):
        return None
    if said["version"] != VERSION:
        raise OSError(f"its manifest has version {said['version']}; this program knows {VERSION}")
    times = said.get("times")
    if not isinstance(times, dict) or times.get("basis") != "utc":
        raise OSError("its manifest does not say that its times are in UTC")
    labels = said.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    roots = [root.get("path") for root in said["roots"][:_ROOTS_MAX] if isinstance(root, dict)]
    return Head(
        started_at=_short(said.get("started_at")),
        roots=tuple(_short(root) for root in roots),
        labels={name: text for name in _LABELS if (text := _short(labels.get(name)))},
        attributes=_short(said.get("extended_attributes")),
    )


def line_of(raw: bytes) -> Line:
    """The line of a name.

    Raises:
        OSError: It makes no sense.
    """
    said = _object(raw)
    if said is None:
        raise OSError("it is no object of JSON")
    root, kind, path = said.get("root"), said.get("kind"), _bytes(said, "path")
    if not isinstance(root, int) or isinstance(root, bool) or not 0 < root <= _NS_MAX:
        raise OSError("it does not say which folder it belongs to")
    if not isinstance(kind, str) or path is None:
        raise OSError("it has no path or no kind")
    member = said.get("member")
    digests = {name: text.lower() for name in _DIGESTS if isinstance(text := said.get(name), str)}
    if member is not None and (
        not isinstance(member, str) or {name: len(text) for name, text in digests.items()} != _DIGESTS
    ):
        raise OSError("it names a member of the container without its digests")
    target = _bytes(said, "link_target")
    return Line(
        root=root,
        path=path,
        kind=kind if kind in FILE_KINDS else "file",
        size_bytes=_number(said.get("stored_bytes" if member is not None else "size")) or 0,
        times={field: ns for field in _TIMES if (ns := _number(said.get(f"{field}_ns"), signed=True)) is not None},
        link_target=None if target is None else target.decode(errors="replace"),
        member=member,
        digests=digests if member is not None else {},
        note=_short(said.get("note")) or None,
        attributes=tuple(_attributes(said.get("extended_attributes", []))),
    )


def totals_of(raw: bytes) -> Mapping[str, int] | None:
    """The last line; None where it is none."""
    said = _object(raw)
    if said is None or "root" in said or "entries" not in said:
        return None
    return {name: number for name in ("entries", "files") if (number := _number(said.get(name))) is not None}


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _attributes(said: object) -> Iterator[tuple[bytes, bytes]]:
    for one in said if isinstance(said, list) else [said]:
        name = _bytes(one, "name") if isinstance(one, dict) else None
        value = _bytes({"value_hex": one.get("hex")}, "value") if isinstance(one, dict) else None
        if name is None or value is None:
            raise OSError("its extended attributes are not names with values in hex")
        yield name, value


def _bytes(said: Mapping[str, Any], name: str) -> bytes | None:
    """A path, by its bytes where it is no text."""
    text, code = said.get(name), said.get(f"{name}_hex")
    try:
        if isinstance(code, str):
            return bytes.fromhex(code)
        return text.encode() if isinstance(text, str) else None
    except ValueError:
        return None


def _number(value: object, *, signed: bool = False) -> int | None:
    """A number, or one that is written as text because it is too large for JSON."""
    try:
        number = int(value) if isinstance(value, int | str) and len(str(value)) < 21 else None
    except ValueError:
        return None
    if number is None or abs(number) > _NS_MAX or (number < 0 and not signed):
        return None
    return number


def _short(value: object) -> str:
    return value[:_TEXT_MAX].encode(errors="replace").decode() if isinstance(value, str) else ""
