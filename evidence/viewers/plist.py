"""Property lists, binary and XML, as trees; ``plist(5)`` and Apple's CFBinaryPList."""

from __future__ import annotations

import plistlib
import struct
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

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
    Sheet,
    TreeNode,
    Viewer,
    page_of,
    whole,
)  # fmt: skip
from evidence.viewers.words import blob, cut, utc_datetime

NAME = "a property list"
MAGIC = b"bplist"
"""A binary one begins so."""
MOST_BYTES = 64 << 20
_SHOWN = 120
_TRAILER = struct.Struct(">6xBBQQQ")


class PropertyList(Viewer):
    """Its values as a tree; a node's rows are its kind and its whole value."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        self._root: Any = loaded(data)
        is_binary = data.startswith(MAGIC)
        self._basis = "UTC, seconds since 2001-01-01 as a double" if is_binary else "UTC, whole seconds"
        kind = "binary" if is_binary else "XML"
        self.sheet = Sheet(format=NAME, parts=(Part(key="tree", title=f"Values ({kind})", kind=TREE, columns=FACTS),))

    def nodes(self, part: str, node: str) -> tuple[TreeNode, ...]:
        """As :meth:`Viewer.nodes`."""
        if not node:
            return (self._node("0", "Root", self._root),)
        inside = list(_inside(self._find(node)))
        found = [self._node(f"{node}.{at}", name, value) for at, (name, value) in enumerate(inside[:MOST_NODES])]
        if len(inside) > MOST_NODES:
            found.append(TreeNode(key=f"{node}.more", words=f"{len(inside) - MOST_NODES:,} more are not shown"))
        return tuple(found)

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`."""
        value = self._find(node)
        rows: list[Row] = [("Kind", _kind(value)), ("Value", self._value(value))]
        return page_of(tuple(rows), first, count)

    def _node(self, key: str, name: str, value: object) -> TreeNode:
        opens = isinstance(value, (dict, list)) and bool(value)
        return TreeNode(key=key, words=cut(name, _SHOWN), second=cut(self._value(value), _SHOWN), opens=opens)

    def _find(self, node: str) -> object:
        """The value at a path of places, which begins with that of the root."""
        value = self._root
        try:
            for step in node.split(".")[1:]:
                value = value[int(step)] if isinstance(value, list) else list(value.values())[int(step)]
        except (ValueError, IndexError, AttributeError) as error:
            raise UnreadableStructureError(NAME, f"there is nothing at {node}") from error
        return value

    def _value(self, value: object) -> str:
        match value:
            case dict() | list():
                return f"{_kind(value)} of {len(value):,}"
            case bytes():
                return blob(value)
            case datetime():
                return f"{utc_datetime(value)} ({self._basis})"
            case plistlib.UID():
                return f"UID {value.data}"
            case bool():
                return "true" if value else "false"
        return cut(str(value))


def loaded(data: bytes) -> Any:
    """The root of a property list, binary or XML.

    Raises:
        UnreadableStructureError: It is damaged, or nested too deeply.
    """
    if data.startswith(MAGIC):
        _check_trailer(data)
    try:
        return plistlib.loads(data)
    except RecursionError as error:
        raise UnreadableStructureError(NAME, "it is nested too deeply") from error
    except (ValueError, TypeError, LookupError, OverflowError, AttributeError, ExpatError) as error:
        raise UnreadableStructureError(NAME, f"it is damaged ({error or type(error).__name__})") from error
    except (struct.error, OSError, AssertionError) as error:
        raise UnreadableStructureError(NAME, f"it is damaged ({error or type(error).__name__})") from error


def _check_trailer(data: bytes) -> None:
    """Refuse numbers that would make the reader ask for more memory than there are bytes."""
    if len(data) < 40:
        raise UnreadableStructureError(NAME, "it ends before its trailer")
    _, _, objects, _, table = _TRAILER.unpack_from(data, len(data) - 32)
    if objects > len(data) or table > len(data):
        raise UnreadableStructureError(NAME, f"its trailer counts {objects:,} objects in {len(data):,} bytes")


def _inside(value: object) -> Any:
    if isinstance(value, dict):
        return ((str(key), inner) for key, inner in value.items())
    return ((str(at), inner) for at, inner in enumerate(value)) if isinstance(value, list) else ()


def _kind(value: object) -> str:
    kinds = {dict: "dictionary", list: "array", bytes: "data", bool: "boolean", int: "integer", float: "real"}
    return kinds.get(
        type(value), "date" if isinstance(value, datetime) else "string" if isinstance(value, str) else "UID"
    )
