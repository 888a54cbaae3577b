"""The text of Office, OpenDocument and EPUB files: of every XML part, and of the documents that are embedded."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator

from evidence.search.markup import decoded, of_html

MAX_PART_BYTES = 64 * 1024 * 1024
MAX_PARTS = 2000
TOO_MANY = f"What lies behind its first {MAX_PARTS:,} parts was not searched as text."
Inner = Callable[[str, str, bytes], Iterator[str]]
"""The text of something in a document, by its name, its type as declared (empty for none) and its bytes."""

_MAIN = re.compile(
    r"(?:word|xl|ppt|visio)/(?:document\d*|header\d*|footer\d*|footnotes|endnotes|comments\d*|sharedStrings|workbook|"
    r"worksheets/[^/]+|slides/[^/]+|notesSlides/[^/]+|pages/[^/]+)\.xml|(?:[^/]+/)?content\.xml|styles\.xml|meta\.xml",
    re.IGNORECASE,
)  # fmt: skip
_NEEDED = {
    "ooxml": re.compile(r"\[Content_Types\]\.xml|(?:word|xl|ppt|visio)/.*\.xml", re.IGNORECASE),
    "odf": re.compile(r"(?:content|styles|meta)\.xml", re.IGNORECASE),
    "epub": re.compile(r"META-INF/container\.xml|mimetype", re.IGNORECASE),
}
_MARKUP = (".xml", ".rels", ".vml", ".rdf", ".opf", ".ncx", ".smil", ".svg")
_PAGES = (".xhtml", ".html", ".htm")
_SILENT = re.compile(
    r"mimetype|.*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|wdp|webp|mp[34]|m4[av]|wav|wmv|avi|mov|fntdata|odttf|[ot]tf|"
    r"woff2?|css|js|psmdcp)|.*printerSettings\d*\.bin|(?:.*/)?layout-cache|ObjectReplacements/.*|Pictures/.*",
    re.IGNORECASE,
)  # fmt: skip
_SEALED = b":encryption-data"
_ENDS_LINE = re.compile(
    r"</(?:[\w.-]+:)?(?:p|h|si|row|c|tr|text|v|f|author|instrText|fldSimple|comment|docPr|title)>"
    r"|<(?:[\w.-]+:)?(?:br|line-break|tab|cr)\b[^<>]*>"
)
_ENDS = re.compile(r"</[^<>]*>")
_FLOWS = re.compile(r"<(?:[\w.-]+:)?(?:t|p|span)\b")
_TAG = re.compile(r"<[^<>]*>")
_SIGN = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ATTRIBUTE = re.compile(r"""\s([\w.:-]++)\s*+=\s*+("[^"<]*"|'[^'<]*')""")
_NAMESPACE = re.compile(
    r"http://(?:schemas\.(?:openxmlformats\.org|microsoft\.com)|purl\.oclc\.org/ooxml|www\.w3\.org)/\S*"
    r"|urn:(?:oasis:names:tc:opendocument|schemas-microsoft-com):\S*|application/vnd\.openxmlformats-\S*"
)  # fmt: skip
_CELL = re.compile(r"[A-Z]{1,3}\d{1,7}")
_BLANK = re.compile(r"<text:s(?:\s+text:c\s*=\s*[\"'](\d{1,3})[\"'])?\s*/>")
_HYPHEN = re.compile(r"<(?:[\w.-]+:)?noBreakHyphen\b[^<>]*>")
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def of_zip(archive: zipfile.ZipFile, kind: str, cut: list[str], inner: Inner) -> Iterator[str]:
    """The text of every part, that of the document itself first; what is not read is told in ``cut``.

    Raises:
        ValueError: It is no document of this kind, or is encrypted.
    """
    found = [one for one in archive.infolist() if not one.is_dir()]
    if not any(_NEEDED[kind].fullmatch(one.filename) for one in found):
        raise ValueError("its text cannot be extracted: the part with the text is missing")
    if kind == "odf" and _is_sealed(archive, found):
        raise ValueError("its text cannot be extracted: it is encrypted")
    names = [one for one in found if not _SILENT.fullmatch(one.filename)]
    names.sort(key=lambda one: not _MAIN.fullmatch(one.filename))
    if len(names) > MAX_PARTS:
        cut.append(TOO_MANY)
        del names[MAX_PARTS:]
    left, unread = MAX_PART_BYTES, list[str]()
    for one in names:
        try:
            with archive.open(one) as part:
                content = part.read(left + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
            unread.append(one.filename)
            continue
        if len(content) > left:
            content = content[:left]
            cut.append(f"What is behind more than {MAX_PART_BYTES:,} bytes of its parts was not searched as text.")
        left -= len(content)
        yield from _of_part(one.filename, content, cut, inner)
        if left <= 0:
            break
    if unread:
        if len(unread) == len(names):
            raise ValueError("its text cannot be extracted: none of its parts can be read (damaged, or encrypted)")
        cut.append(listed("cannot be read", unread))


def listed(why: str, names: list[str]) -> str:
    """A sentence on parts that were left out."""
    shown = ", ".join("".join(c if c.isprintable() else "\ufffd" for c in name[:80]) for name in names[:5])
    return f"{len(names):,} of its parts {why}: {shown}{' and others' if len(names) > 5 else ''}."


def _is_sealed(archive: zipfile.ZipFile, found: list[zipfile.ZipInfo]) -> bool:
    manifest = next((one for one in found if one.filename == "META-INF/manifest.xml"), None)
    if manifest is None:
        return False
    with archive.open(manifest) as part:
        return _SEALED in part.read(1 << 20)


def _of_part(name: str, content: bytes, cut: list[str], inner: Inner) -> Iterator[str]:
    lower = name.lower()
    if lower.endswith(_PAGES):
        yield of_html(decoded(content))
    elif lower.endswith(_MARKUP):
        text = decoded(content)
        if "<!ENTITY" in text:
            cut.append("It declares entities, which are not put in.")
        yield of_xml(text)
    else:
        yield from inner(name, "", content)


def of_xml(text: str) -> str:
    """Characters between the tags, then the values of attributes; of entities single characters.

    Lines in which Excel writes characters as ``_xHHHH_`` follow once more with these (ECMA-376, ST_Xstring).
    """
    text = _without_cdata(text)
    values = [
        _SIGN.sub(_sign, value[1:-1]) for name, value in _ATTRIBUTE.findall(text) if _has_words(name, value[1:-1])
    ]
    text = _HYPHEN.sub("-", _BLANK.sub(lambda blanks: " " * int(blanks[1] or 1), text))
    ended = (_ENDS_LINE if _FLOWS.search(text) else _ENDS).sub("\n", text)
    found = "\n".join((_SIGN.sub(_sign, _TAG.sub("", ended)), *dict.fromkeys(values)))
    coded = dict.fromkeys(line for line in found.split("\n") if "_x" in line and _CODED.search(line))
    return "\n".join((found, *map(_uncoded, coded)))


def _has_words(name: str, value: str) -> bool:
    """Whether an attribute may say something that is not of the format alone."""
    if name.startswith("xmlns") or (name == "r" and _CELL.fullmatch(value)):
        return False
    return name in ("Target", "xlink:href") or not _NAMESPACE.fullmatch(value)


def _uncoded(line: str) -> str:
    made = _CODED.sub(lambda unit: chr(int(unit[1], 16)), line)
    return made.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_cdata(text: str) -> str:
    """What stands in CDATA as other text stands, in a time that grows with the text only."""
    parts, at = list[str](), 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (stop := text.find("]]>", start)) >= 0:
        parts += (text[at:start], text[start + 9 : stop].replace("&", "&amp;").replace("<", "&lt;"))
        at = stop + 3
    return "".join((*parts, text[at:]))


def _sign(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    point = int(match[1]) if match[1] else int(match[2], 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"
