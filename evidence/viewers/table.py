"""All viewers: which content each is for, by signature. A new one is one file and one line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from evidence.errors import NoViewerError, UnreadableStructureError
from evidence.later import Later
from evidence.viewers.base import Beside, Bytes, OnProgress, Viewer

HEAD_BYTES = 4096
_MAIL_FIRST = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:From [^\r\n]{3,200}\r?\n)?(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version|From"
    rb"|To|Date|Subject|X-[A-Za-z-]{2,60}|DKIM-Signature|Authentication-Results|ARC-Seal|Reply-To|Content-Type): ?",
    re.IGNORECASE,
)
_MAIL_OTHER = re.compile(rb"^(?:From|Date|Message-ID|Received|MIME-Version|Subject|To):", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Format:
    """A format with its viewer.

    Attributes:
        name: For people, with its article.
        look: Whether the first bytes are of it.
        open: The viewer's class, called with the content and the way to tell progress.
        takes_beside: Whether it is called also with what lies beside the content.
    """

    name: str
    look: Callable[[bytes], bool]
    open: Later
    takes_beside: bool = False


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


def _is_mail(head: bytes) -> bool:
    """Header fields from the first byte on, and at least two different ones that every letter has."""
    if not _MAIL_FIRST.match(head):
        return False
    return len({name.lower() for name in _MAIL_OTHER.findall(head)}) >= 2


def _is_xml_plist(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")  # UTF-16 too
    return text.startswith((b"<?xml", b"<!DOCTYPE plist", b"<plist")) and b"<plist" in text


def _is_custom_list(head: bytes) -> bool:
    """A custom jump list: version 2, and a shortcut soon behind its head."""
    return head[:4] == b"\x02\0\0\0" and 12 <= head.find(b"L\0\0\0\x01\x14\x02\0") < 2048


FORMATS = (
    Format(
        "a SQLite database",
        _begins(b"SQLite format 3\0"),
        Later("evidence.viewers.sqlite", "Database"),
        takes_beside=True,
    ),
    Format("a property list", _begins(b"bplist"), Later("evidence.viewers.plist", "PropertyList")),
    Format("a property list", _is_xml_plist, Later("evidence.viewers.plist", "PropertyList")),
    Format("a registry hive", _begins(b"regf"), Later("evidence.viewers.registry", "Hive")),
    Format("a Windows event log", _begins(b"ElfFile\0"), Later("evidence.viewers.event_log", "EventLog")),
    Format("a shortcut", _begins(b"L\0\0\0\x01\x14\x02\0"), Later("evidence.viewers.shortcut", "Shortcut")),
    Format("a jump list", _is_custom_list, Later("evidence.viewers.jump_list", "CustomList")),
    Format("a prefetch file", lambda head: head[4:8] == b"SCCA", Later("evidence.viewers.prefetch", "Prefetch")),
    Format("a prefetch file", _begins(b"MAM\x04"), Later("evidence.viewers.prefetch", "Prefetch")),
    Format("a PDF document", lambda head: b"%PDF-" in head[:1024], Later("evidence.viewers.pdf", "Document")),
    Format("a ZIP archive", _begins(b"PK\3\4", b"PK\5\6"), Later("evidence.viewers.zipped", "Zipped")),
    Format(
        "a compound file", _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Later("evidence.viewers.compound", "Compound")
    ),
    Format("an e-mail", _is_mail, Later("evidence.viewers.mail", "Letter")),
)


def open_viewer(content: Bytes, on_progress: OnProgress, beside: Beside = ()) -> Viewer:
    """Open what a content is, by its first bytes; its name counts for nothing.

    Args:
        content: What is to be shown.
        on_progress: Bytes read, bytes in all.
        beside: Its logs and journals.

    Raises:
        NoViewerError: It is of no format in the table.
        UnreadableStructureError: It is, and is damaged so far that nothing can be shown.
        EvidenceError: It cannot be read.
    """
    head = content.read(0, min(HEAD_BYTES, content.size_bytes))
    for format_ in FORMATS:
        if format_.look(head):
            with in_words(format_.name):
                viewer: Viewer = format_.open(content, on_progress, *((beside,) if format_.takes_beside else ()))
            return viewer
    raise NoViewerError()


@contextmanager
def in_words(format_name: str) -> Iterator[None]:
    """Turn what readers of damaged contents raise into an error that says so.

    Raises:
        UnreadableStructureError: Something of the sort was raised.
    """
    try:
        yield
    except RecursionError as error:
        raise UnreadableStructureError(format_name, "it is nested too deeply") from error
    except (OSError, ValueError, OverflowError) as error:
        raise UnreadableStructureError(format_name, f"it is damaged ({str(error)[:200]})") from error
