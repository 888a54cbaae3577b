"""FileVault 2: an encrypted Core Storage volume."""

from __future__ import annotations

from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable, peek
from evidence.volumes.layers import Beside, Layer


def open_core_storage(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of a Core Storage physical volume."""
    header = peek(source, 0, 512)
    if header[88:90] != b"CS" or header[8:10] != b"\x01\x00":
        return None
    what = "FileVault: no reader for it in this version: what it holds is not listed."
    remark = Problem(what=what, where="", offset_bytes=0, is_damage=False)
    return Layer(encryption="filevault", locked=True, problems=(remark,))
