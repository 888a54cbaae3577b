"""Values of our own in a CASE graph: every field of a noun that UCO has no property for, written and read back alike.

A property is ``fa:`` and the field's name in camel case. A field that is None or empty is left out. Texts are plain
strings, so that no reader takes them for anything else; times, days, digests and counts are typed literals of XML
Schema; whatever has an order is a list of JSON-LD.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json: TypeAlias = Any
Noun = TypeVar("Noun")
PREFIX = "fa:"


class UnreadableCaseError(ValueError):
    """The file is no export that this program can read; the words say what is wrong with it."""


class ForeignCaseError(UnreadableCaseError):
    """The file is one of JSON-LD that nothing of this program is in: another program or a person wrote it."""


def name_of(field: str) -> str:
    """The property of a field: ``seized_at`` is ``fa:seizedAt``."""
    first, *others = field.split("_")
    return PREFIX + first + "".join(part.capitalize() for part in others)


def text(value: str) -> str:
    r"""Text that every reader can hold: a lone surrogate, which is no character, as ``\udc80`` in letters."""
    return value.encode("utf-8", "backslashreplace").decode()


def moment(value: datetime) -> Json:
    """An aware time as a literal; one whose offset is no whole minute, in UTC."""
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone is in no dossier")
    at = value.astimezone(UTC) if offset.total_seconds() % 60 else value
    return {"@type": "xsd:dateTime", "@value": at.isoformat()}


def digest(value: bytes) -> Json:
    """Bytes as a literal in hexadecimal."""
    return {"@type": "xsd:hexBinary", "@value": value.hex().upper()}


def own(noun: Any, *, but: Collection[str] = ()) -> dict[str, Json]:
    """The fields of a dataclass as properties.

    Args:
        noun: A dataclass of the dossier.
        but: Fields that stand elsewhere in the graph, or are not exported.
    """
    found = {}
    for field in dataclasses.fields(noun):
        value = getattr(noun, field.name)
        if field.name not in but and value is not None and value != () and value != []:
            found[name_of(field.name)] = _written(value)
    return found


def _written(value: Any) -> Json:
    match value:
        case bool() | int():
            return value
        case str():
            return text(value)
        case bytes():
            return digest(value)
        case datetime():
            return moment(value)
        case date():
            return {"@type": "xsd:date", "@value": value.isoformat()}
    if dataclasses.is_dataclass(value):
        return own(value)
    return {"@list": [_pair(one) if isinstance(one, tuple) else _written(one) for one in value]}


def _pair(values: tuple[Any, ...]) -> Json:
    return {f"{PREFIX}{place}": _written(value) for place, value in zip(("first", "second"), values, strict=True)}


def read(kind: type[Noun], node: Json, **elsewhere: Any) -> Noun:
    """A noun out of the properties of a node.

    Args:
        kind: The dataclass.
        node: An object of the graph.
        elsewhere: Fields that were read elsewhere.

    Raises:
        UnreadableCaseError: A value is missing or is not what it must be.
    """
    if not isinstance(node, dict):
        raise UnreadableCaseError(f"what should be a {kind.__name__} is none")
    values = dict(elsewhere)
    for field, hint in _fields(cast("type", kind)).items():
        name = name_of(field)
        if field not in values and name in node:
            values[field] = _read(hint, node[name], name)
        elif field not in values and get_origin(hint) in (tuple, Sequence):
            values[field] = ()
        elif field not in values and types.NoneType in get_args(hint):
            values[field] = None
    try:
        return kind(**values)
    except TypeError as error:
        raise UnreadableCaseError(f"something of a {kind.__name__} is missing") from error


@functools.cache
def _fields(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read(hint: Any, value: Json, name: str) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return _read_one_of([one for one in get_args(hint) if one is not types.NoneType], value, name)
    origin = get_origin(hint)
    if origin is tuple or origin is Sequence:
        return _read_list(hint, value, name)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return read(hint, value)
    return _plain(hint, value, name)


def _read_one_of(kinds: Sequence[Any], value: Json, name: str) -> Any:
    if len(kinds) == 1:
        return _read(kinds[0], value, name)
    is_day = isinstance(value, dict) and value.get("@type") == "xsd:date"
    return _plain(date if is_day else datetime, value, name)


def _read_list(hint: Any, value: Json, name: str) -> tuple[Any, ...]:
    if not (isinstance(value, dict) and isinstance(value.get("@list"), list)):
        raise UnreadableCaseError(f"{name} is no list")
    inner = get_args(hint)[0]
    if get_origin(inner) is tuple:
        return tuple(_read_pair(get_args(inner), one, name) for one in value["@list"])
    return tuple(_read(inner, one, name) for one in value["@list"])


def _read_pair(kinds: tuple[Any, ...], value: Json, name: str) -> tuple[Any, ...]:
    try:
        return tuple(_read(kind, value[PREFIX + at], name) for kind, at in zip(kinds, ("first", "second"), strict=True))
    except (KeyError, TypeError) as error:
        raise UnreadableCaseError(f"{name} lacks a part") from error


def _plain(kind: Any, value: Json, name: str) -> Any:
    if kind in (str, int, bool):
        if type(value) is not kind:
            raise UnreadableCaseError(f"{name} is not what it must be")
        return value
    return literal(kind, value, name)


_TYPED: dict[Any, tuple[str, Callable[[str], Any]]] = {
    bytes: ("xsd:hexBinary", bytes.fromhex),
    datetime: ("xsd:dateTime", datetime.fromisoformat),
    date: ("xsd:date", date.fromisoformat),
}


def literal(kind: Any, value: Json, name: str) -> Any:
    """A typed literal: bytes, an aware time or a day.

    Raises:
        UnreadableCaseError: It is none.
    """
    datatype, parse = _TYPED[kind]
    if not (isinstance(value, dict) and value.get("@type") == datatype and isinstance(value.get("@value"), str)):
        raise UnreadableCaseError(f"{name} is not what it must be")
    try:
        found = parse(value["@value"])
    except ValueError as error:
        raise UnreadableCaseError(f"{name} cannot be read: {value['@value'][:40]!r}") from error
    if isinstance(found, datetime) and found.utcoffset() is None:
        raise UnreadableCaseError(f"{name} is a time without a zone")
    return found
