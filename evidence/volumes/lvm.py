"""LVM2."""

from __future__ import annotations

from evidence.filesystems.base import FileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable, peek
from evidence.volumes.layers import Beside, Layer


def open_lvm(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of an LVM2 physical volume."""
    headers = [peek(source, 512 * sector, 64) for sector in range(4)]
    label = next((raw for raw in headers if raw[:8] == b"LABELONE" and raw[24:32] == b"LVM2 001"), None)
    if label is None:
        return None
    what = "lvm2: no reader for it in this version: its files are not listed."
    remark = Problem(what=what, where="", offset_bytes=0, is_damage=False)
    serial = label[32:64].decode("ascii", errors="replace")
    return Layer(facts=FileSystem(type="lvm2", block_bytes=None, label=None, serial=serial), problems=(remark,))
