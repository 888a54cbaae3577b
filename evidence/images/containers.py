"""The containers: how each is recognised by its content, and what opens it.

One line for each; its reader is imported when it is called. A container without a reader is refused by name, because
read as raw it would give wrong data.
Sources: the published format descriptions of the containers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import UnsupportedContainerError
from evidence.images.base import Image
from evidence.images.layers import Layers
from evidence.images.signatures import (
    AFF4_FIRST_MEMBER,
    EVF_SIGNATURE,
    EWF2_SIGNATURE,
    LVF_SIGNATURE,
    PARALLELS_EXTENDED_SIGNATURE,
    PARALLELS_SIGNATURE,
    QCOW_SIGNATURE,
    UDIF_TRAILER_BYTES,
    UDIF_TRAILER_MARK,
    VHD_FOOTER_BYTES,
    VHD_FOOTER_MARK,
    VHD_OLD_FOOTER_BYTES,
    VHDX_FILE_MARK,
    VMDK_COWD,
    VMDK_HOSTED,
    VMDK_SESPARSE,
    ZIP_LOCAL_BYTES,
    is_vmdk_descriptor,
)
from evidence.later import Later

_EARLY_ENCRYPTED_BYTES = 1276
_IS_VHD_FOOTER = Later("evidence.images.vhd_records", "is_footer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """What is looked at to recognise a file.

    Attributes:
        head: Its first bytes, 128 KiB unless it is shorter.
        tail: Its last bytes, 64 KiB unless it is shorter.
        size_bytes: Its size.
    """

    head: bytes
    tail: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Container:
    """A container with a reader.

    Attributes:
        name: As in the document of ``inspect``: "ewf", "qcow" ...
        title: What it is called on screen and in reports.
        recognises: Whether a file is one, by its ends.
        open: Opens the files of one image; raises a ``SourceError``. None for one that may stand on another image.
        open_layer: Opens one that may stand on another image.
    """

    name: str
    title: str
    recognises: Callable[[Ends], bool]
    open: Callable[[Sequence[Path]], Image] | None = None
    open_layer: Callable[[Sequence[Path], Layers], Image] | None = None

    def open_with(self, paths: Sequence[Path], layers: Layers) -> Image:
        """Open the files of one image.

        Raises:
            SourceError: They cannot be opened.
        """
        if self.open_layer is not None:
            return self.open_layer(paths, layers)
        if self.open is None:
            raise UnsupportedContainerError(paths[0], self.name)
        return self.open(paths)


@dataclass(frozen=True, slots=True)
class Refused:
    """A container without a reader.

    Attributes:
        title: What it is called in the refusal.
        recognises: Whether a file is one, by its ends.
        name: As in the document of ``inspect``; None for what it has no name for.
    """

    title: str
    recognises: Callable[[Ends], bool]
    name: str | None = None


def marked(*marks: bytes, at: int = 0) -> Callable[[Ends], bool]:
    """Recognise by one of some marks at one place of the head."""
    return lambda ends: ends.head.startswith(marks, at)


def _is_parallels_descriptor(ends: Ends) -> bool:
    return b"<Parallels_disk_image" in ends.head[:1024] and b"\0" not in ends.head[:1024]


def _is_vmdk_descriptor(ends: Ends) -> bool:
    return is_vmdk_descriptor(ends.head)


def _ends_as_vhd(ends: Ends) -> bool:
    """A fixed VHD has its only mark behind the media; before Virtual PC 2004 it had one byte less."""
    footers = (ends.tail[-size:] for size in (VHD_FOOTER_BYTES, VHD_OLD_FOOTER_BYTES))
    return any(footer.startswith(VHD_FOOTER_MARK) and _IS_VHD_FOOTER(footer) for footer in footers)


def _ends_as_udif(ends: Ends) -> bool:
    """The trailer is the last sector, or stands before bytes that fill up another."""
    return (
        UDIF_TRAILER_MARK in ends.tail[-2 * UDIF_TRAILER_BYTES + 1 :][: UDIF_TRAILER_BYTES - 1 + len(UDIF_TRAILER_MARK)]
    )


def _ends_as_encrypted_udif(ends: Ends) -> bool:
    """Before version 2 the header of an encrypted disk image stood at its end."""
    return ends.tail[-_EARLY_ENCRYPTED_BYTES:].startswith(b"cdsaencr")


def _is_aff4(ends: Ends) -> bool:
    """A ZIP that begins with the name of the volume, or whose directory or comment has the names that one has."""
    begins = ends.head.startswith(AFF4_FIRST_MEMBER, ZIP_LOCAL_BYTES)
    marks = begins or b"aff4://" in ends.tail or b"information.turtle" in ends.head + ends.tail
    return marks and ends.head.startswith(b"PK\x03\x04")


PARALLELS_BUNDLE = Container(
    "parallels",
    "Parallels disk image",
    _is_parallels_descriptor,
    Later("evidence.images.parallels_bundle", "open_bundle"),
)
"""A folder, or the descriptor in it."""

_OPEN_VHD = Later("evidence.images.vhd", "open_vhd")
_OPEN_VMDK = Later("evidence.images.vmdk", "open_vmdk")

CONTAINERS: tuple[Container, ...] = (
    Container(
        "ewf", "EnCase image (EWF)", marked(EVF_SIGNATURE, LVF_SIGNATURE), Later("evidence.images.ewf", "open_ewf")
    ),
    Container("ewf", "EnCase image (EWF)", marked(EWF2_SIGNATURE), Later("evidence.images.libewf", "open_ewf2")),
    Container(
        "qcow", "QEMU disk image (QCOW)", marked(QCOW_SIGNATURE), open_layer=Later("evidence.images.qcow", "open_qcow")
    ),
    Container("vmdk", "VMware disk image (VMDK)", marked(VMDK_HOSTED, VMDK_COWD, VMDK_SESPARSE), open_layer=_OPEN_VMDK),
    Container("vmdk", "VMware disk image (VMDK)", _is_vmdk_descriptor, open_layer=_OPEN_VMDK),
    Container(
        "parallels",
        "Parallels disk image",
        marked(PARALLELS_SIGNATURE, PARALLELS_EXTENDED_SIGNATURE),
        Later("evidence.images.parallels_bundle", "open_expanding"),
    ),
    PARALLELS_BUNDLE,
    Container("vhd", "Virtual hard disk (VHD)", marked(VHD_FOOTER_MARK), _OPEN_VHD),
    Container("vhd", "Virtual hard disk (VHD)", _ends_as_vhd, _OPEN_VHD),
    Container("vhdx", "Virtual hard disk (VHDX)", marked(VHDX_FILE_MARK), Later("evidence.images.vhdx", "open_vhdx")),
    Container("aff4", "Advanced Forensic Format 4 (AFF4)", _is_aff4, Later("evidence.images.aff4", "open_aff4")),
    Container("udif", "Apple disk image (UDIF)", _ends_as_udif, Later("evidence.images.udif", "open_udif")),
)
"""Tried in this order, before ``REFUSED``."""

REFUSED: tuple[Refused, ...] = (
    Refused("logical evidence (Lx01)", marked(b"LEF2\r\n\x81\x00"), "logical"),
    Refused("AccessData encrypted image", marked(b"ADCRYPT\x00")),
    Refused("AccessData logical image (AD1)", marked(b"ADSEGMENTEDFILE\x00")),
    Refused("QED", marked(b"QED\x00")),
    Refused("VDI", marked(b"\x7f\x10\xda\xbe", b"\xbe\xda\x10\x7f", at=64)),
    Refused("AFF", marked(b"AFF10\r\n\x00"), "aff"),
    Refused("Apple sparse image", marked(b"sprs")),
    Refused("Apple encrypted image", marked(b"encrcdsa")),
    Refused("Apple encrypted image", _ends_as_encrypted_udif),
    Refused("WIM", marked(b"MSWIM\x00\x00\x00")),
)


def title_of(name: str) -> str | None:
    """What a container is called on screen and in reports; None for a name that is not in the table."""
    return next((container.title for container in CONTAINERS if container.name == name), None)


def name_in(words: str) -> str | None:
    """The container that the words of a refusal tell of, by its name as in the document of ``inspect``."""
    read = sorted({container.name for container in CONTAINERS}, key=len, reverse=True)
    refused = [line.name for line in REFUSED if line.name is not None]
    return next((name for name in (*read, *refused) if name in words.lower()), None)
