"""Names out of evidence, where they stand among words of our own."""

from __future__ import annotations


def blanks_marked(name: str) -> str:
    """A name with each tab, line break and blank but the plain one as its code point, ``[U+0009]``.

    Set as prose they would be drawn as blanks or break the line: the name would look like another one, or go on as a
    line that nobody wrote.
    """
    return "".join(char if char == " " or not char.isspace() else f"[U+{ord(char):04X}]" for char in name)


def storable(text: str) -> str:
    """Text from evidence without lone surrogates, which neither a database nor the ledger can hold."""
    return text.encode("utf-8", "replace").decode()
