"""Text whose bytes are not in the code page that it declares: shown as far as it goes, and in others beside it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from evidence.search.markup import decoded
from evidence.viewers.words import cut

PAGES = {
    "cp1251": "Windows-1251", "koi8-u": "KOI8-U", "cp866": "CP866 (DOS)", "iso8859-5": "ISO 8859-5",
    "mac-cyrillic": "Mac Cyrillic", "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1253": "Windows-1253",
    "cp1254": "Windows-1254", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "cp1257": "Windows-1257",
    "gb18030": "GB 18030", "big5": "Big5", "shift_jis": "Shift JIS", "euc_kr": "EUC-KR", "iso2022_jp": "ISO 2022 JP",
}  # fmt: skip
"""By Python's names; one that the bytes make no sense in is left out."""
MOST_OF_ONE = 20_000
"""Characters of a text in each of them."""
_MOST_BYTES = 4 * MOST_OF_ONE
_WESTERN = frozenset({"iso-8859-1", "iso-8859-15", "latin-1", "latin1", "windows-1252", "cp1252"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Bytes as text.

    Attributes:
        text: As good as it can be read.
        why: What is wrong with the code page that is declared; empty where nothing is.
        others: The same in each code page that it makes sense in, with its name above; empty where nothing is wrong.
    """

    text: str
    why: str = ""
    others: str = ""


def read(data: bytes, declared: str, *, is_html: bool = False) -> Reading:
    """Bytes in the code page ``declared``, empty for none; a page of HTML may declare one of its own."""
    name = declared or ("" if is_html else "utf-8")
    what = f"declares {_shown(declared)}" if declared else "declares no code page"
    try:
        text = data.decode(name) if name else _of_html(data)
        if name.lower() not in _WESTERN or not _is_hardly_western(data):
            return Reading(text=text)
        why = f"{what}, and most of its letters are accented ones: it may be in another code page, see those beside"
        return Reading(text=text, why=why, others=_in_others(data))
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        why = f"{what}, but its bytes are not text of that from byte {at} on"
        if not declared:
            why = f"{what}, and its bytes are not UTF-8 from byte {at} on"
    except (LookupError, ValueError):
        why = f"{what}, which is not known"
    try:
        return Reading(text=data.decode(), why=f"{why}; it is shown as UTF-8")
    except UnicodeDecodeError:
        pass
    if is_html and declared and "\ufffd" not in (text := decoded(data)):
        return Reading(text=text, why=f"{why}; it is shown in the code page that the page itself declares")
    why += "; what cannot be read is shown as \ufffd, and all of it in other code pages beside"
    return Reading(text=_of_what_is_there(data, name), why=why, others=_in_others(data))


def _in_others(data: bytes) -> str:
    found, is_whole = list[str](), len(data) <= _MOST_BYTES
    for page, words in PAGES.items():
        try:
            text = codecs.getincrementaldecoder(page)().decode(data[:_MOST_BYTES], is_whole)
        except ValueError:
            continue
        found.append(f"[{words}]\n{cut(text, MOST_OF_ONE)}\n")
    return "\n".join(found)


def _is_hardly_western(data: bytes) -> bool:
    """Whether there are more letters behind ASCII than in it: any bytes are text in these code pages."""
    behind = sum(sign >= 0xC0 for sign in data[:_MOST_BYTES])
    return behind > 3 and behind > sum(65 <= sign & 0xDF <= 90 for sign in data[:_MOST_BYTES])


def _of_html(data: bytes) -> str:
    text = decoded(data)
    if "\ufffd" in text:
        data.decode()
    return text


def _of_what_is_there(data: bytes, name: str) -> str:
    try:
        return data.decode(name or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name[:40])
