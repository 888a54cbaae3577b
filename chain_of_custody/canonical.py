"""Canonical JSON after RFC 8785, restricted to what a signed record needs.

Allowed are strings, whole numbers, true, false, null, arrays and objects. Numbers with a fraction are refused: what two
programs print for one may differ, and nothing in a custody record needs them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Final, TypeAlias

from chain_of_custody.errors import CanonicalError

Json: TypeAlias = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None

MAX_INTEGER: Final = 2**53 - 1
"""Largest magnitude of a number: what a double holds exactly (RFC 7493 section 2.2)."""
MAX_DEPTH: Final = 64
"""How deep arrays and objects may be nested, the outermost one counted."""


def canonical(value: Json) -> bytes:
    """Return the one RFC 8785 form of a value, in UTF-8.

    Args:
        value: may hold tuples (written as arrays) and any mapping with string keys.

    Raises:
        CanonicalError: the value holds a float, an integer beyond 2^53-1, a lone surrogate, a key that is not a string,
            an unknown type, or is nested too deep.
    """
    return _encode(_ordered(value, MAX_DEPTH))


def parse(data: bytes) -> Json:
    """Read canonical JSON, and nothing else: ``canonical(parse(data)) == data`` holds for whatever is accepted.

    Raises:
        CanonicalError: the bytes are not UTF-8, not JSON, or JSON in another form than the canonical one (white space,
            other order of keys, a key twice, needless escapes, ``-0``, a fraction).
    """
    try:
        return parse_text(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CanonicalError(f"byte {error.start} is not UTF-8") from error


def parse_text(text: str) -> Json:
    """Read canonical JSON that was decoded already; see `parse`.

    Raises:
        CanonicalError: it is not canonical JSON.
    """
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise CanonicalError(f"it is not JSON ({error.msg} at character {error.pos})") from error
    except RecursionError as error:
        raise CanonicalError(f"nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise CanonicalError("a number is too long") from error
    if not _is_canonical(text, value):
        raise CanonicalError("it is JSON, but not written in the canonical form")
    return value


def parse_objects(texts: Sequence[str]) -> list[Json]:
    """Read many texts, each one object, as `parse_text` would, but write them for the comparison all at once.

    Args:
        texts: each begins with a curly bracket.

    Returns:
        For each text what it holds; None where it is not canonical JSON.
    """
    basic = [*map(_is_basic, texts)]
    plain = [*compress(texts, basic)]
    read = iter(_read_together(plain) or map(_read_or_none, plain))
    return [next(read) if is_basic else _read_or_none(text) for text, is_basic in zip(texts, basic, strict=True)]


def _read_together(texts: Sequence[str]) -> list[Json] | None:
    """Read basic texts of one object each; None if one of them is not canonical.

    Each was read to its end, so each is an object; where an object that begins at some place ends is plain. So if all
    of them, written with commas between, are the texts with commas between, then each one written is its text.
    """
    try:
        read = [*map(_DECODER.raw_decode, texts)]
    except (ValueError, CanonicalError):
        return None
    if [end for _, end in read] != [*map(len, texts)]:
        return None
    values = [value for value, _ in read]
    return values if _SORTING_WRITER.encode(values) == f"[{','.join(texts)}]" else None


def _read_or_none(text: str) -> Json:
    try:
        return parse_text(text)
    except CanonicalError:
        return None


def _is_canonical(text: str, value: Json) -> bool:
    """Whether `text`, which was read as `value`, is the canonical form of it."""
    if _is_basic(text):
        return _SORTING_WRITER.encode(value) == text
    return _WRITER.encode(_ordered(value, MAX_DEPTH)) == text


def _is_basic(text: str) -> bool:
    """Whether the standard library writes what a text holds as RFC 8785 does.

    Sorting by code point, which it does fast, is the order of RFC 8785 while no character lies beyond U+FFFF; and few
    brackets cannot be nested too deep.
    """
    return (text.isascii() or not _ASTRAL.search(text)) and text.count("{") + text.count("[") <= MAX_DEPTH


def _ordered(value: Json, levels: int) -> Json:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise CanonicalError(f"the number {value} is beyond 2^53-1")
        return value
    if levels == 0:
        raise CanonicalError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise CanonicalError("a key is not a string")
        return {key: _ordered(value[key], levels - 1) for key in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(item, levels - 1) for item in value]
    raise CanonicalError(f"a value of the type {type(value).__name__} has no place in it")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _encode(value: Json) -> bytes:
    try:
        return _WRITER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError("a string holds half of a surrogate pair") from error


def _integer(text: str) -> int:
    value = int(text)
    if abs(value) > MAX_INTEGER:
        raise CanonicalError(f"the number {text} is beyond 2^53-1")
    return value


def _no_fraction(text: str) -> int:
    raise CanonicalError(f"the number {text} has a fraction or an exponent")


def _no_constant(text: str) -> int:
    raise CanonicalError(f"{text} is not JSON")


_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_float=_no_fraction, parse_constant=_no_constant)
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_SORTING_WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)
