"""Sources and settings of an acquisition in words; no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.acquisition import Compression, Format, Stage
from ui import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics_app.model.acquisition import Device, SourceIdentity
    from forensics_app.model.image import WriteBlocker

MIB, GIB = 1 << 20, 1 << 30
SEGMENTS_BYTES = (640 * MIB, 3 * GIB // 2, 2 * GIB - MIB, 4 * GIB - MIB, 100 * GIB)
RETRIES = (0, 1, 2, 3, 5, 10, 20)


def make_words(said: SourceIdentity) -> str:
    """Vendor and model of a device; a vendor that is only a number of a bus is left out."""
    vendor = "" if said.vendor.startswith("0x") else said.vendor
    if vendor.casefold() in said.model.casefold():
        vendor = ""
    return " ".join(part for part in (vendor, said.model) if part)


def device_words(device: Device) -> str:
    """What a device is, under its path."""
    said = device.identity
    if said.partition:
        return tr("Partition")
    return make_words(said) or device.backing or tr("No model is told")


def use_words(said: SourceIdentity) -> str:
    """Where a device is mounted, or an empty text."""
    return ", ".join(said.mounted_at)


def writes_to(said: SourceIdentity) -> bool:
    """Whether the system has the device, or a part of it, mounted for writing."""
    return any(place.endswith("(rw)") for place in said.mounted_at)


def format_words(one: Format) -> str:
    """A format as people call it."""
    return {Format.E01: tr("EnCase image (E01)"), Format.RAW: tr("Raw image (dd)")}[one]


def compression_words(one: Compression) -> str:
    """How hard an E01 is packed."""
    return {Compression.FAST: tr("Fast"), Compression.BEST: tr("Best, slower"), Compression.NONE: tr("None")}[one]


def segment_words(size_bytes: int | None) -> str:
    """The largest file of an image."""
    if size_bytes is None:
        return tr("One file")
    if size_bytes == 4 * GIB - MIB:
        return tr("4,095 MiB (fits FAT32)")
    if size_bytes % GIB == 0:
        return tr("{n} GiB").format(n=text.count_text(size_bytes // GIB))
    return tr("{n} MiB").format(n=text.count_text(size_bytes // MIB))


def stage_words(stage: Stage) -> str:
    """What an acquisition is doing."""
    return {
        Stage.COPYING: tr("Copy and hash"),
        Stage.READING_BACK: tr("Read back from the disk"),
        Stage.TAKING_IN: tr("Read the image, compare, record"),
    }[stage]


def said_words(said: Mapping[str, object]) -> str:
    """A source of an entry: what kind, make and serial number."""
    vendor, model, serial = (str(said.get(name, "")) for name in ("vendor", "model", "serial"))
    made = " ".join(part for part in ("" if vendor.startswith("0x") else vendor, model) if part)
    serial = tr("S/N {serial}").format(serial=serial) if serial else ""
    kind = tr("Partition") if said.get("partition") else str(said.get("kind", "")).capitalize()
    return ", ".join(part for part in (kind, made, serial) if part)


def lost_words(lost_bytes: int) -> str:
    """How much could not be read so far, for a line that goes on; an empty text for nothing."""
    return tr("{n} bytes unreadable").format(n=text.count_text(lost_bytes)) if lost_bytes else ""


def blocker_words(blocker: WriteBlocker) -> str:
    """How the source is protected, in words."""
    return blocker.device or tr("none: {reason}").format(reason=blocker.reason_for_none)


def tr(words: str) -> str:
    """The words in the language of the window."""
    return QCoreApplication.translate("Acquire", words)
