"""Bodies, entries, signatures and the lines of a ledger file, by sections 2, 3, 4 and 8 of the format."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.second_verifier.form import NotCanonicalError, value_of

LONGEST_LINE = 32 * 1024 * 1024
ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}
MEMBERS = {
    "version", "chain", "chain_kind", "sequence", "previous", "recorded_at", "actor", "signers", "action", "object",
    "facts", "changes", "reason",
}  # fmt: skip


@dataclass
class Line:
    """An entry as it stands in a file; ``body`` is None where its bytes are not a body."""

    raw: bytes
    signatures: list[bytes]
    withheld: str = ""
    body: dict[str, Any] | None = field(init=False)

    def __post_init__(self) -> None:
        self.body = None if self.withheld else body_of(self.raw)

    @property
    def digest(self) -> str:
        return self.withheld or hashlib.sha256(self.raw + b"".join(self.signatures)).hexdigest()


@dataclass
class Listed:
    """A chain as the header lists it, with the entries that belong to it."""

    chain: str
    kind: str
    announced: int
    head: str
    lines: list[Line]


class UnreadableError(Exception):
    pass


def is_hex(value: Any, digits: int | None = None) -> bool:
    if type(value) is not str or re.fullmatch("(?:[0-9a-f]{2})*", value) is None:
        return False
    return digits is None or len(value) == digits


def is_uuid(value: Any) -> bool:
    return type(value) is str and [len(part) for part in value.split("-")] == [8, 4, 4, 4, 12] and (
        is_hex(value.replace("-", ""), 32)
    )  # fmt: skip


def is_time(value: Any) -> bool:
    if type(value) is not str or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value, re.ASCII) is None:
        return False
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007
    except ValueError:
        return False
    return value[17:19] < "60"


def has_strings(value: Any, names: set[str]) -> bool:
    return type(value) is dict and set(value) == names and all(type(one) is str for one in value.values())


@lru_cache(4096)
def body_of(raw: bytes) -> dict[str, Any] | None:
    try:
        body = value_of(raw)
    except NotCanonicalError:
        return None
    return body if type(body) is dict and set(body) == MEMBERS and is_body(body) else None


def is_body(body: dict[str, Any]) -> bool:
    actor, signers = body["actor"], body["signers"]
    return (
        type(body["version"]) is int
        and body["version"] == 1
        and is_uuid(body["chain"])
        and body["chain_kind"] in ("lab", "case")
        and type(body["sequence"]) is int
        and body["sequence"] >= 1
        and is_hex(body["previous"], 64)
        and is_time(body["recorded_at"])
        and has_strings(actor, {"id", "name", "function"})
        and is_uuid(actor["id"])
        and type(signers) is list
        and len(signers) > 0
        and all(is_signer(one) for one in signers)
        and len({one["key"] for one in signers}) == len(signers)
        and any(one["person"] == actor["id"] for one in signers)
        and type(body["action"]) is str
        and body["action"] != ""
        and has_strings(body["object"], {"kind", "id", "label"})
        and type(body["facts"]) is dict
        and are_changes(body["changes"])
        and (body["reason"] is None or type(body["reason"]) is str)
    )


def is_signer(one: Any) -> bool:
    return (
        has_strings(one, {"role", "person", "name", "key"})
        and one["role"] in ("actor", "giver", "receiver", "witness")
        and is_uuid(one["person"])
        and is_hex(one["key"], 64)
    )


def are_changes(changes: Any) -> bool:
    if type(changes) is not list:
        return False
    rows = set()
    for one in changes:
        if type(one) is not dict or set(one) != {"table", "id", "set"}:
            return False
        named = all(type(one[name]) is str and one[name] for name in ("table", "id"))
        pairs = type(one["set"]) is dict and all(type(pair) is list and len(pair) == 2 for pair in one["set"].values())
        if not named or not pairs or (one["table"], one["id"]) in rows:
            return False
        rows.add((one["table"], one["id"]))
    return True


def is_key(value: Any, key_id: Any) -> bool:
    """Whether a value is a public key in hexadecimal digits with this key id."""
    if not is_hex(value, 64):
        return False
    raw = bytes.fromhex(value)
    cleared = raw[:31] + bytes([raw[31] & 0x7F])
    return cleared.hex() not in SMALL_ORDER and hashlib.sha256(raw).hexdigest() == key_id


@lru_cache(4096)
def fits(public_key: str, body: bytes, signature: bytes) -> bool:
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, b"forensics-ledger/1\n" + body)
    except (InvalidSignature, ValueError):
        return False
    return True


def chains_of(content: bytes) -> list[Listed]:
    first, *others = content.split(b"\n")
    if others and others[-1] == b"":
        others.pop()
    if max(map(len, (first, *others))) > LONGEST_LINE:
        raise UnreadableError
    listed, is_second = header_of(first)
    current = 0
    for line in others:
        entry = withheld_of(line) if is_second else line_of(line)
        named = [place for place, one in enumerate(listed) if entry.body and one.chain == entry.body["chain"]]
        if named:
            current = named[0]
        else:
            while current + 1 < len(listed) and len(listed[current].lines) >= listed[current].announced:
                current += 1
        if entry.withheld and listed[current].kind == "lab":
            entry = Line(line, [])
        listed[current].lines.append(entry)
    return listed


def header_of(line: bytes) -> tuple[list[Listed], bool]:
    try:
        header = value_of(line)
    except NotCanonicalError as error:
        raise UnreadableError from error
    formats = ("forensics-ledger-file/1", "forensics-ledger-file/2")
    if type(header) is not dict or header.get("format") not in formats:
        raise UnreadableError
    chains = header.get("chains")
    if type(chains) is not list or not chains or not all(is_listed(one) for one in chains):
        raise UnreadableError
    if len({one["chain"] for one in chains}) < len(chains) or any(one["kind"] == "lab" for one in chains[1:]):
        raise UnreadableError
    listed = [Listed(one["chain"], one["kind"], one["entries"], one["head"], []) for one in chains]
    return listed, header["format"] == formats[1]


def is_listed(one: Any) -> bool:
    return (
        type(one) is dict
        and set(one) == {"chain", "kind", "entries", "head"}
        and type(one["chain"]) is str
        and one["kind"] in ("lab", "case")
        and type(one["entries"]) is int
        and is_hex(one["head"], 64)
    )


def withheld_of(line: bytes) -> Line:
    try:
        value = value_of(line)
    except NotCanonicalError:
        return Line(line, [])
    if type(value) is dict and set(value) == {"withheld"} and is_hex(value["withheld"], 64):
        return Line(b"", [], value["withheld"])
    return line_of(line)


def line_of(line: bytes) -> Line:
    try:
        value = value_of(line)
    except NotCanonicalError:
        return Line(line, [])
    if type(value) is dict and type(value.get("signatures")) is list and all(map(is_hex, value["signatures"])):
        signatures = [bytes.fromhex(one) for one in value["signatures"]]
        if set(value) == {"body", "signatures"} and type(value["body"]) is str:
            return Line(value["body"].encode(), signatures)
        if set(value) == {"body_hex", "signatures"} and is_hex(value["body_hex"]):
            return Line(bytes.fromhex(value["body_hex"]), signatures)
    return Line(line, [])
