"""Values of the record as a verification reads them: whatever somebody put there, nothing of it ends the reading."""

from __future__ import annotations

from uuid import UUID

from chain_of_custody.ledger import Json


def as_plain(value: object) -> Json:
    """A stored value as the ledger could hold it; anything else becomes text that differs from all the ledger holds."""
    match value:
        case str():
            return as_text(value)
        case None | bool():
            return value
        case int() if abs(value) < 2**53:
            return value
    return f"(no value of the record) {value!r}"


def as_text(value: object) -> str:
    """A stored value as text that can be written."""
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"(not text) {text!a}"
    return text


def as_bytes(value: object) -> bytes:
    """A stored value as bytes, whatever somebody put there."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def hex_bytes(value: object) -> bytes:
    """The bytes that a stored text writes in hexadecimal digits; none where it is no such text."""
    try:
        return bytes.fromhex(as_text(value))
    except ValueError:
        return b""


def as_uuid(value: object) -> UUID:
    """The id, or the nil UUID where the column was changed into no id at all."""
    try:
        return UUID(as_text(value))
    except ValueError:
        return UUID(int=0)
