"""Jump lists of Windows: what was opened with a program, in the order of use, and the shortcuts to it.

Automatic ones are compound files with a stream ``DestList`` and shortcuts in numbered streams; custom ones are
shortcuts one behind the other. Source: the project libyal's description ("Jump lists format"), [MS-SHLLINK].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from evidence.viewers.base import FACTS, Bytes, OnProgress, Row, TablesViewer, whole
from evidence.viewers.shortcut import facts_of
from evidence.viewers.words import FILETIME, cut, filetime

NAME = "a jump list"
LIST = "DestList"
MOST_ENTRIES, MOST_BYTES = 5_000, 64 << 20
_HEADER_BYTES = 32
_OLD_BYTES, _NEW_BYTES = 114, 130
_COLUMNS = ("No.", "Path", f"Last use ({FILETIME})", "Uses", "Pinned", "Computer")
_LINK = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"
_FOOTER = b"\xab\xfb\xbf\xba"


def is_jump_list(root: Any) -> bool:
    """Whether the uppermost storage of a compound file is a jump list's."""
    return root.get_sub_item_by_name(LIST) is not None


def add_jump_list(viewer: TablesViewer, root: Any) -> None:
    """Put its parts behind those of the viewer: the list, and each shortcut; what cannot be read is remarked."""
    try:
        data = _stream(root.get_sub_item_by_name(LIST))
        rows, is_whole = _listed(data)
    except (OSError, ValueError, OverflowError, struct.error) as error:
        viewer.remark(f"The list cannot be read: {str(error)[:200]}.")
        rows, is_whole = (), True
    viewer.add("list", "Jump list", _COLUMNS, rows)
    if rows:
        viewer.remark(
            "Times and numbers of uses are read as researchers found them; Microsoft publishes no description."
        )
    if not is_whole:
        viewer.remark("The list goes on behind what is shown, or is damaged there.")
    named = {int(row[0], 16) for row in rows}
    for at in range(min(int(root.get_number_of_sub_items()), MOST_ENTRIES)):
        item = root.get_sub_item(at)
        name = str(item.get_name() or "")
        if name != LIST and name and not set(name.lower()) - set("0123456789abcdef") and len(name) <= 16:
            beside = "" if int(name, 16) in named else ", not in the list"
            _add_link(viewer, f"link{name}", f"Shortcut {name}{beside}", item)


def _add_link(viewer: TablesViewer, key: str, title: str, item: Any) -> None:
    try:
        viewer.add(key, title, FACTS, facts_of(_stream(item)))
    except (OSError, ValueError, OverflowError) as error:
        viewer.remark(f"{title} cannot be read: {str(error)[:200]}.")


def _stream(item: Any) -> bytes:
    size = min(int(item.get_size() or 0), MOST_BYTES)
    item.seek_offset(0, 0)
    return bytes(item.read_buffer(size)) if size else b""


def _listed(data: bytes) -> tuple[tuple[Row, ...], bool]:
    """The entries, the one used last first as the list has them, and whether these are all."""
    version, count = struct.unpack_from("<II", data)
    rows: list[Row] = []
    at = _HEADER_BYTES
    while len(rows) < min(count, MOST_ENTRIES):
        size = _OLD_BYTES if version == 1 else _NEW_BYTES
        if at + size > len(data):
            break
        number, used_at, pinned = struct.unpack_from("<I8xQi", data, at + 88)
        uses, length = _counted(data, at, version)
        path = data[at + size : at + size + 2 * length]
        if len(path) < 2 * length:
            break
        computer = data[at + 72 : at + 88].split(b"\0")[0].decode("ascii", "replace")
        rows.append((
            f"{number:x}", cut(path.decode("utf-16-le", "replace")), filetime(used_at), uses,
            "no" if pinned < 0 else f"yes, as {pinned + 1}", computer,
        ))  # fmt: skip
        at += size + 2 * length + (0 if version == 1 else 4)
    return tuple(rows), len(rows) == count


def _counted(data: bytes, at: int, version: int) -> tuple[str, int]:
    """How often it was used, in words, and the number of characters of its path."""
    if version == 1:
        return f"{struct.unpack_from('<f', data, at + 96)[0]:g}", struct.unpack_from("<H", data, at + 112)[0]
    uses, length = struct.unpack_from("<I8xH", data, at + 116)
    return f"{uses:,}", length


class CustomList(TablesViewer):
    """A custom jump list: its shortcuts, in their order."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        super().__init__(NAME)
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        starts = list(_links(data))
        for number, start in enumerate(starts[:MOST_ENTRIES], 1):
            end = starts[number] if number < len(starts) else len(data)
            try:
                self.add(f"link{number}", f"Shortcut {number}", FACTS, facts_of(data[start:end]))
            except (OSError, ValueError, OverflowError) as error:
                self.remark(f"Shortcut {number}, at byte {start:,}, cannot be read: {str(error)[:200]}.")
        if not data.endswith(_FOOTER):
            self.remark("The list does not end as one does; what stood behind may be missing.")
        if len(starts) > MOST_ENTRIES:
            self.remark(f"It has {len(starts):,} shortcuts; the first {MOST_ENTRIES:,} are shown.")


def _links(data: bytes) -> Iterator[int]:
    at = data.find(_LINK)
    while at >= 0:
        yield at
        at = data.find(_LINK, at + len(_LINK))
