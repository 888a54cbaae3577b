"""The descriptor of a VMDK: a text that says what the disk consists of.

Sources: "Virtual Disk Format 5.0", VMware; "VMware Virtual Disk (VMDK) format specification", J. Metz.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import DamagedContainerError, UnsupportedContainerError

DESCRIPTOR_BYTES_MAX = 1024 * 1024
EXTENTS_MAX = 10_000
NO_PARENT = 0xFFFFFFFF
SECTOR_BYTES = 512

_SECTORS_MAX = 1 << 53
_EXTENT = re.compile(
    r'\s*(RW|RDONLY|NOACCESS)\s+(\d{1,20})\s+([A-Z]+)(?:\s+"([^"]*)"(?:\s+(\d{1,20}))?.*)?\s*', re.IGNORECASE
)
_SETTING = re.compile(r'\s*([A-Za-z][\w.]*)\s*=\s*"?([^"]*)"?\s*')
_DDB = {
    "ddb.toolsversion": "tools_version",
    "ddb.virtualhwversion": "hardware_version",
    "ddb.adaptertype": "adapter",
    "ddb.uuid": "uuid",
    "ddb.longcontentid": "long_content_id",
    "ddb.comment": "comment",
}
_CODECS = {"utf-8": "utf-8", "windows-1252": "cp1252", "windows-1251": "cp1251", "gbk": "gbk", "big5": "big5"}
_CODECS |= {"shift_jis": "shift_jis", "windows-31j": "cp932", "windows-1250": "cp1250", "euc-kr": "euc-kr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtentLine:
    """One part of the disk.

    Attributes:
        access: "RW", "RDONLY" or "NOACCESS".
        length_bytes: Size of the part.
        kind: "FLAT", "SPARSE", "ZERO", "VMFS" ...
        name: The file it is in; "" for none.
        start_bytes: Where it begins in that file, for flat ones.
    """

    access: str
    length_bytes: int
    kind: str
    name: str
    start_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What a descriptor says.

    Attributes:
        kind: The type of the disk, such as "monolithicSparse".
        content_id: Changes with the content; None where it is not said.
        parent_id: The content of the parent that this disk was made on; ``NO_PARENT`` for none.
        parent_hint: Where the parent was; "" where it is not said.
        extents: The parts of the disk, in order.
        metadata: As in ``Image``.
    """

    kind: str
    content_id: int | None
    parent_id: int
    parent_hint: str
    extents: tuple[ExtentLine, ...]
    metadata: Mapping[str, str]


def parse(data: bytes, path: Path) -> Descriptor:
    """Read a descriptor; what follows its first NUL is padding.

    Raises:
        UnsupportedContainerError: It is encrypted.
        DamagedContainerError: It names too many parts, or parts of impossible sizes.
    """
    settings: dict[str, str] = {}
    extents: list[ExtentLine] = []
    for line in _decoded(data.split(b"\0", 1)[0]).splitlines():
        if line.lstrip().startswith("#"):
            continue
        if found := _EXTENT.fullmatch(line):
            extents.append(_extent(found, path))
        elif found := _SETTING.fullmatch(line):
            settings.setdefault(found[1].lower(), found[2].strip())
        if len(extents) > EXTENTS_MAX:
            raise DamagedContainerError(path, f"the descriptor names more than {EXTENTS_MAX} parts", None)
    if any(name.startswith("encryption.") for name in settings):
        raise UnsupportedContainerError(path, "VMDK encrypted by VMware")
    return Descriptor(
        kind=settings.get("createtype", ""),
        content_id=_identifier(settings.get("cid", "")),
        parent_id=_parent(settings.get("parentcid", "")),
        parent_hint=settings.get("parentfilenamehint", ""),
        extents=tuple(extents),
        metadata=_metadata(settings),
    )


def _extent(found: re.Match[str], path: Path) -> ExtentLine:
    sectors, start = int(found[2]), int(found[5] or 0)
    if max(sectors, start) > _SECTORS_MAX:
        raise DamagedContainerError(path, f"the descriptor names a part of {sectors} sectors at {start}", None)
    return ExtentLine(
        access=found[1].upper(),
        length_bytes=sectors * SECTOR_BYTES,
        kind=found[3].upper(),
        name=found[4] or "",
        start_bytes=start * SECTOR_BYTES,
    )


def _decoded(data: bytes) -> str:
    said = re.search(rb'^\s*encoding\s*=\s*"?([\w-]+)', data, re.IGNORECASE | re.MULTILINE)
    name = said[1].decode("ascii").lower() if said else "utf-8"
    return data.removeprefix(codecs.BOM_UTF8).decode(_CODECS.get(name, "utf-8"), "replace")


def _identifier(text: str) -> int | None:
    return int(text, 16) if re.fullmatch(r"(?:0x)?[0-9A-Fa-f]{1,8}", text) else None


def _parent(text: str) -> int:
    found = _identifier(text)
    return NO_PARENT if found is None else found


def _metadata(settings: Mapping[str, str]) -> dict[str, str]:
    said = {
        "format": "VMDK",
        "subformat": settings.get("createtype", ""),
        "content_id": settings.get("cid", "").lower(),
        "parent_content_id": settings.get("parentcid", "").lower(),
        "parent_file": settings.get("parentfilenamehint", ""),
    }
    said |= {ours: settings.get(theirs, "") for theirs, ours in _DDB.items()}
    if said["parent_content_id"] == "ffffffff":
        del said["parent_content_id"]
    return {name: value for name, value in said.items() if value}
