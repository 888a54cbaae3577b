"""Whether texts name hidden content, in whatever form people and programs write the name of a file (REQ-40)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_TOKENS = re.compile(r"[^\W_]+")
_EXTENSION = re.compile(r"[^\W_]{1,8}")
_SHORTEST_STEM = 3


class HiddenWords:
    """Names and paths, looked for in texts at borders of words, by any slash, in addresses, without regard to case.

    The name without its extension is looked for, too, if it has three characters and a letter; one that is a plain word
    only where a text has a blank, for else it may be a word of the program. In scripts that part no words each place is
    a border.
    """

    def __init__(self, paths: Iterable[str], shown: Iterable[str]) -> None:
        """Prepare.

        Args:
            paths: Of hidden content.
            shown: Paths that are printed all the same: neither they nor their names tell anything.
        """
        self._shown = {read_words(path) for path in shown}
        whole = {read_words(path) for path in paths} - self._shown
        shown_names = {_name(path) for path in self._shown}
        names = {_name(path) for path in whole} - shown_names - {""}
        stems = {_stem(name) for name in names} - {_stem(name) for name in shown_names} - {""}
        self._by_token: dict[str, set[str]] = {}
        self._always = set[str]()
        self._plain = {stem for stem in stems - names - whole if stem.isalpha()}
        for one in whole | names | stems:
            token = _TOKENS.search(one)
            if token is None or any(map(_parts_no_words, token[0])):
                self._always.add(one)
            else:
                self._by_token.setdefault(token[0], set()).add(one)

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._always or self._by_token)

    def are_in(self, words: str) -> bool:
        """Whether a text names one of them."""
        return bool(self) and any(map(self._are_in, _forms(words)))

    def _are_in(self, text: str) -> bool:
        if text in self._shown:
            return False
        has_blank = any(map(str.isspace, text))
        parted = text if text.isascii() else "".join(" " if _parts_no_words(one) else one for one in text)
        found = set(_TOKENS.findall(parted)) & self._by_token.keys()
        names = (*self._always, *(name for token in found for name in self._by_token[token]))
        return any(_stands_in(text, name) for name in names if has_blank or name not in self._plain)


def read_words(words: str) -> str:
    """A text as it is compared: composed, without case, every backslash a slash."""
    return unicodedata.normalize("NFC", words).casefold().replace("\\", "/")


def _forms(words: str) -> Iterator[str]:
    yield read_words(words)
    if "%" in words:
        yield read_words(unquote(words))


def _stands_in(text: str, name: str) -> bool:
    """Whether a name stands in a text with a border of words before and behind it."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        is_joined = at > 0 and _joins(text[at - 1], name[0])
        if not is_joined and not (end < len(text) and _joins(name[-1], text[end])):
            return True
        at = text.find(name, at + 1)
    return False


def _joins(one: str, other: str) -> bool:
    """Whether two characters beside each other are of one word."""
    return one.isalnum() and other.isalnum() and not _parts_no_words(one) and not _parts_no_words(other)


def _parts_no_words(char: str) -> bool:
    """Whether a character is of a script without upper and lower case, as Chinese and Thai, which part no words."""
    return not char.isascii() and unicodedata.category(char) == "Lo"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(name: str) -> str:
    """A name without its extension; empty where too little is left to tell anything."""
    stem, _, extension = name.rpartition(".")
    is_told = len(stem) >= _SHORTEST_STEM and any(map(str.isalpha, stem)) and _EXTENSION.fullmatch(extension)
    return stem if is_told else ""
