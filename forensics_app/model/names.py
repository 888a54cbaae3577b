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


_LIKE_LATIN = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u2044\u2215\u2010\u2011\u2012\u2013\u2212",
    "ABESIJKMHOPCTYX" "ABEZHIKMNOPTYX" "//-----",
)  # fmt: skip
"""Cyrillic and Greek capitals, slashes and dashes that look on paper like those of ASCII."""


def looks(number: str) -> str:
    """How a number looks on paper, so that two that nobody could tell apart there are the same."""
    plain = number if number.isascii() else unicodedata.normalize("NFKC", number)
    return plain.upper().translate(_LIKE_LATIN)


def _is_plain(char: str) -> bool:
    return char not in "|\\" and (char.isprintable() or unicodedata.category(char) == "Cn")


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 1 << 8 else f"\\u{number:04x}" if number < 1 << 16 else f"\\U{number:08x}"
