"""ext4: content and directories that lie inside an inode ("inline data").

The Sleuth Kit does not read them where they fill an inode of 1024 bytes or more. Source: the Linux kernel's
documentation, "ext4 Data Structures and Algorithms", "Inline Data" and "Directory Entries".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from evidence.filesystems.content import BytesContent
from evidence.filesystems.found_entry import FoundEntry

IN_INODE_BYTES = 60
"""What stands in the place of the map of blocks; the rest is the value of the attribute ``system.data``."""
_PARENT_BYTES, _HEAD_BYTES = 4, 8
_NAME_TYPES = {1: 5, 2: 3, 3: 2, 4: 4, 5: 1, 6: 7, 7: 6}
"""Types of names of ext as those of The Sleuth Kit."""


class InlineContent(BytesContent):
    """The content of a file that lies in its inode."""

    def slack(self) -> Sequence[tuple[int, int]]:
        """Nothing: no block belongs to it."""
        return ()


def entries(handle: Any, folder: int, raw: bytes) -> Iterator[FoundEntry]:
    """The names in use in a directory of which ``raw`` is the whole; raises OSError where they make no sense.

    It begins with the number of its parent. Names stand in two stretches, none of them over the border of both.
    """
    for start, end in ((_PARENT_BYTES, min(IN_INODE_BYTES, len(raw))), (IN_INODE_BYTES, len(raw))):
        at = start
        while at + _HEAD_BYTES <= end:
            number, length, name_bytes, kind = struct.unpack_from("<IHBB", raw, at)
            if length < _HEAD_BYTES or at + length > end or _HEAD_BYTES + name_bytes > length:
                raise OSError(f"its entry at byte {at} is damaged")
            if number:
                name = raw[at + _HEAD_BYTES : at + _HEAD_BYTES + name_bytes]
                yield FoundEntry(folder, name, _NAME_TYPES.get(kind, 0), handle.open_meta(number))
            at += length
