"""Bytes as text: which encoding they are probably in, and the runs of text among other bytes; no widget."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from ui.examine.words import tr

ENCODINGS = ("utf-8", "utf-16-le", "cp1251", "cp1252")
LABELS = {"utf-8": "UTF-8", "utf-16-le": "UTF-16LE", "cp1251": "CP1251", "cp1252": "CP1252"}
SHORTEST_RUN = 4
STRINGS_LIMIT = 20_000
LONGEST_LINE = 512
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"))
_RUNS = re.compile(rb"(?:[\x20-\x7e\t]{4,})|(?:(?:[\x20-\x7e\t]\x00){4,})")
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


def strings(data: bytes, offset_bytes: int = 0) -> str:
    """Runs of at least four printable ASCII characters, also as UTF-16LE, each with its offset; one a line."""
    lines: list[str] = []
    for run in _RUNS.finditer(data):
        wide = b"\x00" in run.group()
        words = run.group().decode("utf-16-le" if wide else "ascii").strip()
        if len(words) < SHORTEST_RUN:
            continue
        if len(lines) == STRINGS_LIMIT:
            lines.append(tr("[Only the first {n} runs are shown.]").format(n=f"{STRINGS_LIMIT:,}"))
            break
        lines.append(f"{offset_bytes + run.start():08X}  {words}")
    return fold("\n".join(lines))


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True
