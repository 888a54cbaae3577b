"""The containers: how each is recognised by its content, and what opens it.

One line for each; a container without a reader is refused by name, because read as raw it would give wrong data.
Sources: the published format descriptions of the containers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import UnsupportedContainerError
from evidence.images.base import Image
from evidence.images.ewf import open_ewf
from evidence.images.ewf2_sections import EWF2_SIGNATURE
from evidence.images.ewf_sections import EVF_SIGNATURE, LVF_SIGNATURE
from evidence.images.layers import Layers
from evidence.images.libewf import open_ewf2
from evidence.images.parallels import EXTENDED_SIGNATURE, SIGNATURE
from evidence.images.parallels_bundle import open_bundle, open_expanding
from evidence.images.qcow import open_qcow
from evidence.images.qcow_header import SIGNATURE as QCOW_SIGNATURE
from evidence.images.udif import open_udif
from evidence.images.udif_records import TRAILER_BYTES, TRAILER_MARK
from evidence.images.vhd import open_vhd
from evidence.images.vhd_records import FOOTER_BYTES, FOOTER_MARK, OLD_FOOTER_BYTES, NoRecordError, read_footer
from evidence.images.vhdx import open_vhdx
from evidence.images.vhdx_records import FILE_MARK as VHDX_MARK
from evidence.images.vmdk import open_vmdk
from evidence.images.vmdk_descriptor import is_descriptor
from evidence.images.vmdk_headers import COWD, HOSTED, SESPARSE

_EARLY_ENCRYPTED_BYTES = 1276


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
        recognises: Whether a file is one, by its ends.
        open: Opens the files of one image; raises a ``SourceError``. None for one that may stand on another image.
        open_layer: Opens one that may stand on another image.
    """

    name: str
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
    """

    title: str
    recognises: Callable[[Ends], bool]


def marked(*marks: bytes, at: int = 0) -> Callable[[Ends], bool]:
    """Recognise by one of some marks at one place of the head."""
    return lambda ends: ends.head.startswith(marks, at)


def _is_parallels_descriptor(ends: Ends) -> bool:
    return b"<Parallels_disk_image" in ends.head[:1024] and b"\0" not in ends.head[:1024]


def _is_vmdk_descriptor(ends: Ends) -> bool:
    return is_descriptor(ends.head)


def _ends_as_vhd(ends: Ends) -> bool:
    """A fixed VHD has its only mark behind the media; before Virtual PC 2004 it had one byte less."""
    for size in (FOOTER_BYTES, OLD_FOOTER_BYTES):
        try:
            read_footer(ends.tail[-size:])
        except NoRecordError:
            continue
        return True
    return False


def _ends_as_udif(ends: Ends) -> bool:
    """The trailer is the last sector, or stands before bytes that fill up another."""
    return TRAILER_MARK in ends.tail[-2 * TRAILER_BYTES + 1 :][: TRAILER_BYTES - 1 + len(TRAILER_MARK)]


def _ends_as_encrypted_udif(ends: Ends) -> bool:
    """Before version 2 the header of an encrypted disk image stood at its end."""
    return ends.tail[-_EARLY_ENCRYPTED_BYTES:].startswith(b"cdsaencr")


def _is_aff4(ends: Ends) -> bool:
    marks = b"aff4://" in ends.tail or b"information.turtle" in ends.head + ends.tail
    return marks and ends.head.startswith(b"PK\x03\x04")


PARALLELS_BUNDLE = Container("parallels", _is_parallels_descriptor, open_bundle)
"""A folder, or the descriptor in it."""

CONTAINERS: tuple[Container, ...] = (
    Container("ewf", marked(EVF_SIGNATURE, LVF_SIGNATURE), open_ewf),
    Container("ewf", marked(EWF2_SIGNATURE), open_ewf2),
    Container("qcow", marked(QCOW_SIGNATURE), open_layer=open_qcow),
    Container("vmdk", marked(HOSTED, COWD, SESPARSE), open_layer=open_vmdk),
    Container("vmdk", _is_vmdk_descriptor, open_layer=open_vmdk),
    Container("parallels", marked(SIGNATURE, EXTENDED_SIGNATURE), open_expanding),
    PARALLELS_BUNDLE,
    Container("vhd", marked(FOOTER_MARK), open_vhd),
    Container("vhd", _ends_as_vhd, open_vhd),
    Container("vhdx", marked(VHDX_MARK), open_vhdx),
    Container("udif", _ends_as_udif, open_udif),
)
"""Tried in this order, before ``REFUSED``."""

REFUSED: tuple[Refused, ...] = (
    Refused("logical evidence (Lx01)", marked(b"LEF2\r\n\x81\x00")),
    Refused("AccessData encrypted image", marked(b"ADCRYPT\x00")),
    Refused("AccessData logical image (AD1)", marked(b"ADSEGMENTEDFILE\x00")),
    Refused("QED", marked(b"QED\x00")),
    Refused("VDI", marked(b"\x7f\x10\xda\xbe", b"\xbe\xda\x10\x7f", at=64)),
    Refused("AFF", marked(b"AFF10\r\n\x00")),
    Refused("Apple sparse image", marked(b"sprs")),
    Refused("Apple encrypted image", marked(b"encrcdsa")),
    Refused("Apple encrypted image", _ends_as_encrypted_udif),
    Refused("WIM", marked(b"MSWIM\x00\x00\x00")),
    Refused("AFF4", _is_aff4),
)
