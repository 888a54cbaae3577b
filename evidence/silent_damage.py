"""Damage that decoders of pictures pass over: wrong checksums of PNG, and data within the scan of a JPEG."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from evidence import unshown

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_EIGHTH = 8
"""So much smaller JPEG is decoded for this: all its data are read, and few pixels made."""
_CORRUPT = ("Corrupt JPEG data", "Inconsistent progression sequence", "Premature end of JPEG")
"""How the library of the Independent JPEG Group begins its warnings of data that make no sense (jerror.h, JWRN_*)."""


def damage_passed_over(content: bytes, kind: str) -> str:
    """In words, what is wrong in a picture that its decoder took for whole; empty where nothing is known to be.

    Args:
        content: The whole file.
        kind: ``PNG``, ``JPEG``; of others nothing is known.
    """
    if kind == "PNG":
        return _in_png(content)
    return _in_jpeg(content) if kind in ("JPEG", "MPO") else ""


def _in_png(content: bytes) -> str:
    """What its checksums say. Source: W3C PNG (third edition), 5.3."""
    at, wrong = len(_PNG_HEAD), list[str]()
    while True:
        if at + 12 > len(content):
            wrong.append("its end is missing")
            break
        (size,), name = struct.unpack_from(">I", content, at), content[at + 4 : at + 8]
        end = at + 8 + size
        if end + 4 > len(content):
            wrong.append("its end is missing")
            break
        if zlib.crc32(memoryview(content)[at + 4 : end]) != struct.unpack_from(">I", content, end)[0]:
            wrong.append(unshown.WRONG_CHECKSUM.format(part=name.decode("ascii", "replace"), at=f"{at:,}"))
        if name == b"IEND":
            break
        at = end + 4
    others = f", and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
    return f"{wrong[0]}{others}" if wrong else ""


def _in_jpeg(content: bytes) -> str:
    """What the decoder that Qt brings warns of; where that cannot be loaded, nothing is known."""
    try:
        from PySide6.QtCore import QBuffer, QByteArray, QIODevice, qInstallMessageHandler
        from PySide6.QtGui import QImageReader  # both are not needed for most calls
    except ImportError:
        return ""
    said = list[str]()

    def listen(_: QtMsgType, __: QMessageLogContext, words: str | None) -> None:
        said.append(words or "")

    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    before = qInstallMessageHandler(listen)
    try:
        reader = QImageReader(buffer, QByteArray(b"jpeg"))
        reader.setAutoTransform(False)
        reader.setQuality(0)
        reader.setScaledSize(reader.size() / _EIGHTH)
        reader.read()
    finally:
        qInstallMessageHandler(before)
    if not any(words.startswith(_CORRUPT) for words in said):
        return ""
    return unshown.SOME_NO_SENSE
