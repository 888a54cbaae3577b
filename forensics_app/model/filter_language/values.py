"""The values behind the keys: sizes, entropy, digests, types, lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from fractions import Fraction
from math import ceil, floor
from typing import Final, TypeVar

from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.families import FAMILIES, family, of_types
from forensics_app.model.filter_language.keys import KEYS
from forensics_app.model.filter_language.tokens import Token
from forensics_app.model.filter_language.tree import ContentType, Digest, Expression, NumberRange, OneOf

MOST_BYTES: Final = 2**63 - 1
_SIZE = re.compile(r"(\d{1,20}(?:\.\d{1,9})?)([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
_BITS = re.compile(r"\d{1,2}(?:\.\d{1,6})?", re.ASCII)
_UNITS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_HEX = frozenset("0123456789abcdef")
_MIME = re.compile(r"[a-z0-9.+_-]+/[a-z0-9.+_*-]*", re.ASCII)
T = TypeVar("T")
_SHA1_DIGITS = 40
_SHA256_DIGITS = 64


def wrong(token: Token, what: str, right: str) -> FilterError:
    """An error at the value of a token, or at the whole of it where there is none."""
    start = token.value_start if token.text else token.start
    return FilterError(what, start, token.end, right=right)


def nearest(word: str, known: Sequence[str]) -> str:
    """The word of ``known`` that was probably meant; empty where none is near."""
    return next(iter(get_close_matches(word, known, 1)), "")


def parts_of(token: Token) -> tuple[str, ...]:
    """What stands between commas, without blanks around it.

    Raises:
        FilterError: Nothing stands there.
    """
    if token.is_quoted:
        return (token.text,)
    parts = tuple(token.text.split(","))
    if not all(parts):
        what = f"There is nothing behind {token.key}:" if not token.text else "A comma has nothing beside it."
        raise wrong(token, what, f"Write it like {KEYS[token.key].example}.")
    return parts


def type_of(token: Token) -> Expression:
    """``type:image``, ``type:image/png``, ``type:image/*``, and several of them parted by commas.

    Raises:
        FilterError: There is no such type.
    """
    types: set[str] = set()
    prefixes: set[str] = set()
    unknown = False
    for part in parts_of(token):
        word = part.lower()
        one = family(word)
        if one is None and _MIME.fullmatch(word) and "*" not in word[:-1]:
            one = of_types((word if word[-1] != "/" else f"{word}*",))
        if one is None:
            near = nearest(word, tuple(FAMILIES))
            meant = f"Did you mean type:{near}? " if near else ""
            right = f"{meant}Write one of {', '.join(FAMILIES)}, or a type like image/png or image/*."
            raise wrong(token, f'There is no type "{part}".', right)
        types |= one.types
        prefixes |= one.prefixes
        unknown = unknown or one.unknown
    return ContentType(types=frozenset(types), prefixes=frozenset(prefixes), unknown=unknown)


def extension_of(token: Token) -> Expression:
    """``ext:jpg``, ``ext:.jpg,png``; in quotes exactly what stands there, so that ``ext:""`` is none."""
    return OneOf(column="extension", values=tuple(part.removeprefix(".").lower() for part in parts_of(token)))


def word_of(token: Token, known: Sequence[str]) -> tuple[str, ...]:
    """Words out of a few.

    Raises:
        FilterError: One is none of them.
    """
    words = tuple(part.lower() for part in parts_of(token))
    for word in words:
        if word not in known:
            near = nearest(word, known)
            meant = f"Did you mean {token.key}:{near}? " if near else ""
            raise wrong(token, f'There is no {token.key} "{word}".', f"{meant}Write one of {', '.join(known)}.")
    return words


def digest_of(token: Token) -> Expression:
    """The beginning of a digest, or all of it; blanks between its groups may stay, in quotes.

    Raises:
        FilterError: It is none.
    """
    digits = "".join(token.text.split()).lower()
    right = "Write the first digits (0-9, a-f) of an MD5 or SHA-256, or all 32 or 64 of them."
    if not digits or not set(digits) <= _HEX:
        raise wrong(token, f'"{token.text}" is no digest in hexadecimal.', right)
    if len(digits) == _SHA1_DIGITS:
        what = "A digest of 40 digits is a SHA-1, and the catalogue keeps MD5 and SHA-256."
        raise wrong(token, what, right)
    if len(digits) > _SHA256_DIGITS:
        raise wrong(token, f"A digest has at most 64 digits; this has {len(digits):,}.", right)
    return Digest(digits=digits)


def size_range(token: Token) -> NumberRange:
    """Sizes in bytes.

    Raises:
        FilterError: It is no size, or one that no file can have.
    """

    def one(text: str) -> Fraction:
        found = _SIZE.fullmatch(text)
        if found is None:
            right = "Write bytes, or K, M, G or T of 1,024: size>10M, size:1K..2M, size<=4096."
            raise wrong(token, f'"{text}" is no size.', right)
        size = Fraction(found[1]) * _UNITS[found[2].upper()]
        if size >= MOST_BYTES:
            raise wrong(token, f'"{text}" is more than any file can have.', "Write less than 8,388,608T.")
        return size

    return _range(token, "size_bytes", one, "size:1K..2M")


def entropy_range(token: Token) -> NumberRange:
    """Bits per byte, as thousandths of a bit.

    Raises:
        FilterError: It is no number from 0 to 8.
    """

    def one(text: str) -> Fraction:
        if not _BITS.fullmatch(text) or Fraction(text) > 8:
            right = "Write bits per byte from 0 to 8: entropy>7.5, entropy:4..6."
            raise wrong(token, f'"{text}" is no entropy.', right)
        return Fraction(text) * 1000

    return _range(token, "entropy_head_millibits", one, "entropy:4..6")


def _range(token: Token, column: str, one: Callable[[str], Fraction], example: str) -> NumberRange:
    low, high = ends_of(token, one, example)
    if low is not None and high is not None and low > high:
        raise turned_round(token, example)
    strict_low, strict_high = token.sign == ">", token.sign == "<"
    return NumberRange(
        column=column,
        low=None if low is None else floor(low) + 1 if strict_low else ceil(low),
        high=None if high is None else ceil(high) - 1 if strict_high else floor(high),
    )


def turned_round(token: Token, example: str) -> FilterError:
    """The end of a range lies before its beginning."""
    return wrong(token, "This range ends before it begins.", f"Write the lesser first, like {example}.")


def ends_of(token: Token, one: Callable[[str], T], example: str) -> tuple[T | None, T | None]:
    """Both ends of what a sign and a value say, None where it is open; one value without a sign is both of them.

    Raises:
        FilterError: There is no value, or ``..`` stands where it cannot.
    """
    text = token.text.strip()
    first, dots, last = text.partition("..")
    if not first.strip() and not last.strip():
        raise wrong(token, f"There is nothing behind {token.key}{token.sign}", f"Write it like {example}.")
    if dots and token.sign != ":":
        raise wrong(token, f"A range with .. does not go with {token.sign}", f"Write it with a colon, like {example}.")
    if token.sign in (">", ">="):
        return one(text), None
    if token.sign in ("<", "<="):
        return None, one(text)
    if not dots:
        return one(text), one(text)
    return (one(first.strip()) if first.strip() else None), (one(last.strip()) if last.strip() else None)
