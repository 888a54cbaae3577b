"""The text of RTF: words that control words cut, characters in code pages and in Unicode (RTF 1.9.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\", re.DOTALL
)
_DEEPEST = 10_000
_SKIPPED = frozenset(
    {
        *("pict", "colortbl", "stylesheet", "themedata", "colorschememapping", "datastore", "latentstyles", "blipuid"),
        *("fontemb", "rsidtbl", "listtable", "listoverridetable", "objdata", "fonttbl"),
    }
)
_ASIDE = frozenset(
    {
        *("info", "footnote", "annotation", "title", "subject", "author", "operator", "keywords", "comment", "doccomm"),
        *("company", "manager", "category", "hlinkbase", "header", "headerf", "headerl", "headerr"),
        *("footer", "footerf", "footerl", "footerr", "shptxt"),
    }
)
_WORDS = {
    **dict.fromkeys(("par", "line", "sect", "page", "row", "cell", "nestcell", "nestrow", "column", "softline"), "\n"),
    "tab": "\t", "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019",
    "ldblquote": "\u201c", "rdblquote": "\u201d", "bullet": "\u2022", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SIGNS = {b"\\": "\\", b"{": "{", b"}": "}", b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n"}
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_PAGES = {10000: "mac_roman", 10007: "mac_cyrillic", 65001: "utf-8", 936: "gbk"}


@dataclass(slots=True)
class _Group:
    out: list[str]
    is_skipped: bool = False
    is_fonts: bool = False
    skips: int = 1
    font: int | None = None


class _Reader:
    """Goes through a document once; fonts of the ANSI set are in ``ansi``, or where that is empty in its own page."""

    def __init__(self, data: bytes, ansi: str = "") -> None:
        self.main, self.aside, self.cut = list[str](), list[str](), list[str]()
        self._data, self._default = data, "cp1252"
        self._group, self._outer = _Group(self.main), list[_Group]()
        self._fonts: dict[int, str] = {}
        self._ansi, self._ansi_fonts, self.is_ambiguous = ansi, set[int](), False
        self._font, self._first_font, self._left, self._is_starred = 0, 0, 0, False
        self._held, self._high = bytearray(), 0

    def run(self) -> None:
        at = 0
        while at < len(self._data):
            token = _TOKEN.match(self._data, at)
            if token is None:
                break
            at = token.end()
            word, number, code, sign, brace, text = token.groups()
            if word is not None:
                name = word.decode("ascii")
                value = int(number) if number is not None else None
                if name == "bin" and value is not None:
                    at += self._packed_bytes(value, len(self._data) - at)
                else:
                    self._word(name, value)
            elif code is not None:
                self._bytes(bytes((int(code, 16),)))
            elif sign is not None:
                self._sign(sign)
            elif brace is not None:
                self._brace(brace)
            elif text is not None:
                self._bytes(text)
        self._flush()

    def text(self) -> str:
        return "".join((*self.main, "\n", *self.aside))

    def _packed_bytes(self, count: int, left: int) -> int:
        """How many of the bytes behind are no RTF; none where more are said than there are, which is told."""
        self._flush()
        self._left = max(0, self._left - 1)
        if count > left:
            self.cut.append("It says of more bytes than it has that they are no text; they were read as text.")
            return 0
        return max(0, count)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._left = 0
        if brace == b"{":
            if len(self._outer) >= _DEEPEST:
                raise ValueError(f"its text cannot be extracted: its groups lie more than {_DEEPEST:,} deep")
            self._outer.append(self._group)
            self._group = replace(self._group)
            return
        if self._outer:
            inner, self._group = self._group, self._outer.pop()
            if inner.out is not self._group.out:
                inner.out.append("\n")

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._is_starred = True
            return
        if sign in _SIGNS:
            self._say(_SIGNS[sign])
        else:
            self._left = max(0, self._left - 1)

    def _word(self, name: str, value: int | None) -> None:
        starred, self._is_starred = self._is_starred, False
        if name == "u" and value is not None:
            self._unicode(value & 0xFFFF)
            return
        if name in _WORDS:
            self._say(_WORDS[name])
            return
        self._flush()
        self._left = max(0, self._left - 1)
        if name == "uc":
            self._group.skips = max(0, min(value if value is not None else 1, 100))
        elif name == "ansicpg" and value:
            self._default = _PAGES.get(value, f"cp{value}")
        elif name in ("mac", "pc", "pca"):
            self._default = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[name]
        elif name in ("f", "deff", "plain", "fcharset", "cpg"):
            self._of_font(name, value)
        elif name in _SKIPPED:
            self._group.is_skipped, self._group.is_fonts = True, name == "fonttbl"
            if name == "objdata":
                self.cut.append("An object that is embedded in it was not searched as text.")
        elif starred or name in _ASIDE:
            self._group.out = self.aside

    def _of_font(self, name: str, value: int | None) -> None:
        """Which font is meant, or in the table of fonts its code page, where ``cpg`` goes before the set."""
        if name == "plain":
            self._group.font = None
        elif value is None:
            return
        elif name == "deff":
            self._first_font = value
        elif name == "f":
            self._font = value
            if not self._group.is_fonts:
                self._group.font = value
        elif self._group.is_fonts and name == "cpg" and value > 0:
            self._fonts[self._font] = _PAGES.get(value, f"cp{value}")
            self._ansi_fonts.discard(self._font)
        elif self._group.is_fonts and name == "fcharset" and self._font not in self._fonts:
            if value == 0:
                self._ansi_fonts.add(self._font)
            elif value in _CHARSETS:
                self._fonts[self._font] = _CHARSETS[value]

    def _charset(self) -> str:
        """In what the bytes are; a font of the ANSI set under another page than 1252 leaves that open."""
        font = self._first_font if self._group.font is None else self._group.font
        if font in self._ansi_fonts:
            self.is_ambiguous = self.is_ambiguous or self._default != "cp1252"
            return self._ansi or self._default
        return self._fonts.get(font, "") or self._default

    def _unicode(self, unit: int) -> None:
        self._flush()
        self._left = self._group.skips
        if 0xD800 <= unit < 0xDC00:
            self._high = unit
            return
        high, self._high = self._high, 0
        if 0xDC00 <= unit < 0xE000:
            unit = 0x10000 + ((high - 0xD800) << 10) + unit - 0xDC00 if high else 0xFFFD
        if not self._group.is_skipped:
            self._group.out.append(chr(unit))

    def _say(self, text: str) -> None:
        if self._left:
            self._left -= 1
            return
        self._flush()
        if not self._group.is_skipped:
            self._group.out.append(text)

    def _bytes(self, data: bytes) -> None:
        if self._left:
            gone = min(self._left, len(data))
            self._left -= gone
            data = data[gone:]
        if not self._group.is_skipped:
            self._held += data

    def _flush(self) -> None:
        if self._held:
            data, self._held = bytes(self._held), bytearray()
            try:
                self._group.out.append(data.decode(self._charset(), "replace"))
            except LookupError:
                self._group.out.append(data.decode("cp1252", "replace"))
                self.cut.append("It is in a code page that is not known, and was read as Windows-1252.")


def of_rtf(data: bytes, cut: list[str]) -> str:
    """The text, and behind it what stands beside it: notes, headers, properties, targets of links.

    Where the code page of a font is open, the lines that read otherwise in Windows-1252 follow.

    Raises:
        ValueError: It is no RTF, or is nested too deeply.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ValueError("its text cannot be extracted: it does not begin as RTF does")
    reader = _Reader(data)
    reader.run()
    cut += reader.cut
    text = reader.text()
    if not reader.is_ambiguous:
        return text
    other = _Reader(data, "cp1252")
    other.run()
    known = set(text.split("\n"))
    return "\n".join((text, *(line for line in other.text().split("\n") if line not in known)))
