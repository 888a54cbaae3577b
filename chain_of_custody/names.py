"""Whether two names are those of one person: written otherwise, in another order, or with letters that only look alike.

People write a name as they like, and somebody who hides writes it as nobody else would: with letters of another
alphabet, with characters that nobody sees, with the family name first. So names are compared by their keys, and a name
is found in what is told of a person wherever its words stand. See ``ledger-format.md``, section 7, *names*.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LOOKALIKES: Final = (
    ("АВЕЅІЈКМНОРСТУХҮҺӀԌԚԜѴЬаевѕіјкмнортсухүһӏԁԛԝѵгь", "ABESIJKMHOPCTYXYHIGQWVbaebsijkmhoptcyxyhldqwvrb"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϜͿαβγεηικνορςστυχωϲϳ", "ABEZHIKMNOPTYXCFJabyenikvopcotuxwcj"),
    ("ყჿᲧᲿ", "yoYO"),
    ("łŁøØđĐħĦ\u0131ŧŦ0", "lLoOdDhHitTO"),
)  # fmt: skip
"""Letters, and the Latin ones that they are read as: Cyrillic, Greek, Georgian, and Latin with a stroke."""
_AS_LATIN: Final = {ord(one): other for ones, others in _LOOKALIKES for one, other in zip(ones, others, strict=True)}
_ONE_STROKE: Final = str.maketrans("Il1", "111")
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ABOVE_OR_BELOW: Final = 200
"""Combining class from which on marks stand above or below a letter, and are not part of it."""
_WRITTEN_TOGETHER: Final = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "MODIFIER"))
_Words = tuple[str, ...]


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same: one of their two keys is. What stands in round brackets is no part of a name."""
    return any(first == second != () for first, second in zip(_keys(one), _keys(other), strict=True))


def names(told: str, name: str) -> bool:
    """Whether what is told of a person has a name in it: it is the same, or holds all its words if they are several."""
    if same_name(told, name):
        return True
    pairs = zip(_keys(told), _keys(name), strict=True)
    return any(len(words) > 1 and all(told.count(one) >= words.count(one) for one in words) for told, words in pairs)


def why_no_name(name: str) -> str:
    """Say why something cannot be read as a name, a clause; empty where it can.

    A word that is written with letters of several alphabets is another one than it seems to be, and so is one with
    characters that turn the direction of what follows.
    """
    if _TURNS.search(name):
        return "it holds characters that turn the direction of writing, which nobody sees"
    for word in _words(_seen(name)):
        scripts = {unicodedata.name(one, "").split(" ")[0] for one in word if unicodedata.category(one)[0] == "L"}
        if len(scripts) > 1 and not scripts <= _WRITTEN_TOGETHER:
            return f"{word} is written with letters of several alphabets ({', '.join(sorted(scripts)).lower()})"
    return ""


def _keys(name: str) -> tuple[_Words, _Words]:
    """The words of a name in their order by code points, as it is written and as it is in capitals."""
    seen = _seen(name)
    written = seen.translate(_AS_LATIN).translate(_ONE_STROKE)
    capitals = seen.casefold().upper().translate(_AS_LATIN)
    return _sorted(written), _sorted(capitals)


def _seen(name: str) -> str:
    """What is seen of a name, without its marks, up to the first round bracket."""
    whole = _UNSEEN.sub("", unicodedata.normalize("NFKD", name)).partition("(")[0]
    return "".join(
        one for one in whole if unicodedata.category(one) != "Cf" and unicodedata.combining(one) < _ABOVE_OR_BELOW
    )


def _sorted(name: str) -> _Words:
    return tuple(sorted(_words(name.casefold())))


def _words(name: str) -> list[str]:
    return "".join(one if unicodedata.category(one)[0] in "LMN" else " " for one in name).split()
