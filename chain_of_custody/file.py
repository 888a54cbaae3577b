"""The ledger file: chains of a lab in one file of text lines, for people who have nothing of the program.

The first line is a header, every other line an entry; each is canonical JSON. See ``ledger-format.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chain_of_custody.body import GENESIS, ChainKind
from chain_of_custody.canonical import Json, canonical, parse
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError, CanonicalError, LedgerFileError
from chain_of_custody.frame import read_frame

FORMAT: Final = "forensics-ledger-file/1"
FORMAT_WITHHOLDING: Final = "forensics-ledger-file/2"
"""Of a file in which entries of a case are withheld: their digests stand in their places."""
MAX_LINE_BYTES: Final = 32 * 1024 * 1024
"""A longer line is no entry of a ledger; the limit keeps a forged file from filling the memory."""

_CHAIN_MEMBERS: Final = frozenset(("chain", "kind", "entries", "head"))
_HEX_BYTES: Final = re.compile(r"(?:[0-9a-f]{2})*")
_HEAD: Final = re.compile(r"[0-9a-f]{64}")
_WITHHELD: Final = re.compile(rb'\{"withheld":"([0-9a-f]{64})"\}')


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPart:
    """A chain in a ledger file.

    Attributes:
        entries: as they stand in the file. A line that is not an entry stands here as an entry without signatures whose
            body is the line, so that it is found at its place.
        announced_entries: how many entries the header says there are.
        announced_head: digest of the last entry that the header gives, 32 bytes.
    """

    chain: str
    kind: ChainKind
    entries: tuple[Entry, ...]
    announced_entries: int
    announced_head: bytes


def lines_of(chains: Sequence[tuple[str, ChainKind, Sequence[Entry]]]) -> Iterator[bytes]:
    """Return the lines of a ledger file, each with its line feed.

    Args:
        chains: id, kind and entries of each chain; the lab chain first.
    """
    described: list[Json] = [
        {"chain": chain, "kind": kind, "entries": len(entries), "head": _head_of(entries).hex()}
        for chain, kind, entries in chains
    ]
    is_whole = all(entry.withheld is None for _, _, entries in chains for entry in entries)
    yield canonical({"format": FORMAT if is_whole else FORMAT_WITHHOLDING, "chains": described}) + b"\n"
    for _, _, entries in chains:
        for entry in entries:
            yield canonical(_line(entry)) + b"\n"


def read_lines(lines: Iterable[bytes]) -> tuple[ChainPart, ...]:
    """Read a ledger file.

    An entry belongs to the chain that its body names, if the header lists it, and otherwise to the chain of the line
    before it, or to the next one when that chain has all its announced entries.

    Args:
        lines: with or without their line feeds.

    Raises:
        LedgerFileError: it is not a ledger file, as far as the header tells.
    """
    source = iter(lines)
    header, may_withhold = _header(next(source, b""))
    places = {one["chain"]: place for place, one in enumerate(header)}
    entries: list[list[Entry]] = [[] for _ in header]
    current = 0
    for line in source:
        text = line.removesuffix(b"\n")
        entry = (_withheld(text) if may_withhold else None) or _entry(text)
        named = places.get(_chain_of(entry))
        if named is None:
            while current + 1 < len(header) and len(entries[current]) >= header[current]["entries"]:
                current += 1
        else:
            current = named
        is_withheld = entry.withheld is not None
        entries[current].append(Entry(text, ()) if is_withheld and header[current]["kind"] == "lab" else entry)
    return tuple(
        ChainPart(
            chain=one["chain"],
            kind=one["kind"],
            entries=tuple(of_chain),
            announced_entries=one["entries"],
            announced_head=bytes.fromhex(one["head"]),
        )
        for one, of_chain in zip(header, entries, strict=True)
    )


def _head_of(entries: Sequence[Entry]) -> bytes:
    return entries[-1].digest if entries else GENESIS


def without(entry: Entry) -> Entry:
    """What stands in a ledger file in the place of an entry that is withheld: its digest."""
    return Entry(b"", (), entry.digest)


def _line(entry: Entry) -> Json:
    if entry.withheld is not None:
        return {"withheld": entry.withheld.hex()}
    signatures = [signature.hex() for signature in entry.signatures]
    try:
        return {"body": entry.body.decode("utf-8"), "signatures": signatures}
    except UnicodeDecodeError:
        return {"body_hex": entry.body.hex(), "signatures": signatures}


def _header(line: bytes) -> tuple[list[dict[str, Any]], bool]:
    if line.endswith(b"\r\n"):
        raise LedgerFileError("its line ends were converted, so it is not the file that was written")
    try:
        header = parse(line.removesuffix(b"\n"))
    except CanonicalError as error:
        raise LedgerFileError("its first line is not the header of a ledger file") from error
    if type(header) is not dict or header.get("format") not in (FORMAT, FORMAT_WITHHOLDING):
        raise LedgerFileError(f"its first line names neither the format {FORMAT} nor {FORMAT_WITHHOLDING}")
    chains = header.get("chains")
    if type(chains) is not list or not chains or not all(map(_is_chain, chains)):
        raise LedgerFileError("its header does not list the chains")
    if len({one["chain"] for one in chains}) != len(chains):
        raise LedgerFileError("its header lists a chain twice")
    if any(one["kind"] == "lab" for one in chains[1:]):
        raise LedgerFileError("its lab chain does not come first")
    return chains, header["format"] == FORMAT_WITHHOLDING


def _is_chain(one: Any) -> bool:
    return (
        type(one) is dict
        and one.keys() == _CHAIN_MEMBERS
        and type(one["chain"]) is str
        and one["kind"] in ("lab", "case")
        and type(one["entries"]) is int
        and type(one["head"]) is str
        and _HEAD.fullmatch(one["head"]) is not None
    )


def _withheld(line: bytes) -> Entry | None:
    """The place of an entry that is withheld; None of every other line."""
    found = _WITHHELD.fullmatch(line)
    return None if found is None else Entry(b"", (), bytes.fromhex(found[1].decode()))


def _entry(line: bytes) -> Entry:
    try:
        raw: Any = parse(line)
    except CanonicalError:
        return Entry(line, ())
    if type(raw) is not dict or not _are_signatures(raw.get("signatures")):
        return Entry(line, ())
    signatures = tuple(bytes.fromhex(one) for one in raw["signatures"])
    if raw.keys() == {"body", "signatures"} and type(raw["body"]) is str:
        return Entry(raw["body"].encode("utf-8"), signatures)
    if raw.keys() == {"body_hex", "signatures"} and _is_hex(raw["body_hex"]):
        return Entry(bytes.fromhex(raw["body_hex"]), signatures)
    return Entry(line, ())


def _are_signatures(value: Any) -> bool:
    return type(value) is list and all(map(_is_hex, value))


def _is_hex(value: Any) -> bool:
    return type(value) is str and _HEX_BYTES.fullmatch(value) is not None


def _chain_of(entry: Entry) -> str | None:
    """Return the chain that a body names; None when it is not a body."""
    try:
        return read_frame(entry.body).place.chain
    except BodyError:
        return None
