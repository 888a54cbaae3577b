"""How the files of one set are named, which of them lie beside the one that was given, and which are missing."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from pathlib import Path

EWF_SEGMENTS_MAX = 14_971
"""What the names of an E01 set go up to: .E01 to .E99, then .EAA to .ZZZ."""

_EWF = re.compile(r"\.(?P<first>[a-zA-Z])(?:(?P<number>\d\d)|(?P<letters>[a-zA-Z]{2}))", re.ASCII)
_EWF2 = re.compile(r"\.(?P<first>[ELel])(?P<second>[xyzXYZ])(?:(?P<number>\d\d)|(?P<letters>[a-zA-Z]{2}))", re.ASCII)
_NUMERIC = re.compile(r"\.\d{2,5}", re.ASCII)
_ALPHABETIC = re.compile(r"\.[a-z]{2,4}", re.ASCII)
_BY_NUMBER = 99


def ewf_suffix(first: str, number: int) -> str:
    """The suffix of segment ``number`` (from 1) of a set whose first suffix begins with ``first`` (E, e, s, L ...)."""
    if number <= _BY_NUMBER:
        return f".{first}{number:02d}"
    alphabet = string.ascii_uppercase if first.isupper() else string.ascii_lowercase
    carry, rest = divmod(number - _BY_NUMBER - 1, 26 * 26)
    return f".{chr(ord(first) + carry)}{alphabet[rest // 26]}{alphabet[rest % 26]}"


def ewf2_suffix(first: str, number: int) -> str:
    """The suffix of segment ``number`` (from 1) of an EWF version 2 set; ``first`` is "Ex" or "Lx" in either case."""
    if number <= _BY_NUMBER:
        return f".{first}{number:02d}"
    alphabet = string.ascii_uppercase if first[0].isupper() else string.ascii_lowercase
    carry, rest = divmod(number - _BY_NUMBER - 1, 26 * 26)
    return f".{first[0]}{chr(ord(first[1]) + carry)}{alphabet[rest // 26]}{alphabet[rest % 26]}"


def ewf_number(suffix: str, first: str) -> int | None:
    """Which segment a suffix stands for in a set whose suffixes begin with ``first`` ("E", "s", "Ex" ...)."""
    matched = (_EWF2 if len(first) > 1 else _EWF).fullmatch(suffix)
    if not matched:
        return None
    if matched["number"]:
        return int(matched["number"]) if suffix[1 : 1 + len(first)] == first and int(matched["number"]) else None
    carry = ord(suffix[len(first)]) - ord(first[-1])
    letters = matched["letters"]
    if carry < 0 or letters.isupper() != first[0].isupper() or not (letters.isupper() or letters.islower()):
        return None
    if len(first) > 1 and suffix[1] != first[0]:
        return None
    high, low = (ord(letter) - ord("A" if letter.isupper() else "a") for letter in letters)
    return _BY_NUMBER + 1 + carry * 26 * 26 + high * 26 + low


def ewf_first(suffix: str, *, version_2: bool) -> str | None:
    """The letters that the first suffix of a set begins with, judged by one suffix of it; None for another name.

    An E01 set whose segments go past .EZZ continues with .FAA, so a letter after E, L or S counts as theirs.
    """
    matched = (_EWF2 if version_2 else _EWF).fullmatch(suffix)
    if not matched:
        return None
    letter = matched["first"]
    if version_2:
        return letter + ("x" if matched["second"].islower() else "X")
    if matched["number"]:
        return letter
    base = next((start for start in "SLE" if letter.upper() >= start), None)
    return base and (base if letter.isupper() else base.lower())


def ewf_beside(path: Path, *, version_2: bool) -> dict[int, Path]:
    """The segments of an EWF set by their number, judged by name alone; only ``path`` if its name fits no scheme.

    A suffix of letters, which may be any, counts only beside the numbered segments that come before it.
    """
    first = ewf_first(path.suffix, version_2=version_2)
    if first is None:
        return {1: path}
    found = {}
    for other in _siblings(path):
        number = ewf_number(other.suffix, first)
        if number is not None:
            found[number] = other
    return found if min(found, default=_BY_NUMBER + 1) <= _BY_NUMBER else {1: path}


def ewf_name(path: Path, number: int, *, version_2: bool) -> str:
    """The file name that segment ``number`` of the set of ``path`` should have."""
    first = ewf_first(path.suffix, version_2=version_2)
    if first is None:
        return f"segment {number} of {path.name}"
    return path.stem + (ewf2_suffix if version_2 else ewf_suffix)(first, number)


def missing_numbers(numbers: Iterable[int], start: int) -> list[int]:
    """What is absent between ``start`` and the highest of ``numbers``."""
    there = set(numbers)
    return [number for number in range(start, max(there, default=start - 1)) if number not in there]


def raw_beside(path: Path) -> tuple[Sequence[Path], Sequence[str]]:
    """The segments of a split raw image, judged by name: .000 or .001 upwards, or .aa upwards.

    Returns:
        The files in order, and the names missing among them. A file that is not split is alone, with none missing.
    """
    if _NUMERIC.fullmatch(path.suffix):
        return _numeric_beside(path)
    if _ALPHABETIC.fullmatch(path.suffix):
        return _alphabetic_beside(path)
    return (path,), ()


def _numeric_beside(path: Path) -> tuple[Sequence[Path], Sequence[str]]:
    width = len(path.suffix) - 1
    found = {}
    for other in _siblings(path):
        digits = other.suffix[1:]
        if _NUMERIC.fullmatch(other.suffix) and len(digits) == max(width, len(str(int(digits)))):
            found[int(digits)] = other
    number = int(path.suffix[1:])
    split = width == len("001") or path.suffix[1] == "0" or 0 in found or 1 in found
    if not split:
        return (path,), ()
    start = 0 if 0 in found else 1
    missing = missing_numbers([*found, number], start)
    return [found[key] for key in sorted(found)], [f"{path.stem}.{gap:0{width}d}" for gap in missing]


def _alphabetic_beside(path: Path) -> tuple[Sequence[Path], Sequence[str]]:
    """Letters are a segment's only where most of those before them lie beside it: .dd and .img are none.

    Without .aa two such names are asked for, for a single .ab may be anything.
    """
    width = len(path.suffix) - 1
    found = {
        _number_of(other.suffix[1:]): other
        for other in _siblings(path)
        if len(other.suffix) == width + 1 and _ALPHABETIC.fullmatch(other.suffix)
    }
    while found and max(found) >= 2 * len(found) + 2:
        del found[max(found)]
    if path not in found.values() or (0 not in found and len(found) == 1):
        return (path,), ()
    missing = [f"{path.stem}.{_letters_of(number, width)}" for number in missing_numbers(found, 0)]
    return [found[key] for key in sorted(found)], missing


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + string.ascii_lowercase.index(letter)
    return number


def _letters_of(number: int, width: int) -> str:
    return "".join(string.ascii_lowercase[number // 26**place % 26] for place in reversed(range(width)))


def _siblings(path: Path) -> list[Path]:
    try:
        return [other for other in path.parent.iterdir() if other.stem == path.stem]
    except OSError:  # a folder may be closed to listing though its files can be read
        return [path]
