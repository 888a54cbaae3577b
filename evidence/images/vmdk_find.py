"""Files of a VMDK that were renamed, or opened in place of their descriptor."""

from __future__ import annotations

import re
from pathlib import Path

from evidence.errors import EvidenceError
from evidence.images.layers import find_named
from evidence.images.signatures import is_vmdk_descriptor
from evidence.images.source import SourceFile
from evidence.images.vmdk_descriptor import DESCRIPTOR_BYTES_MAX, parse

_PART = re.compile(r"(?P<stem>.+?)(?P<part>(?:-flat|-delta|-sesparse|-[sf]\d{3,})\.vmdk)", re.IGNORECASE)


def is_one_of_several(path: Path) -> bool:
    """Whether a file is called like an extent that cannot be a disk by itself."""
    return _PART.fullmatch(path.name) is not None


def find_extent(name: str, descriptor: Path, given: list[Path]) -> Path | None:
    """Find an extent by the name in its descriptor, or by the one it has if all files were renamed alike."""
    found = find_named(name, descriptor, given)
    if found is not None:
        return found
    old = _PART.fullmatch(name.replace("\\", "/").rsplit("/", 1)[-1])
    return None if old is None else find_named(descriptor.stem + old["part"], descriptor, given)


def descriptor_of(extent: Path) -> Path | None:
    """Find the descriptor beside an extent that names it."""
    old = _PART.fullmatch(extent.name)
    if old is None:
        return None
    found = find_named(old["stem"] + ".vmdk", extent)
    if found is None or found == extent or not _names(found, extent.name):
        return None
    return found


def _names(descriptor: Path, extent: str) -> bool:
    try:
        file = SourceFile(descriptor)
    except EvidenceError:
        return False
    try:
        data = file.read(0, min(DESCRIPTOR_BYTES_MAX, file.size_bytes))
        if not is_vmdk_descriptor(data):
            return False
        lines = parse(data, descriptor).extents
    except EvidenceError:
        return False
    finally:
        file.close()
    return any(line.name.casefold() == extent.casefold() for line in lines)
