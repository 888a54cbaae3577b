"""Compound files (OLE 2): Office documents before 2007, messages, installers; [MS-CFB], [MS-OLEPS], by libolecf."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyolecf

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import (
    FACTS,
    MOST_NODES,
    TREE,
    Bytes,
    OnProgress,
    Part,
    Row,
    Rows,
    TablesViewer,
    TreeNode,
    page_of,
    whole,
)  # fmt: skip
from evidence.viewers.jump_list import add_jump_list, is_jump_list
from evidence.viewers.message import add_message, is_message
from evidence.viewers.words import FILETIME, blob, cut, filetime

NAME = "a compound file"
MOST_BYTES = 256 << 20
_MOST_PROPERTIES = 2_000
_HEAD_BYTES = 256
_SUMMARY = {
    1: "Code page", 2: "Title", 3: "Subject", 4: "Author", 5: "Keywords", 6: "Comments", 7: "Template", 8: "Saved by",
    9: "Revision", 10: "Time of editing", 11: "Printed", 12: "Created", 13: "Saved", 14: "Pages", 15: "Words",
    16: "Characters", 17: "Thumbnail", 18: "Program", 19: "Security",
}  # fmt: skip
_DOCUMENT = {
    1: "Code page", 2: "Category", 3: "Presentation target", 4: "Bytes", 5: "Lines", 6: "Paragraphs", 7: "Slides",
    8: "Notes", 9: "Hidden slides", 14: "Manager", 15: "Company", 23: "Version", 27: "Language",
}  # fmt: skip
_SETS = {"\5SummaryInformation": ("Summary", _SUMMARY), "\5DocumentSummaryInformation": ("Document summary", _DOCUMENT)}
_FILETIME, _EDIT_TIME = 0x0040, 10


class Compound(TablesViewer):
    """Its properties, what a message or a jump list holds, and storages and streams as a tree."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        super().__init__(NAME)
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        self._file = pyolecf.file()
        try:
            self._file.open_file_object(io.BytesIO(data))
            self._root = self._file.get_root_item()
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({str(error)[:200]})") from error
        if self._root is None:
            raise UnreadableStructureError(NAME, "it has no uppermost storage")
        for name, (title, names) in _SETS.items():
            try:
                stream = self._root.get_sub_item_by_name(name)
                rows = tuple(_properties(stream, names)) if stream is not None else ()
            except (OSError, ValueError, OverflowError, AttributeError) as error:
                self.remark(f"{title} cannot be read: {str(error)[:200]}.")
                continue
            self.add(name, title, FACTS, rows)
        if is_message(self._root):
            add_message(self, self._root)
        if is_jump_list(self._root):
            add_jump_list(self, self._root)
        self._append(Part(key="tree", title=f"Storages and streams ({FILETIME})", kind=TREE, columns=FACTS))

    def nodes(self, part: str, node: str) -> tuple[TreeNode, ...]:
        """As :meth:`Viewer.nodes`."""
        if part != "tree":
            return super().nodes(part, node)
        if not node:
            return (_node("0", self._root),)
        item = self._find(node)
        try:
            count = min(int(item.get_number_of_sub_items()), MOST_NODES)
            return tuple(_node(f"{node}/{at}", item.get_sub_item(at)) for at in range(count))
        except (OSError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"what lies in it is damaged ({str(error)[:200]})") from error

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`."""
        if part != "tree":
            return super().rows(part, node, first, count)
        item = self._find(node)
        rows: list[Row] = [("Name", repr(item.get_name() or "")[1:-1]), ("Bytes", f"{item.get_size() or 0:,}")]
        for name, ask in (
            ("Created", item.get_creation_time_as_integer),
            ("Saved", item.get_modification_time_as_integer),
        ):
            rows.append((f"{name} ({FILETIME})", filetime(int(ask() or 0))))
        if hasattr(item, "read_buffer") and item.get_size():
            try:
                rows.append(("Begins with", blob(item.read_buffer(min(_HEAD_BYTES, item.get_size())), item.get_size())))
                item.seek_offset(0, io.SEEK_SET)
            except (OSError, AttributeError) as error:
                rows.append(("Begins with", f"[not readable: {str(error)[:100]}]"))
        return page_of(tuple(rows), first, count)

    def _find(self, node: str) -> Any:
        item = self._root
        try:
            for step in node.split("/")[1:]:
                item = item.get_sub_item(int(step))
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"there is nothing at {node}") from error
        return item


def _node(key: str, item: Any) -> TreeNode:
    inside = item.get_number_of_sub_items()
    saved = item.get_modification_time_as_integer() or 0
    second = f"{inside:,} inside" if inside else f"{item.get_size() or 0:,} bytes"
    words = repr(item.get_name() or "(no name)")[1:-1]
    return TreeNode(key=key, words=cut(words, 200), second=f"{second} · {filetime(saved)}" if saved else second,
                    opens=bool(inside))  # fmt: skip


def _properties(stream: Any, names: dict[int, str]) -> Iterator[Row]:
    """The values of the first section, which is the one of the well-known properties."""
    told = stream.get_set()
    if told is None or not told.get_number_of_sections():
        return
    section = told.get_section(0)
    for at in range(min(section.get_number_of_properties(), _MOST_PROPERTIES)):
        found = section.get_property(at)
        number, kind = found.get_identifier(), found.get_value_type()
        yield (_title(names, number, kind), _value(found, number, kind, names))


def _title(names: dict[int, str], number: int, kind: int) -> str:
    title = names.get(number, f"Property {number}")
    return f"{title} ({FILETIME})" if kind == _FILETIME and not _is_span(names, number) else title


def _is_span(names: dict[int, str], number: int) -> bool:
    return names is _SUMMARY and number == _EDIT_TIME


def _value(found: Any, number: int, kind: int, names: dict[int, str]) -> str:
    data = found.get_data() or b""
    try:
        match kind:
            case 0x0040 if len(data) >= 8:
                value = int.from_bytes(data[:8], "little")
                return f"{value // 10_000_000:,} seconds" if _is_span(names, number) else filetime(value)
            case 0x001E | 0x001F | 0x0008:
                return cut(found.get_data_as_string() or "")
            case 0x0002 | 0x0003 | 0x0012 | 0x0013 | 0x0014 | 0x0015:
                return str(found.get_data_as_integer())
            case 0x000B:
                return "yes" if found.get_data_as_boolean() else "no"
    except OSError as error:
        return f"[not readable: {str(error)[:100]}]"
    return blob(data)
