"""A text file in blocks of whole lines, with the number of the first of each."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from evidence.digest import OnProgress
from evidence.errors import HashSetError

BLOCK_BYTES = 4 << 20
LONGEST_LINE = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def blocks(path: Path, on_progress: OnProgress = lambda done, total: None) -> Iterator[tuple[int, str]]:
    """Lower-case text that ends with a line's end, but for the last block of a file that does not.

    Lines end with a line feed in it, also where they do with a carriage return, or both, in the file. One carriage
    return at the end of a file that has no other without a line feed is half of an end, and none.

    Digests are plain ASCII, so text without a mark of its encoding is taken byte by byte.

    Raises:
        HashSetError: It is no text, holds a line that is none, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            size_bytes, encoding = path.stat().st_size, _encoding(path, file.read(4096))
            file.seek(0)
            decoder, rest, number, is_of_returns = codecs.getincrementaldecoder(encoding)(), "", 1, False
            while chunk := file.read(BLOCK_BYTES):
                text = rest + decoder.decode(chunk).lower()
                held = "\r" if text.endswith("\r") else ""  # a line feed may follow
                text = text.removesuffix("\r")
                is_of_returns = is_of_returns or text.count("\r") > text.count("\r\n")
                text = _with_line_feeds(text)
                end = text.rfind("\n") + 1
                text, rest = text[:end], text[end:] + held
                if len(rest) > LONGEST_LINE:
                    number += text.count("\n")
                    raise HashSetError(path, f"is no list: its line {number} is longer than {LONGEST_LINE:,} letters")
                if text:
                    yield number, text
                    number += text.count("\n")
                on_progress(file.tell(), size_bytes)
            rest += decoder.decode(b"", final=True).lower()
            rest = _with_line_feeds(rest if is_of_returns else rest.removesuffix("\r"))
            if rest:
                yield number, rest
    except UnicodeDecodeError as error:
        raise HashSetError(path, f"is cut off or no text in {encoding}: {error.reason}") from error
    except OSError as error:
        raise HashSetError(path, f"cannot be read: {error.strerror}") from error


def beginning(path: Path) -> str:
    """What it begins with, as far as it is text.

    Raises:
        HashSetError: It holds zero bytes that no encoding explains, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise HashSetError(path, f"cannot be read: {error.strerror}") from error
    return start.decode(_encoding(path, start), "replace")


def first_line(path: Path) -> tuple[int, str]:
    """Number and text, in lower case, of the first line that is not blank; 0 and nothing where there is none.

    Raises:
        HashSetError: As :func:`blocks`.
    """
    for number, text in blocks(path):
        for at, line in enumerate(text.split("\n"), number):
            if line.strip():
                return at, line
    return 0, ""


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _encoding(path: Path, start: bytes) -> str:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise HashSetError(path, "is no text, no JSON document and no SQLite database: there are zero bytes in it")
    return "latin-1"
