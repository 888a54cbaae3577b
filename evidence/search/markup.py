"""Text of HTML, and bytes of text as characters: by their mark, what they declare, and else as UTF-8 where they are."""

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

_WIDE = ("utf-16", "utf-32", "utf16", "utf32", "utf_16", "utf_32")
_SURE = ("utf-8", "utf-8-sig", "utf-7")
"""What is in no other code page and reads well in these."""
_OF_ALL = ("", "utf-8", "utf8", "us-ascii", "ascii")


_BLOCK_NAMES = (
    "address article aside blockquote body br button caption center dd details dialog dir div dl dt embed fieldset "
    "figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe input isindex "
    "legend li link listing main menu meta nav noframes noscript object ol optgroup option p param plaintext pre "
    "script search section select style summary table tbody td template textarea tfoot th thead title tr ul xmp"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())


class _Html(HTMLParser):
    """Takes the text, and what is not shown behind it: scripts, styles, comments and the values of attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts, self.behind = list[str](), list[str]()
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self._end_line(tag)
        self.behind += [value for _, value in attrs if value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0
        self._end_line(tag)

    def handle_data(self, data: str) -> None:
        (self.behind if self._hidden else self.parts).append(data)

    def handle_comment(self, data: str) -> None:
        self.behind.append(data)

    def handle_decl(self, decl: str) -> None:
        self.behind.append(decl)

    def handle_pi(self, data: str) -> None:
        self.behind.append(data)

    def unknown_decl(self, data: str) -> None:
        self.behind.append(data)

    def _end_line(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")


def of_html(text: str) -> str:
    """The text of a page, then scripts, styles, comments and the values of all attributes, each of these once."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    parser.behind.append(parser.rawdata)  # a script without an end
    return "\n".join(("".join(parser.parts), *dict.fromkeys(parser.behind)))


class Aside(bytes):
    """Bytes that make sense in the code page that they declare, which any bytes do in most: it may be a wrong one."""

    charset: str

    def __new__(cls, data: bytes, charset: str) -> Aside:
        """Keep the name of the code page with them."""
        made = super().__new__(cls, data)
        made.charset = charset
        return made

    def is_in_text(self, begin: int, end: int, encoding: str) -> bool:
        """Whether the text in the declared code page has what was found in ``encoding`` from byte to byte."""
        found = self[begin:end]
        if not encoding:
            return found.isascii()
        return found.decode(encoding, "replace").casefold() == found.decode(self.charset, "replace").casefold()


class Decoder:
    """Bytes as text. Of those whose code page is not declared, or may be another one, the bytes themselves are kept.

    Attributes:
        unknown: Such bytes, to be looked through in the encodings of a search; :class:`Aside` where there is text, too.
    """

    def __init__(self, cut: list[str]) -> None:
        """Code pages that are not known are told in ``cut``, as sentences."""
        self.unknown, self._cut = list[bytes](), cut

    def text(self, data: bytes, charset: str = "") -> str:
        """As :func:`decoded`; empty where nothing declares another code page than the one that it is not in."""
        name = _declared(data, charset)
        if name and not _is_known(name):
            self._cut.append(f"The code page “{_shown(name)}” is not known: text in it was looked through as bytes.")
            name = ""
        is_wide = name.lower().startswith(_WIDE) or any(data.startswith(mark) for mark, _ in _MARKS)
        if is_wide or (b"\0" not in data and _is_in(data, name or "utf-8")):
            if name and not is_wide and not data.isascii() and codecs.lookup(name).name not in _SURE:
                self.unknown.append(Aside(data, name))
            return decoded(data, charset)
        self.unknown.append(data)
        return "" if name.lower().replace("_", "-") in _OF_ALL else decoded(data, charset)

    def html(self, data: bytes, charset: str = "") -> str:
        """The text of a page, as :meth:`text`; of unknown bytes those without tags are kept."""
        before = len(self.unknown)
        text = of_html(self.text(data, charset))
        if len(self.unknown) == before or b"\0" in data:
            return text
        bare = of_html(data.decode("latin-1"))
        kept, found = self.unknown[-1], bare.encode("latin-1", "replace")
        self.unknown[-1] = Aside(found, kept.charset) if isinstance(kept, Aside) else found
        has_signs = any(sign > "\xff" for sign in bare)  # which only the text can hold
        return text or (of_html(decoded(data)) if has_signs else "")


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name[:40])


def _is_known(name: str) -> bool:
    try:
        b"a".decode(name)
    except UnicodeError:
        return True
    except (LookupError, ValueError):
        return False
    return True


def _is_in(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except (LookupError, ValueError):
        return False
    return True


def _declared(data: bytes, charset: str) -> str:
    told = None if charset else _DECLARED.match(data[:1024]) or _CHARSET.search(data[:4096])
    name = told[1].decode("ascii") if told else charset
    return "" if told and name.lower().startswith(_WIDE) else name  # what declares it could be read as single bytes


def decoded(data: bytes, charset: str = "") -> str:
    """Bytes as text: by ``charset``, and else as said above; what cannot be read is U+FFFD."""
    if marked := next((name for mark, name in _MARKS if data.startswith(mark)), ""):
        return data.decode(marked, "replace")
    try:
        return data.decode(_declared(data, charset) or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
