"""The body of a ledger entry: what it holds, how it is written, and the strict reading of it.

The format is described in ``ledger-format.md``. A body is signed as bytes and stored as those bytes; nothing
here ever writes a stored body again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, cast

from chain_of_custody.canonical import Json, parse
from chain_of_custody.errors import BodyError, CanonicalError

VERSION: Final = 1
GENESIS: Final = bytes(32)
"""What the first entry of a chain names as the digest of its predecessor."""

ChainKind: TypeAlias = Literal["lab", "case"]
SignerRole: TypeAlias = Literal["actor", "giver", "receiver", "witness"]

_KEYS: Final = frozenset(
    ("version", "chain", "chain_kind", "sequence", "previous", "recorded_at", "actor", "signers", "action", "object",
     "facts", "changes", "reason")
)  # fmt: skip
_ACTOR_KEYS: Final = frozenset(("id", "name", "function"))
_SIGNER_KEYS: Final = frozenset(("role", "person", "name", "key"))
_OBJECT_KEYS: Final = frozenset(("kind", "id", "label"))
_CHANGE_KEYS: Final = frozenset(("table", "id", "set"))
_KINDS: Final = ("lab", "case")
_ROLES: Final = ("actor", "giver", "receiver", "witness")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The acting person as named at the time: ``id`` is a UUID, ``function`` a rank or function."""

    id: str
    name: str
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerSlot:
    """Who is to sign, in which role, with which key.

    Attributes:
        person: UUID of the person.
        name: the person's name as it was then.
        key: key id: SHA-256 of the raw public key, 64 hexadecimal digits.
    """

    role: SignerRole
    person: str
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the entry is about, with the label that it had then (an exhibit number, a case number)."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the entry does to one row of the record: column -> (old value, new value); old is None in a new row."""

    table: str
    id: str
    set: Mapping[str, tuple[Json, Json]]

    @property
    def after(self) -> dict[str, Json]:
        """The changed columns with their new values."""
        return {column: new for column, (_, new) in self.set.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body that was read. `previous` is 32 bytes, `recorded_at` is UTC."""

    chain: str
    chain_kind: ChainKind
    sequence: int
    previous: bytes
    recorded_at: datetime
    actor: Party
    signers: tuple[SignerSlot, ...]
    action: str
    object: Subject
    facts: Mapping[str, Json]
    changes: tuple[Change, ...]
    reason: str | None


def utc_text(at: datetime) -> str:
    """``2026-01-31T09:30:00.000000Z``: fixed width, so the order of the texts is the order of the times.

    Raises:
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}")
    utc = at.astimezone(UTC)
    return f"{utc.year:04}-{utc:%m-%dT%H:%M:%S.%f}Z"


def read_content(body: bytes) -> Content:
    """Read a body into typed values.

    Raises:
        BodyError: see `read_raw`.
    """
    raw = read_raw(body)
    return Content(
        chain=raw["chain"],
        chain_kind=raw["chain_kind"],
        sequence=raw["sequence"],
        previous=bytes.fromhex(raw["previous"]),
        recorded_at=datetime.fromisoformat(raw["recorded_at"]),
        actor=Party(**raw["actor"]),
        signers=tuple(SignerSlot(**slot) for slot in raw["signers"]),
        action=raw["action"],
        object=Subject(**raw["object"]),
        facts=raw["facts"],
        changes=tuple(
            Change(table=one["table"], id=one["id"], set={column: tuple(pair) for column, pair in one["set"].items()})
            for one in raw["changes"]
        ),
        reason=raw["reason"],
    )


def read_raw(body: bytes) -> dict[str, Any]:
    """Read a body as plain JSON values after checking that it is canonical and has exactly the form of version 1.

    Raises:
        BodyError: anything about it is not as ``ledger-format.md`` says.
    """
    try:
        raw = parse(body)
    except CanonicalError as error:
        raise BodyError(error.why) from error
    if type(raw) is not dict or raw.keys() != _KEYS:
        raise BodyError("it does not have exactly the members of version 1")
    _check_head(raw)
    _check_people(raw)
    _check_substance(raw)
    return raw


def _check_head(raw: dict[str, Any]) -> None:
    if type(raw["version"]) is not int or raw["version"] != VERSION:
        raise BodyError("its version is not 1")
    if not _matches(_UUID, raw["chain"]):
        raise BodyError("chain is not a UUID")
    if raw["chain_kind"] not in _KINDS:
        raise BodyError("chain_kind is neither lab nor case")
    if type(raw["sequence"]) is not int or raw["sequence"] < 1:
        raise BodyError("sequence is not a number from 1")
    if not _matches(_DIGEST, raw["previous"]):
        raise BodyError("previous is not a SHA-256 digest")
    if not _is_time(raw["recorded_at"]):
        raise BodyError("recorded_at is not a UTC time with microseconds")


def _check_people(raw: dict[str, Any]) -> None:
    actor, signers = raw["actor"], raw["signers"]
    if not _has_texts(actor, _ACTOR_KEYS) or not _matches(_UUID, actor["id"]):
        raise BodyError("actor is not a person")
    if type(signers) is not list or not signers:
        raise BodyError("signers is empty")
    for slot in signers:
        if (
            not _has_texts(slot, _SIGNER_KEYS)
            or slot["role"] not in _ROLES
            or not _matches(_UUID, slot["person"])
            or not _matches(_DIGEST, slot["key"])
        ):
            raise BodyError("signers holds something that is not a signer")
    if len(signers) > 1 and len({slot["key"] for slot in signers}) != len(signers):
        raise BodyError("one key is to sign twice")
    if all(slot["person"] != actor["id"] for slot in signers):
        raise BodyError("the actor is not among the signers")


def _check_substance(raw: dict[str, Any]) -> None:
    action, reason = raw["action"], raw["reason"]
    if type(action) is not str or not action:
        raise BodyError("action is not a name")
    if not _has_texts(raw["object"], _OBJECT_KEYS):
        raise BodyError("object is not a kind, an id and a label")
    if type(raw["facts"]) is not dict:
        raise BodyError("facts is not an object")
    if reason is not None and type(reason) is not str:
        raise BodyError("reason is neither a text nor null")
    if not are_changes(raw["changes"]):
        raise BodyError("changes is not a list of changes, each of another row")


def are_changes(changes: object) -> bool:
    """Whether a value has the form of the member ``changes``: each a change of a row, no row twice."""
    if type(changes) is not list or not all(map(_is_change, changes)):
        return False
    return len(changes) < 2 or len({(change["table"], change["id"]) for change in changes}) == len(changes)


def _is_change(change: object) -> bool:
    if type(change) is not dict or change.keys() != _CHANGE_KEYS:
        return False
    columns = change["set"]
    return (
        bool(type(change["table"]) is str and change["table"])
        and bool(type(change["id"]) is str and change["id"])
        and type(columns) is dict
        and all(type(pair) is list and len(pair) == 2 for pair in columns.values())
    )


def _has_texts(value: object, keys: frozenset[str]) -> bool:
    return type(value) is dict and value.keys() == keys and all(type(item) is str for item in value.values())


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return type(value) is str and pattern.fullmatch(value) is not None


def _is_time(value: object) -> bool:
    if not _matches(_TIME, value):
        return False
    try:
        datetime.fromisoformat(cast("str", value))
    except ValueError:
        return False
    return True
