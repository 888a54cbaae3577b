"""The boot images of an optical disc (El Torito): diskettes, hard disks, and programs or file systems for EFI.

Each is shown as a volume of its own, for it need not be a file of the disc, and may hold a file system that no
directory leads to. Source: "El Torito Bootable CD-ROM Format Specification" 1.0; UEFI specification, 13.3.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice

from evidence.filesystems import signatures
from evidence.filesystems.base import FileRow
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.iso import Descriptor, IsoTree, descriptors
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.shares import Share
from evidence.volumes.base import Readable, Window, peek
from evidence.volumes.layers import Beside, Inner, Layer

SECTOR_BYTES = 2048
ENTRY_BYTES = 32
ENTRIES_MAX = 1024
IMAGES_MAX = 64
_VIRTUAL_BYTES = 512
_DESCRIPTORS_MAX = 64
_FILES_MAX = 200_000
_MARK = b"\x00CD001\x01EL TORITO SPECIFICATION"
_CATALOGUE_AT = 71
_HEADER, _LAST_HEADER, _EXTENSION = 0x90, 0x91, 0x44
_CONTINUES = 0x20
_BOOTABLE, _NOT_BOOTABLE = 0x88, 0x00
_HARD_DISK = 4
_DISKETTES = {1: 1_228_800, 2: 1_474_560, 3: 2_949_120}
_MEDIA = {
    0: "no emulation",
    1: "diskette of 1.2 MB",
    2: "diskette of 1.44 MB",
    3: "diskette of 2.88 MB",
    4: "hard disk",
}
_PLATFORMS = {0: "BIOS", 1: "PowerPC", 2: "Macintosh", 0xEF: "EFI"}
_ENTRY = struct.Struct("<BBHBxHI")


@dataclass(frozen=True, slots=True, kw_only=True)
class BootImage:
    """An entry of the catalogue.

    Attributes:
        offset_bytes: Of the entry itself.
        media: What the firmware makes of it: a number of the specification.
        loaded_bytes: How much of it the firmware loads, which may be less than it has.
        start_bytes: Where it begins.
    """

    offset_bytes: int
    platform: int
    is_bootable: bool
    media: int
    loaded_bytes: int
    start_bytes: int


class BootWindow(Window):
    """The bytes of a boot image."""


def open_el_torito(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The boot images of all sessions; None for a disc that has none.

    A boot image that is a disc with boot images again is no use that anybody makes of them, but could be drawn up so
    that images lie in each other without end: those inside are not looked for.
    """
    if signatures.iso9660(source) is None:
        return None
    if _is_inside_another(source):
        what = "It lies in a boot image; whether it has boot images itself was not looked for."
        return Layer(is_beside=True, problems=(Problem(what=what, where="", offset_bytes=None, is_damage=False),))
    trees, _ = descriptors(source)
    problems: list[Problem] = []
    images: dict[tuple[int, int], BootImage] = {}
    for session in dict.fromkeys([0, *(descriptor.session for descriptor in trees)]):
        at = _catalogue(source, session)
        for image in _entries(source, at, problems) if at is not None else ():
            images.setdefault((image.start_bytes, image.media), image)
    if len(images) > IMAGES_MAX:
        _tell(problems, f"The disc has {len(images)} boot images; only the first {IMAGES_MAX} are shown.", 0)
    if not images and not problems:
        return None
    shown = list(islice(images.values(), IMAGES_MAX))
    files = _files(source, trees, {image.start_bytes for image in shown}) if shown else {}
    volumes = [_inner(source, f"boot{number}", image, files, problems) for number, image in enumerate(shown, 1)]
    return Layer(volumes=tuple(volumes), is_beside=True, problems=tuple(problems))


def _is_inside_another(source: Readable) -> bool:
    while isinstance(source, Window):
        if isinstance(source, BootWindow):
            return True
        source = source.around
    return False


def _catalogue(source: Readable, session: int) -> int | None:
    """Where the catalogue of a session lies, by its boot record."""
    for index in range(16, 16 + _DESCRIPTORS_MAX):
        raw = peek(source, (session + index) * SECTOR_BYTES, SECTOR_BYTES)
        if len(raw) < SECTOR_BYTES or raw[1:6] != b"CD001" or raw[0] == 255:
            return None
        if raw.startswith(_MARK):
            return int.from_bytes(raw[_CATALOGUE_AT : _CATALOGUE_AT + 4], "little") * SECTOR_BYTES
    return None


def _entries(source: Readable, at: int, problems: list[Problem]) -> Iterator[BootImage]:
    """The entries of a catalogue; what is wrong with it is told."""
    raw = peek(source, at, ENTRIES_MAX * ENTRY_BYTES) if at < source.media_bytes else b""
    if len(raw) < 2 * ENTRY_BYTES:
        _tell(problems, "The catalogue of boot images (El Torito) lies past the end of the media.", at)
        return
    words = struct.unpack_from("<16H", raw)
    if raw[0] != 1 or raw[30:32] != b"\x55\xaa" or sum(words) & 0xFFFF:
        _tell(problems, "The catalogue of boot images (El Torito) does not begin as one, or its checksum is wrong.", at)
        if raw[0] != 1:
            return
    yield from _entry(raw, ENTRY_BYTES, raw[1], at, problems)
    place = 2 * ENTRY_BYTES
    while place + ENTRY_BYTES <= len(raw) and raw[place] in (_HEADER, _LAST_HEADER):
        is_last, platform = raw[place] == _LAST_HEADER, raw[place + 1]
        (entries,) = struct.unpack_from("<H", raw, place + 2)
        place += ENTRY_BYTES
        for _ in range(entries):
            if place + ENTRY_BYTES > len(raw):
                _tell(problems, f"The catalogue of boot images announces {entries} in a section, and ends before.", at)
                return
            yield from _entry(raw, place, platform, at, problems)
            place = _behind(raw, place)
        if is_last:
            return


def _behind(raw: bytes, place: int) -> int:
    """Where the entry after one begins, its extensions passed over."""
    continues = raw[place + 1] & _CONTINUES
    place += ENTRY_BYTES
    while continues and place + ENTRY_BYTES <= len(raw) and raw[place] == _EXTENSION:
        continues = raw[place + 1] & _CONTINUES
        place += ENTRY_BYTES
    return place


def _entry(raw: bytes, place: int, platform: int, at: int, problems: list[Problem]) -> Iterator[BootImage]:
    mark, media, _, _, sectors, start = _ENTRY.unpack_from(raw, place)
    if mark not in (_BOOTABLE, _NOT_BOOTABLE) or media & 0xF not in _MEDIA:
        what = f"An entry of the catalogue of boot images makes no sense (it begins {raw[place : place + 2].hex()})."
        _tell(problems, what, at + place)
    elif start or sectors:
        yield BootImage(
            offset_bytes=at + place,
            platform=platform,
            is_bootable=mark == _BOOTABLE,
            media=media & 0xF,
            loaded_bytes=sectors * _VIRTUAL_BYTES,
            start_bytes=start * SECTOR_BYTES,
        )


def _inner(
    source: Readable, slot: str, image: BootImage, files: dict[int, tuple[str, int]], problems: list[Problem]
) -> Inner:
    path, in_tree = files.get(image.start_bytes, ("", 0))
    is_rounded = in_tree and 0 <= image.loaded_bytes - in_tree < SECTOR_BYTES
    size = in_tree if is_rounded else max(image.loaded_bytes, in_tree)
    if image.media in _DISKETTES:
        size = _DISKETTES[image.media]
    elif image.media == _HARD_DISK:
        size = max(_disk_bytes(source, image.start_bytes), size)
    there = max(0, min(size, source.media_bytes - image.start_bytes))
    if there < size or not size:
        what = f"The boot image {slot} should have {size} bytes from {image.start_bytes} on; {there} are on the media."
        _tell(problems, what, image.offset_bytes)
    words = [
        f"Boot image for {_PLATFORMS.get(image.platform, f'platform {image.platform:#x}')}, {_MEDIA[image.media]}",
        "" if image.is_bootable else "marked as not bootable",
        f"from byte {image.start_bytes}",
        f"{image.loaded_bytes} bytes of it are loaded",
        f"the file {path}" if path else "",
    ]
    return Inner(
        slot=slot,
        kind="logical",
        description=", ".join(word for word in words if word),
        length_bytes=there,
        source=BootWindow(source, image.start_bytes, there) if there else None,
    )


def _disk_bytes(source: Readable, start: int) -> int:
    """How far the partitions of an emulated hard disk reach."""
    record = peek(source, start, _VIRTUAL_BYTES)
    if len(record) < _VIRTUAL_BYTES or record[510:] != b"\x55\xaa":
        return 0
    entries = (struct.unpack_from("<II", record, 446 + 16 * index + 8) for index in range(4))
    return max(int(first + sectors) for first, sectors in entries) * _VIRTUAL_BYTES


def _files(source: Readable, trees: Iterable[Descriptor], starts: Set[int]) -> dict[int, tuple[str, int]]:
    """Path and size of the files that begin at ``starts``, for the catalogue has no sizes of images."""
    found: dict[int, tuple[str, int]] = {}
    left = _FILES_MAX
    for descriptor in trees:
        with suppress(*UNREADABLE):
            tree = IsoTree(source, descriptor)
            for batch in tree.lister("", count(1).__next__, None, lambda entries: None, Share()).run():
                rows = () if isinstance(batch, Problem) else batch
                for start, file in _placed(tree, rows):
                    if start in starts:
                        found.setdefault(start, file)
                left -= len(rows)
                if left <= 0 or found.keys() == starts:
                    return found
    return found


def _placed(tree: IsoTree, rows: Iterable[FileRow]) -> Iterator[tuple[int, tuple[str, int]]]:
    """Where each file begins that has a content, its path and its size."""
    for row in rows:
        if row[7] == "file" and row[11]:
            with suppress(*UNREADABLE):
                yield tree.stored(str(row[12])).pieces[0][0], (str(row[5]), int(row[11]))


def _tell(problems: list[Problem], what: str, offset_bytes: int) -> None:
    problems.append(Problem(what=what, where="", offset_bytes=offset_bytes))
