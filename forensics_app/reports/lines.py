"""Breaking text into lines that fit: prose at spaces, names after separators, anything else between characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, TypeVar

from forensics_app.reports.fonts import Face, Shaper, shaper

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_CACHED = 2048
_TAB = "    "
_CLIP_LOOKS_AT = 400
_SEPARATORS = "/\\ .,;:_-"
_ROUNDING_PT = 0.01


@dataclass(frozen=True, eq=False)
class Style:
    """How a piece of text is set; one object per voice, compared by identity.

    Attributes:
        face: The fonts.
        size_pt: Type size in points.
        leading_pt: Distance of lines in points.
        grey: From 0 (black) to 1 (white).
        keeps_spaces: For names, where every character counts: no space is dropped where a line breaks, and line
            feeds are printed by their code point instead of obeyed.
    """

    face: Face
    size_pt: float
    leading_pt: float
    grey: float = 0.0
    keeps_spaces: bool = False
    shaper: Shaper = field(init=False, repr=False)
    widest_pt: float = field(init=False, repr=False)
    broken: dict[tuple[str, float, bool], list[Piece]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Find the face's measures once."""
        object.__setattr__(self, "shaper", shaper(self.face))
        widest = max(map(self.shaper.advances.__getitem__, map(chr, range(0x20, 0x7F))))
        object.__setattr__(self, "widest_pt", widest * self.size_pt)

    def width_pt(self, text: str) -> float:
        """Width of the text on one line, in points."""
        return sum(map(self.shaper.advances.__getitem__, text)) * self.size_pt


class Piece(NamedTuple):
    """Text in one style; `struck` draws a line through it."""

    text: str
    style: Style
    struck: bool = False


def wrap(text: str, style: Style, width_pt: float) -> Sequence[str]:
    """Split text into lines of at most `width_pt`; at least one line.

    In prose the spaces at which a line breaks are not drawn; otherwise no character is lost.
    """
    if not style.keeps_spaces and not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\t", _TAB).replace("\N{NO-BREAK SPACE}", " ")
        if "\n" in text:
            return [line for paragraph in text.split("\n") for line in _fill(paragraph, style, width_pt)]
    return _fill(text, style, width_pt)


def wrapped(pieces: Sequence[Piece], width_pt: float) -> Sequence[Piece]:
    """Every piece broken into lines of its own style; names and phrases that repeat are broken once."""
    if len(pieces) == 1 and _is_one_line(pieces[0], width_pt):
        return pieces
    lines: list[Piece] = []
    for piece in pieces:
        if _is_one_line(piece, width_pt):
            lines.append(piece)
            continue
        text, style, struck = piece
        broken = style.broken.get((text, width_pt, struck))
        if broken is None:
            broken = [Piece(line, style, struck) for line in wrap(text, style, width_pt)]
            remember(style.broken, (text, width_pt, struck), broken)
        lines.extend(broken)
    return lines


def _is_one_line(piece: Piece, width_pt: float) -> bool:
    """Whether the text is plain and fits; one that fits whatever its letters are is not measured."""
    text, style, _ = piece
    if not (text.isascii() and text.isprintable()):
        return False
    return len(text) * style.widest_pt <= width_pt or style.width_pt(text) <= width_pt


def remember(cache: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a value; a full cache starts anew, so that its memory is bounded."""
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value


def _fill(text: str, style: Style, width_pt: float) -> Sequence[str]:
    if style.width_pt(text) <= width_pt:
        return (text,)
    ends = list(accumulate(map(style.shaper.advances.__getitem__, text)))
    limit = (width_pt + _ROUNDING_PT) / style.size_pt
    lines: list[str] = []
    start, drawn = 0, 0.0
    while start < len(text) and (fitting := bisect_right(ends, drawn + limit)) < len(text):
        end = _break(text, start, max(fitting, start + 1), style)
        line = text[start:end]
        lines.append(line if style.keeps_spaces else line.rstrip(" "))
        start = end
        while not style.keeps_spaces and start < len(text) and text[start] == " ":
            start += 1
        drawn = ends[start - 1]
    if start < len(text) or not lines:
        lines.append(text[start:])
    return lines


def _break(text: str, start: int, fitting: int, style: Style) -> int:
    """Where the line that begins at `start` ends, when `fitting` is the first character that does not fit."""
    if not style.keeps_spaces:
        if text[fitting] == " ":
            return fitting
        space = text.rfind(" ", start, fitting)
        if space > start:
            return space + 1
    separator = max(text.rfind(character, start, fitting) for character in _SEPARATORS)
    return separator + 1 if separator > start else fitting


def shortened(lines: Sequence[str], style: Style, width_pt: float, lines_max: int | None) -> Sequence[str]:
    """Wrapped lines; where there are more than `lines_max`, the last of those ends with an ellipsis."""
    if lines_max is None or len(lines) <= lines_max:
        return lines
    return [*lines[: lines_max - 1], clip(" ".join((lines[lines_max - 1], "…")), style, width_pt)]


def clip(text: str, style: Style, width_pt: float) -> str:
    """The text on one line, cut at the end with an ellipsis where it is too long."""
    flat = " ".join(text[:_CLIP_LOOKS_AT].split())
    if style.width_pt(flat) <= width_pt:
        return flat
    while flat and style.width_pt(flat + "…") > width_pt:
        flat = flat[:-1]
    return flat + "…"
