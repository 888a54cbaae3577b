"""APFS: a container, the volumes in it and their snapshots."""

from __future__ import annotations

import struct
import uuid

from evidence.filesystems.base import FileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable, peek
from evidence.volumes.layers import Beside, Layer


def open_apfs(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of an APFS container."""
    block = peek(source, 0, 96)
    if block[32:36] != b"NXSB" or len(block) < 96:
        return None
    size = struct.unpack_from("<I", block, 36)[0]
    what = "apfs: no reader for it in this version: its files are not listed."
    remark = Problem(what=what, where="", offset_bytes=0, is_damage=False)
    serial = str(uuid.UUID(bytes=block[72:88]))
    return Layer(facts=FileSystem(type="apfs", block_bytes=size, label=None, serial=serial), problems=(remark,))
