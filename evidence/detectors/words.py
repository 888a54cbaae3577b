"""The lists of words that seed phrases are written with; each word by its place in its list."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

BIP39 = (
    "english", "czech", "french", "italian", "japanese", "korean", "portuguese", "spanish", "chinese_simplified",
    "chinese_traditional",
)  # fmt: skip
SLIP39 = "slip39_english"
MONERO = {
    "monero_english": 3, "monero_chinese_simplified": 1, "monero_dutch": 4, "monero_esperanto": 4, "monero_french": 4,
    "monero_german": 4, "monero_italian": 4, "monero_japanese": 4, "monero_portuguese": 4, "monero_russian": 4,
    "monero_spanish": 4,
}  # fmt: skip
"""With the number of characters that tell a word of the list from all others."""


def plain(word: str) -> str:
    """A word as all lists are looked up: in NFKD, which BIP-39 asks for, and in lower case."""
    return unicodedata.normalize("NFKD", word.lower())


@cache
def places(name: str) -> Mapping[str, int]:
    """The place of each word of a list, from 0."""
    return {plain(word): place for place, word in enumerate(_listed(name))}


@cache
def all_words() -> frozenset[str]:
    """The words of all lists."""
    return frozenset(word for name in (*BIP39, SLIP39, *MONERO) for word in places(name))


@cache
def beginnings(name: str) -> tuple[bytes, ...]:
    """Of each word of one of Monero's lists the characters that its checksum is made of, in UTF-8."""
    return tuple(word[: MONERO[name]].encode() for word in _listed(name))


def _listed(name: str) -> list[str]:
    if name in BIP39:
        text = (files("mnemonic") / "wordlist" / f"{name}.txt").read_text("utf-8")
    else:
        text = (files("evidence") / "detectors" / "word_lists" / f"{name}.txt").read_text("utf-8")
    return text.split()
