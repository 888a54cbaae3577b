"""The faces of a report, and how any text at all is turned into glyphs that exist.

A file name is evidence: it may hold any code point, and none may vanish on paper. A character is drawn when one of
the embedded fonts has it and it needs no shaping; everything else (controls, bidirectional marks, scripts without a
font, lone surrogates) is drawn as its code point, `[U+202E]`. Text is never read as markup.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import NamedTuple

from reportlab.pdfbase.ttfonts import TTFont

import resources

_UNITS_PER_EM = 1000
_MARK_FACTOR = 0.82
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Scripts that read left to right and need no shaping; elsewhere drawing glyph by glyph could show another text.
_DRAWN_AS_IS = (
    (0x0020, 0x058F),
    (0x10A0, 0x10FF),
    (0x1C80, 0x1CBF),
    (0x1D00, 0x27BF),
    (0x2C60, 0x2C7F),
    (0x2D00, 0x2D2F),
    (0x2DE0, 0x2E7F),
    (0xA640, 0xA69F),
    (0xA700, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0xFB00, 0xFB06),
    (0xFFFD, 0xFFFD),
)


class Face(Enum):
    """The voices of a report; each has its order of fonts."""

    REGULAR = "regular"
    BOLD = "bold"
    ITALIC = "italic"
    MONO = "mono"


class Font(NamedTuple):
    """One font of a chain; `factor` scales it beside the face it stands in for."""

    key: str
    factor: float


class Run(NamedTuple):
    """A piece of text in one font, every character of which has a glyph there."""

    font: Font
    text: str


_FILES = {
    "sans": "NotoSans-Regular.ttf",
    "sans-bold": "NotoSans-Bold.ttf",
    "sans-italic": "NotoSans-Italic.ttf",
    "georgian": "NotoSansGeorgian-Regular.ttf",
    "georgian-bold": "NotoSansGeorgian-Bold.ttf",
    "mono": "JetBrainsMono-Regular.ttf",
}
_CHAINS: dict[Face, tuple[str, ...]] = {
    Face.REGULAR: ("sans", "georgian", "mono"),
    Face.BOLD: ("sans-bold", "georgian-bold", "sans", "mono"),
    Face.ITALIC: ("sans-italic", "georgian", "mono"),
    Face.MONO: ("mono", "sans", "georgian"),
}


@cache
def font_file(key: str) -> TTFont:
    """The parsed font behind a key; reportlab keeps each document's subset apart."""
    path = resources.path(f"fonts/pdf/{_FILES[key]}")
    return TTFont(f"report-{key}", str(path), asciiReadable=True)


def mark(character: str) -> str:
    """How a character without a drawable glyph is printed."""
    return f"[U+{ord(character):04X}]"


def is_plain(text: str) -> bool:
    """Whether the text is printable ASCII, which every face draws in its first font."""
    return text.isascii() and text.isprintable()


class _Glyphs(dict[str, Run]):
    """Which font draws a character of one face, found on first use."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._chain = _CHAINS[face]
        self._mark_font = Font("mono", 1.0 if face is Face.MONO else _MARK_FACTOR)

    def __missing__(self, character: str) -> Run:
        run = self[character] = self._find(character)
        return run

    def _find(self, character: str) -> Run:
        code = ord(character)
        category = unicodedata.category(character)
        hidden = category in _HIDDEN_CATEGORIES or (category == "Zs" and character != " ")
        if not hidden and any(first <= code <= last for first, last in _DRAWN_AS_IS):
            for position, key in enumerate(self._chain):
                if code in font_file(key).face.charToGlyph:
                    mono_in_text = key == "mono" and position > 0
                    return Run(Font(key, _MARK_FACTOR if mono_in_text else 1.0), character)
        return Run(self._mark_font, mark(character))


class _Advances(dict[str, float]):
    """Width of a character of one face in units of the type size, marks included."""

    def __init__(self, glyphs: _Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs

    def __missing__(self, character: str) -> float:
        run = self._glyphs[character]
        widths = font_file(run.font.key).face
        total = sum(widths.getCharWidth(ord(drawn)) for drawn in run.text)
        advance = self[character] = float(total) * run.font.factor / _UNITS_PER_EM
        return advance


@dataclass(frozen=True)
class Shaper:
    """Measures text of one face and splits it into runs."""

    face: Face

    @cached_property
    def glyphs(self) -> _Glyphs:
        """The font of every character seen so far."""
        return _Glyphs(self.face)

    @cached_property
    def advances(self) -> _Advances:
        """The width of every character seen so far, in units of the type size."""
        return _Advances(self.glyphs)

    @cached_property
    def first(self) -> Font:
        """The font that draws printable ASCII."""
        return Font(_CHAINS[self.face][0], 1.0)

    def runs(self, text: str) -> tuple[Run, ...]:
        """The text in drawable pieces, in order."""
        if is_plain(text):
            return (Run(self.first, text),) if text else ()
        pieces: list[Run] = []
        for character in text:
            font, drawn = self.glyphs[character]
            if pieces and pieces[-1].font == font:
                pieces[-1] = Run(font, pieces[-1].text + drawn)
            else:
                pieces.append(Run(font, drawn))
        return tuple(pieces)


@cache
def shaper(face: Face) -> Shaper:
    """The one shaper of a face; it only remembers what the fonts say."""
    return Shaper(face)


def visible(text: str) -> str:
    """The text as it is drawn, code points written out; for places that take a string, such as the outline."""
    return "".join(run.text for run in shaper(Face.REGULAR).runs(text))


def has_code_points(text: str) -> bool:
    """Whether any character of a text is printed by its code point; ends of lines and tabulators are not printed."""
    if is_plain(text):
        return False
    glyphs = shaper(Face.REGULAR).glyphs
    return any(glyphs[character].text != character for character in text if character not in "\n\r\t")


def is_ambiguous(name: str) -> bool:
    """Whether the printed form of a name could be mistaken, so that its bytes must be printed too.

    That is so where a character is printed by its code point, where the name itself looks like such a mark, where
    spaces cannot be counted by eye, and where two byte sequences look alike (not in normal form C, U+FFFD).
    """
    if "[U+" in name or "  " in name or name != name.strip(" ") or "�" in name:
        return True
    if is_plain(name):
        return False
    glyphs = shaper(Face.REGULAR).glyphs
    return any(glyphs[character].text != character for character in name) or not unicodedata.is_normalized("NFC", name)


def name_in_hex(name: str, stored: bytes | None = None) -> str:
    """The bytes of a name in hexadecimal: as stored when given, else in UTF-8 (lone surrogates kept)."""
    return (stored if stored is not None else name.encode("utf-8", "surrogatepass")).hex(" ")
