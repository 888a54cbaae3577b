"""Extracted text as it is read: lines that go on in the next one, fixed and other blanks, hyphens at line ends."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator

_AT_ONCE, _REACH = 1 << 20, 8192
"""So many characters are made to flow together, and so many behind them decide about what begins in them."""
_SILENT = "\u00ad\u200b\u2060\ufeff"
_RUN = rf"[\s{_SILENT}]"
_CHANGES = re.compile(rf"{_RUN}(?:(?<! ){_RUN}*|{_RUN}+)(?:(?<=\n)>[>\s]*)?")
"""Blanks and silent signs but for a single blank, with the marks of quoted lines; begins with a set, which is fast."""
_PARTED = re.compile(r"\r?\n")
_HYPHENS = ("", "-")
"""What stands for a hyphen at the end of a line: the word in one, and with its hyphen."""


class Flowed:
    """A text in which words follow each other with single blanks between them, and where its characters stood.

    Attributes:
        text: The text.
        has_hyphens: Whether a hyphen stood at the end of a line.
    """

    def __init__(self, text: str, hyphen: str = "", begin: int = 0) -> None:
        """Let a text flow whose first character has the number ``begin``, with ``hyphen`` for one at a line's end."""
        parts, at, length = list[str](), 0, 0
        self._here, self._there = array("q", [0]), array("q", [begin])
        self.has_hyphens = False
        for found in _CHANGES.finditer(text):
            start = found.start()
            if _is_parted(text, found):
                self.has_hyphens = True
                start, instead = start - 1, hyphen
            else:
                instead = _instead(found[0])
            parts += (text[at:start], instead)
            length += start - at + len(instead)
            at = found.end()
            self._here.append(length)
            self._there.append(begin + at)
        self.text = "".join((*parts, text[at:]))

    @property
    def is_changed(self) -> bool:
        """Whether it is another text than the one that it was."""
        return len(self._here) > 1

    def origin(self, index: int) -> int:
        """The number of the character that stood where this one stands."""
        step = bisect_right(self._here, index) - 1
        return self._there[step] + index - self._here[step]


def _is_parted(text: str, found: re.Match[str]) -> bool:
    """Whether a hyphen at the end of a line parts a word there."""
    start, end = found.span()
    if start < 2 or text[start - 1] not in "-\u2010" or not _PARTED.match(found[0]):
        return False
    return text[start - 2].isalnum() and text[end : end + 1].isalnum()


def _instead(run: str) -> str:
    """What stands for blanks and silent signs; a soft hyphen at the end of a line parts nothing."""
    if (run.startswith("\u00ad") and "\n" in run) or not run.strip(_SILENT):
        return ""
    return " "


def flowing(text: str) -> Iterator[tuple[Flowed, int]]:
    """A text as it flows, in parts, with and without the hyphens at the ends of lines, where that is another text.

    With each comes the number of the character from which on the next part has the same.
    """
    for begin in range(0, len(text), _AT_ONCE):
        until = begin + _AT_ONCE
        part = text[begin : until + _REACH]
        first = Flowed(part, _HYPHENS[0], begin)
        if first.is_changed:
            yield first, until
        if first.has_hyphens:
            yield Flowed(part, _HYPHENS[1], begin), until


def flowing_term(term: str) -> str:
    """A term as it stands in such a text; as it is where nothing of it would be left."""
    made = Flowed(term).text
    return made if made.strip() else term
