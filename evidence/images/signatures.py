"""The marks by which containers are recognised; the readers themselves are loaded for what is found only."""

from __future__ import annotations

import codecs

EVF_SIGNATURE = b"EVF\x09\x0d\x0a\xff\x00"
LVF_SIGNATURE = b"LVF\x09\x0d\x0a\xff\x00"
EWF2_SIGNATURE = b"EVF2\r\n\x81\x00"
EWF_FILE_HEADER_BYTES = 13
"""Signature, start of the fields, number of the segment and end of the fields (EVF and LVF)."""

QCOW_SIGNATURE = b"QFI\xfb"

VMDK_HOSTED, VMDK_COWD, VMDK_SESPARSE = b"KDMV", b"COWD", b"\xbe\xba\xfe\xca\x00\x00\x00\x00"

PARALLELS_SIGNATURE, PARALLELS_EXTENDED_SIGNATURE = b"WithoutFreeSpace", b"WithouFreSpacExt"
PARALLELS_DESCRIPTOR_NAME = "DiskDescriptor.xml"

VHD_FOOTER_MARK = b"conectix"
VHD_FOOTER_BYTES, VHD_OLD_FOOTER_BYTES = 512, 511
"""Before Virtual PC 2004 the footer had one byte less."""

VHDX_FILE_MARK = b"vhdxfile"

AFF4_FIRST_MEMBER = b"container.description"
ZIP_LOCAL_BYTES = 30
"""The name of a ZIP's first member begins there."""

UDIF_TRAILER_MARK = b"koly\x00\x00\x00\x04\x00\x00\x02\x00"
UDIF_TRAILER_BYTES = 512


def is_vmdk_descriptor(head: bytes) -> bool:
    """Whether a file that begins so is the descriptor of a VMDK, which is a text."""
    beginning = head[:4096].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if b"\0" in beginning[:64]:
        return False
    return beginning.startswith(b"# disk descriptorfile") or (b"createtype=" in beginning and b"cid=" in beginning)
