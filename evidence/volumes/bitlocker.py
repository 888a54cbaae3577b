"""BitLocker."""

from __future__ import annotations

import uuid

from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable, peek
from evidence.volumes.layers import Beside, Layer

_TO_GO = uuid.UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001").bytes_le


def open_bitlocker(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of a BitLocker volume."""
    boot = peek(source, 0, 512)
    if boot[3:11] != b"-FVE-FS-" and (boot[3:11] != b"MSWIN4.1" or boot[424:440] != _TO_GO):
        return None
    what = "BitLocker: no reader for it in this version: what it holds is not listed."
    remark = Problem(what=what, where="", offset_bytes=0, is_damage=False)
    return Layer(encryption="bitlocker", locked=True, problems=(remark,))
