"""Changes of a SQLite database that lie beside it: write-ahead logs and rollback journals; sqlite.org/fileformat2.html.

Sections 4 (write-ahead log) and 3 (rollback journal). Both are read frame by frame or record by record as SQLite does
when it opens the database after a crash; nothing is written but a copy in memory.
"""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass

from evidence.viewers.base import Bytes, OnProgress

LOG, JOURNAL = "log", "journal"
MOST_BYTES = 128 << 20
"""Of a log or journal; a larger one is not applied."""
_LOG_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_LOG_MAGIC = (0x377F0682, 0x377F0683)
_LOG_VERSION = 3_007_000
_JOURNAL_HEADER = struct.Struct(">8s5I")
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_ALL_RECORDS = 0xFFFFFFFF
_PAGE_SIZES = frozenset(1 << n for n in range(9, 17))
_SECTOR_SIZES = frozenset(1 << n for n in range(5, 17))
_SUM_STEP = 200
_MOST_SEGMENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a log or journal does to its database.

    Attributes:
        kind: ``LOG`` or ``JOURNAL``.
        page_bytes: Size of a page.
        pages: Where in the log or journal each page lies that takes the place of one of the database, from page 1.
        count: How many pages the database has with them.
        words: What was found, in a sentence.
    """

    kind: str
    page_bytes: int
    pages: dict[int, int]
    count: int
    words: str


class NoChangesError(Exception):
    """It has nothing that can be applied; the text is why, the end of a sentence."""


def read_changes(kind: str, content: Bytes, page_bytes: int, on_progress: OnProgress) -> Changes:
    """Read a log or journal as far as it is valid.

    Args:
        kind: ``LOG`` or ``JOURNAL``.
        content: The log or journal.
        page_bytes: Size of a page of the database.
        on_progress: Bytes read, bytes in all; what it raises ends the reading.

    Raises:
        NoChangesError: Nothing of it can be applied.
        EvidenceError: It cannot be read.
    """
    if content.size_bytes > MOST_BYTES:
        raise NoChangesError(f"it has {content.size_bytes:,} bytes, and at most {MOST_BYTES:,} are looked through")
    return (_log if kind == LOG else _journal)(content, page_bytes, on_progress)


def applied(data: bytes | bytearray, content: Bytes, changes: Changes) -> bytearray:
    """A copy of the database with the changes. Raises EvidenceError where they cannot be read."""
    size = changes.count * changes.page_bytes
    made = bytearray(data[:size])
    made.extend(bytes(size - len(made)))
    for number, offset in changes.pages.items():
        at = (number - 1) * changes.page_bytes
        if at < size:
            made[at : at + changes.page_bytes] = content.read(offset, changes.page_bytes)
    return made


def _log(content: Bytes, page_bytes: int, on_progress: OnProgress) -> Changes:
    head = content.read(0, _LOG_HEADER.size)
    if len(head) < _LOG_HEADER.size:
        raise NoChangesError("it ends within its header")
    magic, version, size, _, *salts, sum_0, sum_1 = _LOG_HEADER.unpack(head)
    if magic not in _LOG_MAGIC or version != _LOG_VERSION:
        raise NoChangesError("it does not begin as a write-ahead log")
    is_big = magic == _LOG_MAGIC[1]
    sums = _summed(head[:24], (0, 0), is_big)
    if sums != (sum_0, sum_1):
        raise NoChangesError("the checksum of its header is wrong")
    if size != page_bytes:
        raise NoChangesError(f"its pages have {size:,} bytes, those of the database {page_bytes:,}")
    pages: dict[int, int] = {}
    open_pages: dict[int, int] = {}
    count = commits = committed = valid = older = wrong = 0
    is_valid = True
    step, total = _FRAME.size + size, content.size_bytes
    frames, rest = divmod(total - _LOG_HEADER.size, step)
    for index in range(frames):
        at = _LOG_HEADER.size + index * step
        frame = content.read(at, step if is_valid else _FRAME.size)
        number, after, salt_0, salt_1, sum_0, sum_1 = _FRAME.unpack_from(frame)
        on_progress(at, total)
        if is_valid:
            now = _summed(frame[:8], sums, is_big)
            now = _summed(frame[_FRAME.size :], now, is_big)
            is_valid = number > 0 and [salt_0, salt_1] == salts and now == (sum_0, sum_1)
            sums = now
        if not is_valid:
            older += [salt_0, salt_1] != salts
            wrong += [salt_0, salt_1] == salts
            continue
        valid += 1
        open_pages[number] = at + _FRAME.size
        if after:
            pages |= open_pages
            open_pages.clear()
            count, commits, committed = after, commits + 1, valid
    told = [f"{committed:,} of its {frames:,} frames are valid up to the last of {commits:,} commits"]
    told += [f"{valid - committed:,} behind it are valid and not committed"] if valid > committed else []
    told += [f"{wrong:,} have a wrong checksum or follow one that has"] if wrong else []
    told += [f"{older:,} have another salt, of an older log"] if older else []
    told += [f"{rest:,} bytes at its end are no whole frame"] if rest else []
    words = "; ".join(told)
    if not commits:
        raise NoChangesError(words)
    return Changes(kind=LOG, page_bytes=size, pages=pages, count=count, words=words)


def _journal(content: Bytes, page_bytes: int, on_progress: OnProgress) -> Changes:
    pages: dict[int, int] = {}
    total, at, first_count, first_sector, segments, why_ended = content.size_bytes, 0, 0, 0, 0, ""
    while at + _JOURNAL_HEADER.size <= total and segments < _MOST_SEGMENTS and not why_ended:
        magic, records, nonce, count, sector, size = _JOURNAL_HEADER.unpack(content.read(at, _JOURNAL_HEADER.size))
        if magic != _JOURNAL_MAGIC:
            if not segments:
                raise NoChangesError("its header is not valid, as after a transaction that was finished")
            break
        if not segments:
            if size != page_bytes or size not in _PAGE_SIZES or sector not in _SECTOR_SIZES:
                raise NoChangesError(f"its pages have {size:,} bytes, those of the database {page_bytes:,}")
            first_count, first_sector = count, sector
        segments += 1
        at += first_sector
        step = page_bytes + 8
        records = max(0, total - at) // step if records == _ALL_RECORDS else records
        for _ in range(records):
            record = content.read(at, step) if at + step <= total else b""
            if len(record) < step:
                why_ended = "it ends before its last record"
                break
            number = int.from_bytes(record[:4])
            page = record[4:-4]
            expected = (nonce + sum(page[page_bytes - _SUM_STEP : 0 : -_SUM_STEP])) & 0xFFFFFFFF
            if not number or expected != int.from_bytes(record[-4:]):
                why_ended = "a record has a wrong checksum, and it is read up to that one"
                break
            pages.setdefault(number, at + 4)
            at += step
            on_progress(at, total)
        at = -(-at // first_sector) * first_sector
    if not pages or not first_count:
        raise NoChangesError("it has no complete record")
    words = f"its header is valid, and it holds {len(pages):,} pages as they were; {why_ended}".rstrip("; ")
    if content.read(max(0, total - 8), 8) == _JOURNAL_MAGIC:
        words += "; it names a super-journal, and where that is gone SQLite takes the transaction for finished"
    return Changes(kind=JOURNAL, page_bytes=page_bytes, pages=pages, count=first_count, words=words)


def _summed(data: bytes, sums: tuple[int, int], is_big: bool) -> tuple[int, int]:
    """The checksum of a write-ahead log, gone on with over ``data``."""
    words = array("I", data)
    if is_big != (sys.byteorder == "big"):
        words.byteswap()
    first, second = sums
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second
