"""Bytes as text: which encoding they are probably in, and the runs of text among other bytes; no widget."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from ui.examine.words import tr

LABELS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32-le": "UTF-32LE",
    **{f"cp125{n}": f"CP125{n}" for n in range(9)},
    "koi8-u": "KOI8-U",
    "koi8-r": "KOI8-R",
    "cp437": "CP437 (DOS)",
    "cp850": "CP850 (DOS)",
    "cp852": "CP852 (DOS)",
    "cp855": "CP855 (DOS)",
    "cp857": "CP857 (DOS)",
    "cp866": "CP866 (DOS)",
    "iso8859-1": "ISO 8859-1",
    "iso8859-2": "ISO 8859-2",
    "iso8859-5": "ISO 8859-5",
    "iso8859-9": "ISO 8859-9",
    "iso8859-15": "ISO 8859-15",
    "mac-roman": "Mac Roman",
    "mac-cyrillic": "Mac Cyrillic",
    "mac-latin2": "Mac Latin 2",
    "mac-turkish": "Mac Turkish",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "shift_jis": "Shift JIS",
    "euc_kr": "EUC-KR",
}
"""Those that can be chosen, by Python's names."""
ENCODINGS = tuple(LABELS)
BOTH_WIDTHS = ""
"""As the encoding of runs: ASCII, also as UTF-16LE."""
RUN_ENCODINGS = (
    BOTH_WIDTHS,
    *(name for name in ENCODINGS if name.startswith(("utf-8", "utf-16", "cp", "koi", "iso", "mac"))),
)
LENGTHS = (3, 4, 5, 6, 8, 12, 16, 24)
SHORTEST_RUN = 4
STRINGS_LIMIT = 20_000
LONGEST_LINE = 512
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ONE = rb"[\x20-\x7e\t]"
_UTF_8 = _ONE + rb"|[\xc3-\xdf][\x80-\xbf]|\xc2[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xe0[\xa0-\xbf][\x80-\xbf]"
_UTF_16_LE = rb"[\x20-\x7e\t\xa0-\xff]\x00|[\x00-\xff][\x01-\x05]|[\xa0-\xff]\x10"
_UTF_16_BE = rb"\x00[\x20-\x7e\t\xa0-\xff]|[\x01-\x05][\x00-\xff]|\x10[\xa0-\xff]"
"""In UTF-16 the scripts up to Armenian and Hebrew, and Georgian: with all others, most bytes would be letters."""
_TOO_LONG = re.compile(rf"[^\n]{{{LONGEST_LINE}}}(?=[^\n])")
_KEPT = "\n\t"
_CYRILLIC_RUN = re.compile(rb"[\xc0-\xff\xa8\xb8]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A text and the encoding it was read in; ``folded`` says that long lines were broken to be shown."""

    text: str
    encoding: str
    folded: bool = False


def guess(data: bytes) -> str:
    """The likeliest of :data:`ENCODINGS`: by mark, then by what is valid, then by how letters stand together."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    pairs = data[: len(data) // 2 * 2]
    if len(pairs) >= 4 and pairs[1::2].count(0) > 0.4 * len(pairs) / 2 and pairs[::2].count(0) < 0.1 * len(pairs) / 2:
        return "utf-16-le"
    if _is_utf8(data):
        return "utf-8"
    in_runs = sum(len(run) for run in _CYRILLIC_RUN.findall(data))
    high = sum(byte >= 0x80 for byte in data)
    return "cp1251" if high and in_runs > 0.5 * high else "cp1252"


def decode(data: bytes, encoding: str = "") -> Decoded:
    """``data`` as text in ``encoding``, by default the one that it probably has; nothing in it stays hidden.

    What is no text in the encoding becomes U+FFFD; control and steering characters are shown by their code point.
    """
    used = encoding or guess(data)
    text = data.decode(used, "replace").removeprefix("\ufeff")
    shown = harmless(text.replace("\r\n", "\n").replace("\r", "\n"))
    folded = fold(shown)
    return Decoded(text=folded, encoding=used, folded=folded != shown)


def fold(text: str) -> str:
    """Text without a line longer than :data:`LONGEST_LINE`: a text box takes seconds for a very long one."""
    return _TOO_LONG.sub(r"\g<0>\n", text)


def harmless(text: str) -> str:
    """Text in which control characters and characters that steer the direction are visible."""
    if text.isprintable():
        return text
    steering = {char for char in set(text) if not char.isprintable() and char not in _KEPT}
    table = {
        ord(char): "·" if unicodedata.category(char) == "Cc" else f"[U+{ord(char):04X}]"
        for char in steering
        if unicodedata.category(char) not in ("Zs", "Cn")
    }
    return text.translate(table)


def strings(data: bytes, offset_bytes: int = 0, shortest: int = SHORTEST_RUN, encoding: str = BOTH_WIDTHS) -> str:
    """Runs of at least ``shortest`` printable characters, each with its offset in hexadecimal; one a line.

    Args:
        data: Where they are looked for.
        offset_bytes: Of its first byte.
        shortest: In characters.
        encoding: One of :data:`RUN_ENCODINGS`.
    """
    lines: list[str] = []
    for run in _runs(encoding, shortest).finditer(data):
        used = encoding or ("utf-16-le" if b"\x00" in run.group() else "ascii")
        words = harmless(run.group().decode(used, "replace").strip())
        if len(words) < shortest:
            continue
        if len(lines) == STRINGS_LIMIT:
            lines.append(tr("[Only the first {n} runs are shown.]").format(n=f"{STRINGS_LIMIT:,}"))
            break
        lines.append(f"{offset_bytes + run.start():08X}  {words}")
    return fold("\n".join(lines))


@cache
def _runs(encoding: str, shortest: int) -> re.Pattern[bytes]:
    """A pattern for runs of so many printable characters in an encoding."""
    times = b"{%d,}" % shortest
    if encoding == BOTH_WIDTHS:
        return re.compile(rb"(?:%b%b)|(?:(?:%b\x00)%b)" % (_ONE, times, _ONE, times))
    wide = {"utf-8": _UTF_8, "utf-16-le": _UTF_16_LE, "utf-16-be": _UTF_16_BE}
    return re.compile(b"(?:%b)%b" % (wide.get(encoding) or _letters(encoding), times))


def _letters(encoding: str) -> bytes:
    """The bytes of a code page that are printable, as a set for a pattern."""
    printable = (byte for byte in range(256) if bytes((byte,)).decode(encoding, "replace") not in ("", "\ufffd"))
    shown = (byte for byte in printable if byte == 9 or bytes((byte,)).decode(encoding).isprintable())
    return b"[" + b"".join(b"\\x%02x" % byte for byte in shown) + b"]"


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True
