"""Breaking text into lines that fit: prose at spaces, paths after separators, anything else between characters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from forensics_app.reports.fonts import Face, shaper

_TAB = "    "
_CLIP_LOOKS_AT = 400


class Style(NamedTuple):
    """How a piece of text is set; sizes in points, `grey` from 0 (black) to 1 (white)."""

    face: Face
    size_pt: float
    leading_pt: float
    grey: float = 0.0
    keeps_spaces: bool = False


class Line(NamedTuple):
    """One line that is known to fit where it goes."""

    text: str
    style: Style
    struck: bool = False


_PROSE_ATOMS = re.compile(r"[^ ]+ *| +")
_NAME_ATOMS = re.compile(r"[^/\\ .,;:_\-]*[/\\ .,;:_\-]|[^/\\ .,;:_\-]+")


def wrap(text: str, style: Style, width_pt: float) -> tuple[str, ...]:
    """Split text into lines of at most `width_pt`; at least one line, and no character is lost.

    In prose the space at which a line breaks is not drawn; a style that `keeps_spaces` is for names, where every
    character counts and line feeds are printed by their code point instead of obeyed.
    """
    return _wrap(text, style, round(width_pt, 2))


@lru_cache(maxsize=4096)
def _wrap(text: str, style: Style, width_pt: float) -> tuple[str, ...]:
    if style.keeps_spaces:
        return tuple(_fill(text, style, width_pt))
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\t", _TAB).replace("\N{NO-BREAK SPACE}", " ").split("\n"):
        lines.extend(_fill(paragraph, style, width_pt))
    return tuple(lines)


def _fill(text: str, style: Style, width_pt: float) -> list[str]:
    measure = shaper(style.face)
    if measure.width_pt(text, style.size_pt) <= width_pt:
        return [text]
    lines: list[str] = []
    line, used = "", 0.0
    for atom in _atoms(text, style, width_pt):
        drawn = atom if style.keeps_spaces else atom.rstrip(" ")
        if line and used + measure.width_pt(drawn, style.size_pt) > width_pt:
            lines.append(line if style.keeps_spaces else line.rstrip(" "))
            line, used = "", 0.0
        line += atom
        used += measure.width_pt(atom, style.size_pt)
    lines.append(line)
    return lines


def _atoms(text: str, style: Style, width_pt: float) -> list[str]:
    measure = shaper(style.face)
    atoms: list[str] = []
    for word in (_NAME_ATOMS if style.keeps_spaces else _PROSE_ATOMS).findall(text):
        if measure.width_pt(word.rstrip(" "), style.size_pt) <= width_pt:
            atoms.append(word)
            continue
        for piece in _NAME_ATOMS.findall(word):
            fits = measure.width_pt(piece, style.size_pt) <= width_pt
            atoms.extend([piece] if fits else piece)
    return atoms


def clip(text: str, style: Style, width_pt: float) -> str:
    """The text on one line, cut at the end with an ellipsis where it is too long."""
    flat = " ".join(text[:_CLIP_LOOKS_AT].split())
    measure = shaper(style.face)
    if measure.width_pt(flat, style.size_pt) <= width_pt:
        return flat
    while flat and measure.width_pt(flat + "…", style.size_pt) > width_pt:
        flat = flat[:-1]
    return flat + "…"
