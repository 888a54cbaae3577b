"""Text of HTML, and bytes of marked-up text as characters: by their mark, what they declare, and else as UTF-8."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{2,40})")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)


class _Html(HTMLParser):
    """Takes the text and the targets of links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self.parts.append("" if tag in ("b", "i", "em", "strong", "span", "font", "u", "a", "wbr") else "\n")
        self.parts += [f" {value} " for name, value in attrs if name in ("href", "src", "alt", "title") and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def of_html(text: str) -> str:
    """The text of a page, without scripts and styles, with the targets of links."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts)


def decoded(data: bytes, charset: str = "") -> str:
    """Bytes as text: by ``charset``, and else as said above."""
    if marked := next((name for mark, name in _MARKS if data.startswith(mark)), ""):
        return data.decode(marked, "replace")
    told = _DECLARED.match(data[:1024]) or _CHARSET.search(data[:4096])
    name = charset or (told[1].decode("ascii") if told else "utf-8")
    if not charset and name.lower().startswith(("utf-16", "utf-32", "utf16", "utf32")):
        name = "utf-8"  # what declares it could be read as single bytes
    try:
        return data.decode(name, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
