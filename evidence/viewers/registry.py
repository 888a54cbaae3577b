"""Registry hives as a tree of keys, their values as rows; libregf, the only place that imports it."""

from __future__ import annotations

import io
import struct
from typing import Any

import pyregf

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import (
    FACTS,
    MOST_NODES,
    MOST_ROWS,
    TREE,
    Bytes,
    OnProgress,
    Part,
    Row,
    Rows,
    Sheet,
    TreeNode,
    Viewer,
    page_of,
    whole,
)  # fmt: skip
from evidence.viewers.words import FILETIME, blob, cut, filetime, utf16

NAME = "a registry hive"
MOST_BYTES = 512 << 20
COLUMNS = ("Name", "Type", "Value", "Bytes")
_DEEPEST = 512
_KINDS = {
    0: "REG_NONE", 1: "REG_SZ", 2: "REG_EXPAND_SZ", 3: "REG_BINARY", 4: "REG_DWORD", 5: "REG_DWORD_BIG_ENDIAN",
    6: "REG_LINK", 7: "REG_MULTI_SZ", 8: "REG_RESOURCE_LIST", 9: "REG_FULL_RESOURCE_DESCRIPTOR",
    10: "REG_RESOURCE_REQUIREMENTS_LIST", 11: "REG_QWORD",
}  # fmt: skip
_NUMBERS = {4: "<I", 5: ">I", 11: "<Q"}


class Hive(Viewer):
    """A hive as it lies in its file; transaction logs beside it are not applied, and that is said."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        if len(data) < 512:
            raise UnreadableStructureError(NAME, "it ends within its header")
        self._facts, remarks = _header(data)
        self._hive = pyregf.file()
        try:
            self._hive.open_file_object(io.BytesIO(data))
            self._root = self._hive.get_root_key()
            if self._hive.is_corrupted():
                remarks += ("Parts of this hive are damaged; keys and values may be missing.",)
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({_first_line(error)})") from error
        if self._root is None:
            raise UnreadableStructureError(NAME, "it has no uppermost key")
        keys = Part(key="keys", title=f"Keys (written: {FILETIME})", kind=TREE, columns=COLUMNS)
        facts = Part(key="facts", title="Header", columns=FACTS, count=len(self._facts))
        self.sheet = Sheet(format=NAME, parts=(keys, facts), remarks=remarks)

    def nodes(self, part: str, node: str) -> tuple[TreeNode, ...]:
        """As :meth:`Viewer.nodes`."""
        if not node:
            return (self._node("0", self._root),)
        key = self._find(node)
        try:
            count = int(key.get_number_of_sub_keys())
        except OSError as error:
            raise UnreadableStructureError(NAME, f"the keys in it are damaged ({_first_line(error)})") from error
        found = []
        for at in range(min(count, MOST_NODES)):
            try:
                found.append(self._node(f"{node}/{at}", key.get_sub_key(at)))
            except OSError as error:
                found.append(TreeNode(key=f"{node}/{at}", words=f"[not readable: {_first_line(error)}]"))
        if count > MOST_NODES:
            found.append(TreeNode(key=f"{node}/more", words=f"{count - MOST_NODES:,} more are not shown"))
        return tuple(found)

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`: the values of a key."""
        if part == "facts":
            return page_of(self._facts, first, count)
        key = self._find(node)
        try:
            total = int(key.get_number_of_values())
        except OSError as error:
            raise UnreadableStructureError(NAME, f"its values are damaged ({_first_line(error)})") from error
        last = min(total, max(0, first) + min(count, MOST_ROWS))
        return Rows(rows=tuple(_value(key, at) for at in range(max(0, first), last)), total=total)

    def _node(self, node: str, key: Any) -> TreeNode:
        name, inside, values = key.get_name(), key.get_number_of_sub_keys(), key.get_number_of_values()
        written = filetime(int(key.get_last_written_time_as_integer()))
        second = f"{written} · {values:,} values" if values != 1 else f"{written} · 1 value"
        return TreeNode(key=node, words=cut(name or "(no name)", 255), second=second, opens=bool(inside))

    def _find(self, node: str) -> Any:
        """The key at a path of places, which begins with that of the uppermost key."""
        steps = node.split("/")[1:]
        key = self._root
        if len(steps) > _DEEPEST:
            raise UnreadableStructureError(NAME, f"keys lie in each other more than {_DEEPEST} deep")
        try:
            for step in steps:
                key = key.get_sub_key(int(step))
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"there is no key at {node}") from error
        return key


def _header(data: bytes) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The base block: MSDN has none of it; ``Windows registry file format specification`` by M. Suhanov 1.1."""
    first, second, written, major, minor = struct.unpack_from("<IIQII", data, 4)
    remarks: tuple[str, ...] = ()
    if first != second:
        remarks = (
            "This hive was not closed in order: changes may lie in the transaction logs beside it (.LOG, .LOG1, "
            ".LOG2), which are not applied here.",
        )
    told = (
        ("Name of its own", cut(utf16(data[48:112]).partition("\0")[0])),
        (f"Written ({FILETIME})", filetime(written)),
        ("Sequence numbers", f"{first} and {second}" + (", not equal" if first != second else ", equal")),
        ("Format version", f"{major}.{minor}"),
    )
    return told, remarks


def _value(key: Any, at: int) -> Row:
    try:
        value = key.get_value(at)
        name, kind, data = value.get_name(), value.get_type(), value.get_data() or b""
    except (OSError, OverflowError) as error:
        return (f"[value {at}]", "", f"[not readable: {_first_line(error)}]", "")
    return (cut(name or "(default)"), _KINDS.get(kind, f"type {kind}"), _shown(kind, data), f"{len(data):,}")


def _shown(kind: int, data: bytes) -> str:
    if kind in (1, 2, 6):
        return cut(utf16(data))
    if kind == 7:
        return cut("\n".join(utf16(data).split("\0")))
    if kind in _NUMBERS and len(data) == struct.calcsize(_NUMBERS[kind]):
        (number,) = struct.unpack(_NUMBERS[kind], data)
        return f"{number} (0x{number:0{2 * len(data)}X})"
    return blob(data)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].partition(": ")[2][:200] or str(error)[:200]
