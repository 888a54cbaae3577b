"""Messages between the program and its child processes: length-framed, and of plain values only.

A frame is four bytes of length (big-endian) and a pickle of protocol 5. The reader refuses every pickle that names a
class or function, so that a child under an attacker's control can send wrong values but run nothing here. The value
types of the engine travel as their name and fields, and are made again from the closed list below, with each field's
type checked.
"""

from __future__ import annotations

import io
import pickle
import struct
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import IO, Union, get_args, get_origin, get_type_hints

from evidence.later import Later

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""No message is longer; a longer one is refused before a byte of it is read."""

_HEADER = struct.Struct(">I")

VALUE_TYPES: Mapping[str, Later] = {
    kind.name: kind
    for kind in (
        Later("evidence.attempts", "Avoid"),
        Later("evidence.attempts", "Stop"),
        Later("evidence.attempts", "Unlisted"),
        Later("evidence.attempts", "Unread"),
        Later("evidence.digest", "MediaDigests"),
        Later("evidence.digest", "PartDigest"),
        Later("evidence.filesystems.base", "Counts"),
        Later("evidence.filesystems.base", "FileSystem"),
        Later("evidence.filesystems.base", "TimeRule"),
        Later("evidence.images.base", "Problem"),
        Later("evidence.images.base", "Region"),
        Later("evidence.keys", "Keys"),
        Later("evidence.viewers.base", "Part"),
        Later("evidence.viewers.base", "Rows"),
        Later("evidence.viewers.base", "Sheet"),
        Later("evidence.viewers.base", "TreeNode"),
        Later("evidence.views", "ImageDescription"),
        Later("evidence.views", "Ink"),
        Later("evidence.views", "Picture"),
        Later("evidence.views", "StoredCheck"),
        Later("evidence.views", "VideoStill"),
        Later("evidence.views", "VideoStills"),
        Later("evidence.volumes.base", "PartitionTable"),
        Later("evidence.volumes.base", "Volume"),
    )
}
"""The dataclasses that may cross, by name. They are imported when one does, while the other process starts."""


class WireError(Exception):
    """What came is no message: too long, cut off, not plain, or not of the type it claims."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> typing.Any:
        raise WireError(f"the message names {module}.{name}, and only plain values are taken")

    def persistent_load(self, pid: object, /) -> typing.Any:
        raise WireError("the message refers to an object outside itself")


def encode(message: object) -> bytes:
    """The body of a frame for a message of plain values.

    Raises:
        WireError: The body would be longer than :data:`MAX_FRAME_BYTES`.
    """
    body = io.BytesIO()
    pickler = pickle.Pickler(body, protocol=5)
    pickler.fast = True  # no memo: messages are trees, and writing takes half the time
    pickler.dump(message)
    if body.tell() > MAX_FRAME_BYTES:
        raise WireError(f"a message of {body.tell()} bytes is longer than {MAX_FRAME_BYTES}")
    return body.getvalue()


def decode(body: bytes | bytearray) -> object:
    """The message in a frame's body.

    Raises:
        WireError: It is no pickle of plain values.
    """
    try:
        return _PlainUnpickler(io.BytesIO(body)).load()
    except WireError:
        raise
    except (
        pickle.UnpicklingError,
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        MemoryError,
        OverflowError,
        TypeError,
        ValueError,
    ) as error:  # what the C unpickler raises for damaged input
        raise WireError(f"the message cannot be read: {error}") from error


def write_frame(stream: IO[bytes], body: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(_HEADER.pack(len(body)))
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytearray | None:
    """The body of the next frame; None at a clean end of the stream.

    Raises:
        WireError: The frame is too long or cut off.
    """
    header = stream.read(_HEADER.size)
    if not header:
        return None
    if len(header) < _HEADER.size:
        raise WireError("the stream ends inside a header")
    (size,) = _HEADER.unpack(header)
    if size > MAX_FRAME_BYTES:
        raise WireError(f"a message of {size} bytes is announced, more than {MAX_FRAME_BYTES}")
    body = bytearray(size)
    view, have = memoryview(body), 0
    while have < size:
        count = stream.readinto(view[have:])  # type: ignore[attr-defined]
        if not count:
            raise WireError(f"the stream ends after {have} of {size} bytes of a message")
        have += count
    return body


def pack(value: object) -> object:
    """A value in plain form: a list stands for a typed value, everything else for itself.

    Raises:
        TypeError: The value is of a type that does not cross.
    """
    if value is None or isinstance(value, (bool, int, str, bytes)):
        return value
    if isinstance(value, Path):
        return ["Path", str(value)]
    if is_dataclass(value) and _value_type(type(value).__name__) is type(value):
        return [type(value).__name__, {field.name: pack(getattr(value, field.name)) for field in fields(value)}]
    if isinstance(value, Mapping):
        return {pack(key): pack(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return tuple(pack(item) for item in value)
    raise TypeError(f"a {type(value).__name__} does not cross to another process")


def unpack(plain: object) -> typing.Any:
    """The value that :func:`pack` was given, sequences as tuples.

    Raises:
        WireError: An unknown type is named, or a field is missing or of the wrong type.
    """
    if isinstance(plain, list):
        return _rebuild(plain)
    if isinstance(plain, tuple):
        return tuple(unpack(item) for item in plain)
    if isinstance(plain, dict):
        return {key: unpack(item) for key, item in plain.items()}
    if plain is None or isinstance(plain, (bool, int, str, bytes)):
        return plain
    raise WireError(f"a {type(plain).__name__} is not taken")


def _rebuild(plain: list[object]) -> object:
    match plain:
        case ["Path", str(text)]:
            return Path(text)
        case [str(name), dict(values)] if name in VALUE_TYPES:
            kind = _value_type(name)
            hints = _hints(kind)
            unpacked = {key: unpack(item) for key, item in values.items()}
            if unpacked.keys() != hints.keys():
                raise WireError(f"the fields of a {name} are not all there")
            for field, hint in hints.items():
                if not fits(unpacked[field], hint):
                    raise WireError(f"{field} of a {name} is not of the type it should be")
            return kind(**unpacked)
    raise WireError("an unknown kind of value is named")


def _value_type(name: str) -> typing.Any:
    """The dataclass of that name; None where none may cross under it."""
    kind = VALUE_TYPES.get(name)
    return kind.resolve() if kind is not None else None


@cache
def _hints(kind: type) -> Mapping[str, object]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def fits(value: object, hint: typing.Any) -> bool:
    """Whether a value is of an annotated type; of the generics those that the value types use."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return isinstance(value, tuple) and all(fits(item, arguments[0]) for item in value)
    if origin is tuple:
        if not isinstance(value, tuple) or len(value) != len(arguments):
            return False
        return all(fits(item, argument) for item, argument in zip(value, arguments, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, dict) and all(
            fits(key, arguments[0]) and fits(item, arguments[1]) for key, item in value.items()
        )
    if origin is not None and issubclass(origin, Iterable):
        return isinstance(value, tuple) and all(fits(item, arguments[0]) for item in value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)
