"""Names out of evidence, where they stand among words of our own; and numbers, in the order in which people count."""

from __future__ import annotations

import re
import unicodedata


def blanks_marked(name: str) -> str:
    """A name with each tab, line break and blank but the plain one as its code point, ``[U+0009]``.

    Set as prose they would be drawn as blanks or break the line: the name would look like another one, or go on as a
    line that nobody wrote.
    """
    return "".join(char if char == " " or not char.isspace() else f"[U+{ord(char):04X}]" for char in name)


def storable(text: str) -> str:
    """Text from evidence without lone surrogates, which neither a database nor the ledger can hold."""
    return text.encode("utf-8", "replace").decode()


def line_text(text: str) -> str:
    r"""Text from evidence that ends no line and no field: ``|``, ``\`` and what controls as ``\x7c``, ``\u202e``."""
    return "".join(char if _is_plain(char) else _escape(char) for char in storable(text))


def counting_key(number: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers within names as people count."""
    parts = re.findall(r"[0-9]+|[^0-9]+", number)
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts)


def _is_plain(char: str) -> bool:
    return char not in "|\\" and (char.isprintable() or unicodedata.category(char) == "Cn")


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 1 << 8 else f"\\u{number:04x}" if number < 1 << 16 else f"\\U{number:08x}"
