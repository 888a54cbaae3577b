"""The entries of directories of FAT and exFAT, as they stand there.

Sources: FAT32 File System Specification, "FAT Directory Structure" and "FAT Long Directory Entries"; exFAT
specification, 6 and 7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.fat_chains import ENTRY_BYTES, FIRST_ADDRESS, ROOT, ChainContent, Clusters, Run, content_of
from evidence.filesystems.stamps import dos_time
from evidence.volumes.base import peek

MAX_DIRECTORY_BYTES = 256 << 20
"""The largest that exFAT allows; of FAT it is 2 MiB."""
_DELETED, _KANJI, _LONG, _LABEL, _DIRECTORY, _LAST = 0xE5, 0x05, 0x0F, 0x08, 0x10, 0x40
_FILE, _STREAM, _NAME, _IN_USE = 0x85, 0xC0, 0xC1, 0x80
_NO_CHAIN = 2
_MOST_PARTS = 20
_READ_BYTES = 1 << 20
_PARTS_SHOWN, _CHARACTERS_SHOWN = 15, 15
"""Names in more parts may be cut by The Sleuth Kit, and of exFAT those with more characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An entry in use.

    Attributes:
        address: What The Sleuth Kit numbers it.
        name: As text; what is no character of ASCII in a short name, a slash and an end of text are ``^``.
        name_bytes: The name as stored, where ``name`` is not all of it: of a long one UTF-16LE.
        is_directory: Whether it is a directory.
        size_bytes: As declared.
        first: The first cluster.
        valid_bytes: How much was ever written.
        is_contiguous: Whether no chain tells of its clusters.
        note: What is unusual about it.
        is_stray: Whether a long name stands before it that does not belong to it.
    """

    address: int
    name: str
    name_bytes: bytes | None
    is_directory: bool
    size_bytes: int
    first: int
    valid_bytes: int
    is_contiguous: bool
    note: str | None
    is_stray: bool = False

    def content(self, clusters: Clusters) -> ChainContent:
        """Its content; raises OSError where the table of clusters cannot be read."""
        return content_of(clusters, self.first, self.size_bytes, self.valid_bytes, is_contiguous=self.is_contiguous)

    def runs(self, clusters: Clusters) -> Iterator[Run]:
        """Where it lies as a directory."""
        if self.is_contiguous:
            yield from self.content(clusters).runs
        else:
            yield from clusters.chain(self.first)


class Directories:
    """The directories of a volume, by the addresses of The Sleuth Kit."""

    def __init__(self, clusters: Clusters) -> None:
        """Read directories of a volume."""
        self.clusters = clusters

    def entries(self, address: int) -> Iterator[Found]:
        """What is in use in a directory, in its order, up to its end mark.

        Raises:
            OSError: It is none, or ends before its time.
            UnreadableRegionError: It cannot be read.
        """
        runs = self._runs(address)
        return self._exfat(runs) if self.clusters.is_exfat else self._fat(runs)

    def used(self, address: int) -> Iterator[tuple[int, bool]]:
        """The addresses of all that may be in use in a directory, and whether the reader may show its name wrong.

        Raises:
            OSError: It is none, or ends before its time.
            UnreadableRegionError: It cannot be read.
        """
        runs = self._runs(address)
        return self._used_of_exfat(runs) if self.clusters.is_exfat else self._used(runs)

    def _runs(self, address: int) -> Iterator[Run]:
        if address == ROOT:
            return self.clusters.root()
        entry = self.entry(address)
        if entry is None or not entry.is_directory:
            raise OSError("there is no such directory")
        return entry.runs(self.clusters)

    def entry(self, address: int) -> Found | None:
        """The entry in use with an address, by its short name; None where there is none."""
        if address < FIRST_ADDRESS:
            return None
        at = self.clusters.entry_at(address)
        data = peek(self.clusters.source, at, ENTRY_BYTES)
        if len(data) < ENTRY_BYTES:
            return None
        if self.clusters.is_exfat:
            return self._set([(at, data), *self._behind(at, data[1])]) if data[0] == _FILE else None
        if data[0] in (0, _DELETED) or data[11] & 0x3F == _LONG or data[11] & _LABEL:
            return None
        return self._short(at, data, None)

    def is_deleted(self, address: int) -> bool:
        """Of FAT, whether the entry with an address is marked as deleted."""
        if self.clusters.is_exfat or address < FIRST_ADDRESS:
            return False
        return peek(self.clusters.source, self.clusters.entry_at(address), 1)[:1] == bytes((_DELETED,))

    def _behind(self, at: int, count: int) -> Iterator[tuple[int, bytes]]:
        """So many entries behind one, over the end of its cluster too."""
        for _ in range(count):
            at = self.clusters.behind(at, ENTRY_BYTES)
            data = peek(self.clusters.source, at, ENTRY_BYTES)
            if len(data) < ENTRY_BYTES:
                return
            yield at, data

    def _used(self, runs: Iterator[Run]) -> Iterator[tuple[int, bool]]:
        address = self.clusters.address
        first = left = checksum = 0
        has_parts = is_whole = False
        for at, slot in self._slots(runs):
            begin, attributes = slot[0], slot[11]
            if begin == _DELETED:
                has_parts = False
            elif attributes & 0x3F == _LONG:
                if begin & _LAST:
                    first = left = begin & 0x3F
                    checksum, is_whole = slot[13], True
                else:
                    left -= 1
                    is_whole = is_whole and has_parts and begin == left and slot[13] == checksum
                has_parts = True
            else:
                if not attributes & _LABEL and not is_dots(slot):
                    is_own = is_whole and left == 1 and checksum == _checksum(slot)
                    is_cut = has_parts and first > _PARTS_SHOWN
                    yield address(at), is_cut or (not is_own and (has_parts or _why_strange(slot) is not None))
                has_parts = False

    def _used_of_exfat(self, runs: Iterator[Run]) -> Iterator[tuple[int, bool]]:
        last = -1
        for at, slot in self._slots(runs):
            if slot[0] == _FILE:
                if last >= 0:
                    yield last, False
                last = self.clusters.address(at)
            elif slot[0] == _STREAM and last >= 0:
                yield last, slot[3] > _CHARACTERS_SHOWN
                last = -1
        if last >= 0:
            yield last, False

    def _slots(self, runs: Iterator[Run]) -> Iterator[tuple[int, bytes]]:
        left = MAX_DIRECTORY_BYTES
        for begin, whole in runs:
            for at in range(begin, begin + min(whole, left), _READ_BYTES):
                wanted = min(begin + whole - at, _READ_BYTES)
                data = self.clusters.source.read_at(at, wanted)
                for place in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
                    if data[place] == 0:
                        return
                    yield at + place, data[place : place + ENTRY_BYTES]
                if len(data) < wanted:
                    return
            left -= whole
            if left <= 0:
                return

    def _fat(self, runs: Iterator[Run]) -> Iterator[Found]:
        parts: list[bytes] = []
        for at, slot in self._slots(runs):
            attributes = slot[11]
            if slot[0] == _DELETED:
                parts = []
            elif attributes & 0x3F == _LONG:
                if slot[0] & _LAST:
                    parts = [slot]
                elif len(parts) <= _MOST_PARTS:  # one more than any name has tells that these make none
                    parts.append(slot)
            else:
                if not attributes & _LABEL and not is_dots(slot) and _is_plausible(slot):
                    name = long_name(parts, slot)
                    yield self._short(at, slot, name, is_stray=bool(parts) and name is None)
                parts = []

    def _short(self, at: int, slot: bytes, long: str | None, *, is_stray: bool = False) -> Found:
        size = struct.unpack_from("<I", slot, 28)[0]
        high, low = struct.unpack_from("<H", slot, 20)[0], struct.unpack_from("<H", slot, 26)[0]
        is_directory = bool(slot[11] & _DIRECTORY)
        first = low | high << 16 if self.clusters.is_wide else low
        name, name_bytes = shown(long) if long is not None else short_name(slot)
        notes = []
        if long is None and (why := _why_strange(slot)):
            notes.append(why)
        if size and not first:
            notes.append(f"it declares {size} bytes and names no cluster: its content is not available")
        elif first and not 2 <= first <= self.clusters.last:
            notes.append(f"its first cluster, {first}, is none of the volume: its content is not available")
        return Found(
            address=self.clusters.address(at), name=name, name_bytes=name_bytes, is_directory=is_directory,
            size_bytes=size, first=first, valid_bytes=size, is_contiguous=False,
            note="; ".join(notes) or None, is_stray=is_stray,
        )  # fmt: skip

    def _exfat(self, runs: Iterator[Run]) -> Iterator[Found]:
        slots: list[tuple[int, bytes]] = []
        for at, slot in self._slots(runs):
            if slot[0] == _FILE:
                if slots and (found := self._set(slots)) is not None:
                    yield found
                slots = [(at, slot)]
            elif slots and slot[0] & _IN_USE and len(slots) <= slots[0][1][1]:
                slots.append((at, slot))
            elif slots:
                if (found := self._set(slots)) is not None:
                    yield found
                slots = []
        if slots and (found := self._set(slots)) is not None:
            yield found

    def _set(self, slots: list[tuple[int, bytes]]) -> Found | None:
        """What an entry and those behind it tell of together; None where they are no file."""
        at, file = slots[0]
        count = file[1]
        if len(slots) < 2 or count < 2 or slots[1][1][0] != _STREAM:
            return None
        stream = slots[1][1]
        parts = [slot[2:] for _, slot in slots[2 : count + 1] if slot[0] == _NAME]
        stored, length = b"".join(parts), stream[3]
        note = None
        if not length:
            ends = [place for place in range(0, len(stored) - 1, 2) if stored[place : place + 2] == b"\0\0"]
            stored = stored[: ends[0]] if ends else stored
            note = f"its name is stored with a length of 0 and has {len(stored) // 2} characters"
        else:
            stored = stored[: 2 * length]
        valid, first, size = struct.unpack_from("<Q4xIQ", stream, 8)
        name, name_bytes = shown(stored.decode("utf-16-le", errors="surrogatepass"))
        return Found(
            address=self.clusters.address(at), name=name, name_bytes=name_bytes,
            is_directory=bool(file[4] & _DIRECTORY), size_bytes=size, first=first, valid_bytes=valid,
            is_contiguous=bool(stream[1] & _NO_CHAIN), note=note,
        )  # fmt: skip


def is_dots(slot: bytes) -> bool:
    """Whether an entry is that of the directory itself, or of the one above."""
    return bool(slot[11] & _DIRECTORY) and slot[:11] in (b".".ljust(11), b"..".ljust(11))


def long_name(parts: list[bytes], slot: bytes) -> str | None:
    """The long name that stands before a short entry and belongs to it; None without one.

    It belongs to it if its parts are numbered down to 1 and carry the checksum of the short name.
    """
    if not parts or [part[0] & 0x3F for part in parts] != list(range(len(parts), 0, -1)) or not parts[0][0] & _LAST:
        return None
    total = _checksum(slot)
    if any(part[13] != total for part in parts):
        return None
    stored = b"".join(part[1:11] + part[14:26] + part[28:32] for part in reversed(parts))
    text = stored.decode("utf-16-le", errors="surrogatepass")
    return text.partition("\0")[0]


def _checksum(slot: bytes) -> int:
    total = 0
    for byte in slot[:11]:
        total = ((total & 1) << 7 | total >> 1) + byte & 0xFF
    return total


def shown(name: str) -> tuple[str, bytes | None]:
    """A name of UTF-16 as text, and its bytes where that is not all of it."""
    text = "".join("\ufffd" if one in "/\0" or "\ud800" <= one <= "\udfff" else one for one in name)
    return (text, None) if text == name else (text, name.encode("utf-16-le", errors="surrogatepass"))


def short_name(slot: bytes) -> tuple[str, bytes | None]:
    """A short name as The Sleuth Kit shows one, but with the blanks in it; and its bytes where it shows a ``^``."""
    base, extension = slot[:8], slot[8:11]
    if base[0] == _KANJI:
        base = bytes((_DELETED,)) + base[1:]
    lower = slot[12]
    raw = base.rstrip(b" ") + (b"." + extension.rstrip(b" ") if extension.strip(b" ") else b"") or base + extension
    shaped = base.lower() if lower & 8 else base
    ends = extension.lower() if lower & 16 else extension
    told = shaped.rstrip(b" ") + (b"." + ends.rstrip(b" ") if ends.strip(b" ") else b"") or base + extension
    text = "".join(chr(byte) if 32 <= byte < 127 and byte != 47 else "^" for byte in told)
    return text, raw if "^" in text else None


def _why_strange(slot: bytes) -> str | None:
    base, extension = slot[:8], slot[8:11]
    if not slot[:11].strip(b" "):
        return "its short name is all blanks"
    if b" " in base.rstrip(b" ") or b" " in extension.rstrip(b" ") or base[:1] == b" ":
        return "its short name holds a blank, which no system writes there"
    if any(byte < 32 for byte in slot[1:11]) or (slot[0] < 32 and slot[0] != _KANJI):
        return "its short name holds a control character"
    if any(byte in b'"*+,/:;<=>?[\\]|' for byte in slot[:11]) or b"." in slot[:11]:
        return "its short name holds a character that none may hold"
    return None


def _is_plausible(slot: bytes) -> bool:
    """Whether 32 bytes may be an entry: no reserved attribute, and every date one or none."""
    if slot[11] & 0xC0:
        return False
    created_time, created, accessed = struct.unpack_from("<3H", slot, 14)
    modified_time, modified = struct.unpack_from("<2H", slot, 22)
    days = ((created, created_time), (accessed, 0), (modified, modified_time))
    return all(not date or dos_time(date, time, 0) is not None for date, time in days)
