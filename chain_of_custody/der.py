"""Reading DER (ITU-T X.690), as far as a time stamp needs it. Lengths are checked before anything is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chain_of_custody.errors import TimeStampError

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
OCTETS: Final = 0x04
OID: Final = 0x06
TIME: Final = 0x18

_MAX_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its content, and the whole of it with tag and length."""

    tag: int
    content: bytes
    whole: bytes

    def inner(self, tag: int) -> tuple[Value, ...]:
        """Return the values in it, if it bears this tag.

        Raises:
            TimeStampError: it bears another tag, or what it holds is cut off.
        """
        return values_of(self.bytes_of(tag))

    def bytes_of(self, tag: int) -> bytes:
        """Return its content, if it bears this tag.

        Raises:
            TimeStampError: it bears another tag.
        """
        if self.tag != tag:
            raise TimeStampError(f"a value has the tag {self.tag:#04x} in the place of {tag:#04x}")
        return self.content

    @property
    def number(self) -> int:
        """The whole number that it is.

        Raises:
            TimeStampError: it is none.
        """
        return int.from_bytes(self.bytes_of(INTEGER), "big", signed=True)


def values_of(data: bytes) -> tuple[Value, ...]:
    """Return the values that stand one after the other in `data`.

    Raises:
        TimeStampError: one is cut off, or has a form that DER does not allow or time stamps do not use.
    """
    found: list[Value] = []
    start = 0
    while start < len(data):
        value = _value(data, start)
        found.append(value)
        start += len(value.whole)
    return tuple(found)


def one_value(data: bytes) -> Value:
    """Return the one value that `data` is.

    Raises:
        TimeStampError: it is none, or more than one.
    """
    values = values_of(data)
    if len(values) != 1:
        raise TimeStampError("it is not one value")
    return values[0]


def _value(data: bytes, start: int) -> Value:
    if len(data) < start + 2 or data[start] & 0x1F == 0x1F:
        raise TimeStampError("a value is cut off, or has a tag of several bytes")
    length, at = data[start + 1], start + 2
    if length & 0x80:
        count = length & 0x7F
        if not 0 < count <= _MAX_LENGTH_BYTES or len(data) < at + count:
            raise TimeStampError("a value has no length of the DER")
        length, at = int.from_bytes(data[at : at + count], "big"), at + count
    if len(data) < at + length:
        raise TimeStampError("a value is cut off")
    return Value(data[start], data[at : at + length], data[start : at + length])
