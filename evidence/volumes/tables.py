"""Which partition tables, and which layers under a volume, are looked for: one line for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.later import Later
from evidence.volumes import apm, bsd, dos, gpt, signatures, sun
from evidence.volumes.base import Division, Readable, Window
from evidence.volumes.layers import Beside, Layer, Opener, Signed

SCHEMES: tuple[Callable[[Readable, int], Division | None], ...] = (gpt.read, dos.read, apm.read, sun.read, bsd.read)

LAYERS: tuple[Opener, ...] = (
    Signed(signatures.bitlocker, Later("evidence.volumes.bitlocker", "open_bitlocker")),
    Signed(signatures.luks, Later("evidence.volumes.luks", "open_luks")),
    Signed(signatures.core_storage, Later("evidence.volumes.corestorage", "open_core_storage")),
    Signed(signatures.lvm, Later("evidence.volumes.lvm", "open_lvm")),
    Signed(signatures.apfs, Later("evidence.volumes.apfs", "open_apfs")),
    Signed(signatures.shadow_copies, Later("evidence.volumes.shadow", "open_shadow_copies")),
    Signed(signatures.iso9660, Later("evidence.volumes.iso9660", "open_iso9660")),
    Signed(signatures.iso9660, Later("evidence.volumes.el_torito", "open_el_torito")),
)
"""The readers are imported when they are first called."""


def layers_of(source: Readable, keys: Keys, beside: Beside) -> tuple[list[Layer], list[UnreadableRegionError]]:
    """All layers that a volume holds, in the order of ``LAYERS``, and what kept others from being looked at.

    What cannot be read for one of them keeps none of the others back.
    """
    layers: list[Layer] = []
    unread: list[UnreadableRegionError] = []
    for look in LAYERS:
        try:
            layer = look(source, keys, beside)
        except UnreadableRegionError as error:
            unread.append(error)
        else:
            layers += [layer] if layer is not None else []
    return layers, unread


def divisions_of_media(source: Readable, sector_bytes: int) -> tuple[list[Division], list[Problem]]:
    """All partition tables of a whole media, the one that rules first.

    A hybrid disc has several tables; each is a division of its own, and that there are several is a problem to show.
    """
    found = [division for read in SCHEMES if (division := read(source, sector_bytes)) is not None]
    problems = [problem for division in found for problem in division.problems]
    if found and found[0].table.scheme != "gpt" and dos.is_protected(source) and found[0].table.scheme == "dos":
        what = "The boot record says that a GPT divides the media, but no header of one can be found."
        problems.append(Problem(what=what, where="GUID partition table", offset_bytes=0))
    if not found and dos.is_protected(source):
        what = "The boot record protects a GPT, but no header of one can be found: no partition is known."
        problems.append(Problem(what=what, where="GUID partition table", offset_bytes=0))
    strange = dos.unlisted(source)
    if strange is not None:
        problems.append(strange)
    if len(found) > 1:
        names = ", ".join(division.table.scheme for division in found)
        what = f"The media has more than one partition table ({names}); the partitions of all are listed."
        problems.append(Problem(what=what, where="partition tables", offset_bytes=0))
    return found, problems


def divisions_of_partition(source: Readable, sector_bytes: int, start_bytes: int) -> list[Division]:
    """The labels that BSD and Solaris put inside a partition."""
    readers = (partial(bsd.read, start_bytes=start_bytes), sun.read)
    return [division for read in readers if (division := read(source, sector_bytes)) is not None]


def neighbours(division: Division, index: int, source: Readable) -> Beside:
    """The partitions beside the one at ``index`` of a division of ``source``."""
    windows = [
        (number, Window(source, stretch.start_bytes, stretch.length_bytes))
        for number, stretch in enumerate(division.stretches)
        if stretch.kind == "partition" and number != index
    ]
    earlier = tuple(window for number, window in windows if number < index)
    return Beside(earlier=earlier, later=tuple(window for number, window in windows if number > index))
