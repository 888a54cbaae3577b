"""Sets of characters, and the bytes that they are in each encoding, as patterns of RE2 over bytes.

Case is folded as Unicode's case folding has it where that is one character for one: ``k`` is also the sign for Kelvin;
a sharp s is not ``ss``, and the dotted capital and the dotless small i of Turkish and Azerbaijani are themselves only.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

UTF_8, UTF_16_LE, UTF_16_BE = "utf-8", "utf-16-le", "utf-16-be"
ENCODINGS = {
    UTF_8: "UTF-8",
    UTF_16_LE: "UTF-16LE",
    UTF_16_BE: "UTF-16BE",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-u": "KOI8-U (Cyrillic)",
    "cp866": "CP866 (Cyrillic, DOS)",
    "iso8859-5": "ISO 8859-5 (Cyrillic)",
    "mac-cyrillic": "Macintosh Cyrillic",
    "cp1250": "Windows-1250 (Central European)",
    "cp852": "CP852 (Central European, DOS)",
    "cp1252": "Windows-1252 (Western)",
    "cp1254": "Windows-1254 (Turkish, Azerbaijani)",
}
"""Those that can be searched in, by Python's names; where two give the same bytes, the former of them is told."""
USUAL_ENCODINGS = (UTF_8, UTF_16_LE, "cp1251", "koi8-u", "cp866", "cp1250", "cp1252", "cp1254")

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Code points from the first to the last of each pair, in order, without overlap and without surrogates."""

_Span: TypeAlias = tuple[int, int]
_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_FOLDED_BELOW = 0x1F000
"""Behind it no character has a case that folds."""
_UTF_8_LENGTHS = ((0x00, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, _LAST))


def ranges_of(parts: Iterable[tuple[int, int]]) -> Ranges:
    """The same in order, joined, without surrogates."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(_without_surrogates(parts)):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def inverted(ranges: Ranges) -> Ranges:
    """All other characters."""
    edges = [-1, *(edge for pair in ranges for edge in pair), _LAST + 1]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return ranges_of((before + 1, after - 1) for before, after in pairs if before + 1 < after)


@cache
def folded(ranges: Ranges) -> Ranges:
    """With all characters that differ from one of these in case only."""
    points = (point for first, last in ranges for point in range(first, min(last + 1, _FOLDED_BELOW)))
    return ranges_of((*ranges, *((other, other) for point in points for other in _cases().get(point, ()))))


@cache
def pattern_of(ranges: Ranges, encoding: str) -> str | None:
    """A pattern for the bytes of one character of a set; None where the encoding has none of them."""
    if encoding == UTF_8:
        return _either(one for first, last in ranges for one in _utf_8(first, last))
    if encoding in (UTF_16_LE, UTF_16_BE):
        units = (one for first, last in ranges for one in _utf_16(first, last))
        return _either(map(_turned, units) if encoding == UTF_16_LE else units)
    of_page = (byte for byte, point in enumerate(_page(encoding)) if point >= 0 and _holds(ranges, point))
    return _either(((byte, byte),) for byte in of_page)


def length_of(ranges: Ranges, encoding: str) -> int:
    """How many bytes a character of the set has at most."""
    if encoding == UTF_8:
        return next(length for length, (_, last) in enumerate(_UTF_8_LENGTHS, 1) if ranges[-1][1] <= last)
    if encoding in (UTF_16_LE, UTF_16_BE):
        return 4 if ranges[-1][1] > 0xFFFF else 2
    return 1


def _holds(ranges: Ranges, point: int) -> bool:
    return any(first <= point <= last for first, last in ranges)


def _without_surrogates(parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    low, high = _SURROGATES
    for first, last in parts:
        for begin, end in ((first, min(last, low - 1)), (max(first, high + 1), last)):
            if begin <= end:
                yield begin, end


@cache
def _cases() -> Mapping[int, Sequence[int]]:
    """Of each character that has any, those that differ from it in case only, and itself."""
    groups: dict[str, list[int]] = {}
    for point in range(_FOLDED_BELOW):
        key = chr(point).casefold()
        if len(key) == 1:
            groups.setdefault(key, []).append(point)
    return {point: group for group in groups.values() if len(group) > 1 for point in group}


@cache
def _page(encoding: str) -> tuple[int, ...]:
    """What each byte of a code page is; -1 for none."""
    return tuple(
        ord(text) if text else -1 for text in (codecs.decode(bytes([b]), encoding, "ignore") for b in range(256))
    )


def _utf_8(first: int, last: int) -> Iterator[Sequence[_Span]]:
    for low, high in _UTF_8_LENGTHS:
        begin, end = max(first, low), min(last, high)
        if begin <= end:
            yield from _split(chr(begin).encode(), chr(end).encode(), (0x80, 0xBF))


def _utf_16(first: int, last: int) -> Iterator[Sequence[_Span]]:
    """Bytes in the order of UTF-16BE."""
    begin, end = first, min(last, 0xFFFF)
    if begin <= end:
        yield from _split(begin.to_bytes(2, "big"), end.to_bytes(2, "big"), (0x00, 0xFF))
    begin = max(first, 0x10000)
    if begin <= last:
        units = [(0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF)) for point in (begin, last)]
        for high, low in _split(units[0], units[1], (0xDC00, 0xDFFF)):
            for one in _unit(high):
                for other in _unit(low):
                    yield (*one, *other)


def _unit(span: _Span) -> Iterator[Sequence[_Span]]:
    return _split(span[0].to_bytes(2, "big"), span[1].to_bytes(2, "big"), (0x00, 0xFF))


def _split(first: Sequence[int], last: Sequence[int], rest: _Span) -> Iterator[Sequence[_Span]]:
    """Numbers of several places as products of spans of each; ``rest`` is what a place behind the first can be."""
    if len(first) == 1:
        yield ((first[0], last[0]),)
        return
    low, high = first[0], last[0]
    if low == high:
        yield from (((low, low), *tail) for tail in _split(first[1:], last[1:], rest))
        return
    lowest, highest = [rest[0]] * (len(first) - 1), [rest[1]] * (len(first) - 1)
    if list(first[1:]) != lowest:
        yield from (((low, low), *tail) for tail in _split(first[1:], highest, rest))
        low += 1
    is_cut = list(last[1:]) != highest
    if low <= high - is_cut:
        yield ((low, high - is_cut), *((rest,) * (len(first) - 1)))
    if is_cut:
        yield from (((high, high), *tail) for tail in _split(lowest, last[1:], rest))


def _turned(spans: Sequence[_Span]) -> Sequence[_Span]:
    """The two bytes of each unit the other way round."""
    return [spans[at ^ 1] for at in range(len(spans))]


def _either(spans: Iterable[Sequence[_Span]]) -> str | None:
    singles: list[_Span] = []
    longer: list[str] = []
    for one in spans:
        if len(one) == 1:
            singles.append(one[0])
        else:
            longer.append("".join(f"[{_written(span)}]" for span in one))
    if singles:
        longer.append(f"[{''.join(map(_written, singles))}]")
    if not longer:
        return None
    return longer[0] if len(longer) == 1 else f"(?:{'|'.join(longer)})"


def _written(span: _Span) -> str:
    low, high = span
    return f"\\x{low:02x}" if low == high else f"\\x{low:02x}-\\x{high:02x}"
