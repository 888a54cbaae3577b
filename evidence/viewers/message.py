"""Outlook messages (MSG): who wrote what to whom and when, and what is attached; [MS-OXMSG], [MS-OXPROPS]."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from typing import Any

from evidence.viewers.base import FACTS, Row, TablesViewer
from evidence.viewers.words import FILETIME, blob, cut, filetime

PROPERTIES = "__properties_version1.0"
MOST_ITEMS = 2_000
MOST_TEXT_BYTES = 16 << 20
_RECIPIENT, _ATTACHMENT = "__recip_version1.0_#", "__attach_version1.0_#"
_UNICODE, _CODE_PAGE, _BINARY, _OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
_INTEGER, _BOOLEAN, _TIME = 0x0003, 0x000B, 0x0040
_HEADER_BYTES, _INNER_HEADER_BYTES, _ENTRY_BYTES = 32, 8, 16
_PAGE_OF_STRINGS, _PAGE_OF_HTML = 0x3FFD, 0x3FDE
_BODY, _HTML, _RTF, _HEADERS, _DATA = 0x1000, 0x1013, 0x1009, 0x007D, 0x3701
_TOLD = {
    0x001A: "Class", 0x0037: "Subject", 0x0070: "Conversation", 0x0C1A: "Sender", 0x0C1E: "Kind of address",
    0x0C1F: "Sender's address", 0x5D01: "Sender's address (SMTP)", 0x0042: "On behalf of", 0x0065: "Their address",
    0x0E04: "To", 0x0E03: "Copy to", 0x0E02: "Blind copy to", 0x1035: "Message-ID", 0x1042: "In reply to",
    0x0039: "Submitted", 0x0E06: "Delivered", 0x3007: "Created", 0x3008: "Changed", 0x0E07: "Flags",
    0x0017: "Importance",
}  # fmt: skip
_ROLES = {"0": "originator", "1": "to", "2": "copy", "3": "blind copy"}


def is_message(root: Any) -> bool:
    """Whether the uppermost storage of a compound file is a message's."""
    return root.get_sub_item_by_name(PROPERTIES) is not None


def add_message(viewer: TablesViewer, root: Any) -> None:
    """Put its parts behind those of the viewer; what cannot be read is remarked."""
    try:
        found = _Properties(root, _HEADER_BYTES)
    except (OSError, ValueError, OverflowError, struct.error) as error:
        viewer.remark(f"The properties of the message cannot be read: {str(error)[:200]}.")
        return
    viewer.add("message", "Message", FACTS, tuple(found.facts()))
    for number, key, title in ((_BODY, "body", "Text"), (_HTML, "html", "Source of the HTML")):
        viewer.add_text(key, title, found.text(number, is_html=number == _HTML))
    viewer.add_text("transport", "Headers of the transport", found.text(_HEADERS))
    people, files = _inner(root, _RECIPIENT), _inner(root, _ATTACHMENT)
    viewer.add("recipients", "Recipients", ("As", "Name", "Address", "Address (SMTP)"), tuple(
        (_ROLES.get(one.text(0x0C15), one.text(0x0C15)), one.text(0x3001), one.text(0x3003), one.text(0x39FE))
        for one in people
    ))  # fmt: skip
    viewer.add("attachments", "Attachments", ("Name", "Short name", "Type", "Content"), tuple(
        (one.text(0x3707), one.text(0x3704), one.text(0x370E), one.content()) for one in files
    ))  # fmt: skip
    if found.has(_RTF) and not found.has(_HTML):
        viewer.remark("The message has its text as compressed RTF, too, which is not shown; hex has it.")
    if found.has(_HTML):
        viewer.remark("HTML is shown as its source; it is not drawn, and nothing that it names is fetched.")
    if found.is_page_taken:
        viewer.remark("Texts that are not Unicode are read in code page 1252, as the message names none that is known.")
    if files:
        viewer.remark("What is attached is not taken apart; its bytes are the stream __substg1.0_37010102 in the tree.")


def _inner(root: Any, prefix: str) -> list[_Properties]:
    found: list[_Properties] = []
    for at in range(min(int(root.get_number_of_sub_items()), MOST_ITEMS)):
        item = root.get_sub_item(at)
        if str(item.get_name() or "").startswith(prefix):
            try:
                found.append(_Properties(item, _INNER_HEADER_BYTES))
            except (OSError, ValueError, OverflowError, struct.error):
                continue
    return found


class _Properties:
    """The properties of a message, a recipient or an attachment: those of fixed length, and streams for the others."""

    def __init__(self, item: Any, header_bytes: int) -> None:
        self._item = item
        self._fixed: dict[int, tuple[int, bytes]] = {}
        self._streams: dict[int, tuple[int, Any]] = {}
        stream = item.get_sub_item_by_name(PROPERTIES)
        data = _read(stream) if stream is not None else b""
        for at in range(header_bytes, len(data) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            kind, number, _, value = struct.unpack_from("<HHI8s", data, at)
            self._fixed[number] = kind, value
        for at in range(min(int(item.get_number_of_sub_items()), MOST_ITEMS)):
            one = item.get_sub_item(at)
            name = str(one.get_name() or "")
            if name.startswith("__substg1.0_") and len(name) == 20:
                number, kind = int(name[12:16], 16), int(name[16:], 16)
                self._streams[number] = kind, one
        self._page, self.is_page_taken = self._code_page(_PAGE_OF_STRINGS)
        self.is_page_taken &= any(kind == _CODE_PAGE for kind, _ in self._streams.values())

    def has(self, number: int) -> bool:
        return number in self._streams

    def facts(self) -> Iterator[Row]:
        """Those that are told, in their order."""
        for number, name in _TOLD.items():
            if text := self.text(number):
                is_time = self._fixed.get(number, (0, b""))[0] == _TIME
                yield (f"{name} ({FILETIME})" if is_time else name, cut(text))

    def text(self, number: int, *, is_html: bool = False) -> str:
        """A property in words; empty where there is none."""
        kind, stream = self._streams.get(number, (0, None))
        if stream is not None:
            try:
                data = _read(stream)
            except OSError as error:
                return f"[not readable: {str(error)[:100]}]"
            if kind == _UNICODE:
                return data.decode("utf-16-le", "replace").rstrip("\0")
            if kind == _CODE_PAGE:
                return data.decode(self._page, "replace").rstrip("\0")
            return data.decode(self._code_page(_PAGE_OF_HTML)[0], "replace") if is_html else blob(data)
        kind, value = self._fixed.get(number, (0, b""))
        match kind:
            case 0x0003:
                return str(struct.unpack_from("<i", value)[0])
            case 0x000B:
                return "yes" if value[0] else "no"
            case 0x0040:
                return filetime(int.from_bytes(value, "little"))
        return ""

    def content(self) -> str:
        """What an attachment holds, in words."""
        kind, stream = self._streams.get(_DATA, (0, None))
        if stream is None:
            return "not in the message"
        if kind == _OBJECT:
            return "an object or a message in a storage of its own"
        return f"{int(stream.get_size() or 0):,} bytes"

    def _code_page(self, number: int) -> tuple[str, bool]:
        """The code page that a property names, and whether 1252 was taken instead."""
        kind, value = self._fixed.get(number, (0, b""))
        page = struct.unpack_from("<I", value)[0] if kind == _INTEGER else 0
        name = {65001: "utf-8", 20127: "ascii", 28591: "latin-1", 1200: "utf-16-le"}.get(page, f"cp{page}")
        try:
            return codecs.lookup(name).name, False
        except LookupError:
            return "cp1252", True


def _read(stream: Any) -> bytes:
    """A stream, of which at most 16 MiB are taken."""
    size = min(int(stream.get_size() or 0), MOST_TEXT_BYTES)
    if not size:
        return b""
    stream.seek_offset(0, 0)
    return bytes(stream.read_buffer(size))
