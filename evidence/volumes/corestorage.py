"""Core Storage: the volumes of FileVault 2, and those that are not encrypted.

Source: "FileVault Drive Encryption (FVDE)", J. Metz (libfvde).
"""

from __future__ import annotations

from evidence.errors import UnreadableRegionError
from evidence.filesystems.base import FileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes import corestorage_keys
from evidence.volumes.base import Readable, peek
from evidence.volumes.ciphers import SectorCipher, XtsSectors
from evidence.volumes.corestorage_keys import context_of, contexts_in, is_encrypted, volume_key
from evidence.volumes.corestorage_metadata import (
    HEADER_BYTES,
    Found,
    Header,
    LogicalVolume,
    read_header,
    read_metadata,
)
from evidence.volumes.corestorage_plist import Value, dictionary, text
from evidence.volumes.layers import Beside, Inner, Layer

_SECTOR_BYTES = 512
_WIPE_KEY = (
    "FileVault: this is the volume of a system: its keys are in the file EncryptedRoot.plist.wipekey on the partition "
    '"Recovery HD" of the same disk. It is to be given as a startup key, beside the password.'
)


def open_core_storage(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of a Core Storage physical volume."""
    first = peek(source, 0, HEADER_BYTES)
    if first[88:90] != b"CS" or first[8:12] != b"\x01\x00\x10\x00":
        return None
    problems: list[Problem] = []
    header = read_header(first)
    if header is None:
        problems.append(_damage("Core Storage: the header of the physical volume is damaged; its copy is used.", 0))
        header = read_header(peek(source, source.media_bytes - HEADER_BYTES, HEADER_BYTES))
    if header is None:
        what = "Core Storage: the header of the physical volume and its copy at the end are both damaged."
        return Layer(encryption="filevault", locked=True, problems=(_damage(what, 0),))
    found = read_metadata(source, header)
    problems += found.problems
    about = f"Core Storage, physical volume {str(header.physical_id).upper()}, group {str(header.group_id).upper()}."
    problems.append(_remark(about))
    if not found.volumes:
        what = "Core Storage: no logical volume can be found in the metadata, so nothing can be unlocked."
        return Layer(encryption="filevault", locked=True, problems=(*problems, _damage(what, None)))
    volumes = [_Opened(source, header, found, volume, keys, beside) for volume in found.volumes]
    inner = tuple(opened.inner(index) for index, opened in enumerate(volumes))
    for opened in volumes:
        problems += opened.remarks
    if not any(opened.is_encrypted for opened in volumes):
        facts = FileSystem(type="corestorage", block_bytes=header.block_bytes, label=None, serial=str(header.group_id))
        return Layer(volumes=inner, facts=facts, problems=tuple(problems))
    if all(item.source is None for item in inner):
        return Layer(encryption="filevault", locked=True, problems=tuple(problems))
    return Layer(volumes=inner, encryption="filevault", problems=tuple(problems))


class _Opened:
    """One logical volume with what could be made of the keys."""

    def __init__(
        self, source: Readable, header: Header, found: Found, volume: LogicalVolume, keys: Keys, beside: Beside
    ) -> None:
        self._source, self._header, self._found, self._volume = source, header, found, volume
        self.remarks: list[Problem] = []
        self._on_step = beside.on_step
        contexts = [context for context in (context_of(volume.family), *contexts_in(keys, header)) if context]
        self.is_encrypted = not volume.family or any(map(is_encrypted, contexts))
        self._cipher = self._unlock(contexts, keys) if self.is_encrypted else None

    def inner(self, index: int) -> Inner:
        """The volume as the layer shows it: without a source while it is locked."""
        volume, slot = self._volume, "d" if self.is_encrypted else "lv"
        is_locked = self.is_encrypted and self._cipher is None
        logical = None if is_locked else _Logical(self._source, self._header, volume, self._cipher, self._found.index)
        kind = "Decrypted FileVault volume" if self.is_encrypted else "Core Storage volume"
        return Inner(
            slot=slot if index == 0 else f"{slot}{index + 1}",
            kind="decrypted" if self.is_encrypted else "logical",
            description=f"{kind} {volume.name!r} {volume.id}",
            length_bytes=volume.volume_bytes,
            source=logical,
            encryption="filevault" if is_locked else None,
            locked=is_locked,
            problems=tuple(self._holes()) if logical is not None else (),
        )

    def _unlock(self, contexts: list[dict[str, Value]], keys: Keys) -> SectorCipher | None:
        name = f"FileVault: the volume {self._volume.name!r}"
        if not any(map(is_encrypted, contexts)):
            self.remarks.append(_remark(_WIPE_KEY))
            return None
        if any(_status(context) in ("Converting", "Pending") for context in contexts):
            what = f"{name} is in conversion, and how far it has come is not known: it cannot be decrypted."
            self.remarks.append(_remark(what))
            return None
        for context in contexts:
            opened = volume_key(context, keys, self._volume.family_id, self._on_step)
            if opened is not None:
                self.remarks.append(_remark(f"{name} is unlocked by the passphrase of {opened[0]}."))
                return XtsSectors(opened[1], sector_bytes=_SECTOR_BYTES)
        users = "; ".join(user for context in contexts for user in corestorage_keys.users(context)) or "nobody"
        said = "none of the keys given opens it" if keys else "no key was given"
        self.remarks.append(_remark(f"{name} is locked, {said}. Passphrases: {users}."))
        return None

    def _holes(self) -> list[Problem]:
        """What of the volume cannot be read here."""
        block, reached, problems = self._header.block_bytes, 0, list[Problem]()
        for segment in self._volume.segments:
            if segment.logical != reached:
                problems.append(_damage("The segments of the volume leave gaps or overlap.", segment.logical * block))
            reached = segment.logical + segment.blocks
            if segment.index != self._found.index:
                what = "A part of the volume lies on another physical volume, which is not read."
                problems.append(_damage(what, segment.logical * block))
            elif (segment.physical + segment.blocks) * block > self._source.media_bytes:
                problems.append(
                    _damage("A part of the volume lies past the end of the media.", segment.logical * block)
                )
        if reached * block < self._volume.volume_bytes:
            problems.append(_damage("Nothing tells where the end of the volume lies.", reached * block))
        return problems


class _Logical:
    """A logical volume as a readable; safe from several threads.

    Attributes:
        media_bytes: As its description says, in whole sectors.
    """

    def __init__(
        self, source: Readable, header: Header, volume: LogicalVolume, cipher: SectorCipher | None, index: int
    ) -> None:
        self.media_bytes = volume.volume_bytes // _SECTOR_BYTES * _SECTOR_BYTES
        self._source, self._cipher, self._index = source, cipher, index
        block = header.block_bytes
        self._runs = [
            (run.logical * block, (run.logical + run.blocks) * block, run.physical * block, run.index)
            for run in volume.segments
        ]

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: They are on another physical volume, or nothing tells where they are.
        """
        end = min(offset_bytes + size_bytes, self.media_bytes)
        parts: list[bytes] = []
        while 0 <= offset_bytes < end:
            part = self._part(offset_bytes, end)
            parts.append(part)
            offset_bytes += len(part)
        return b"".join(parts)

    def _part(self, start: int, end: int) -> bytes:
        """Bytes from ``start`` on, to ``end`` or to where their run ends."""
        run = next((run for run in self._runs if run[0] <= start < run[1]), None)
        if run is None:
            raise UnreadableRegionError(start, end - start, "nothing tells where this part of the volume lies")
        if run[3] != self._index:
            raise UnreadableRegionError(start, end - start, "this part of the volume lies on another physical volume")
        end = min(end, run[1])
        first, last = start // _SECTOR_BYTES, -(-end // _SECTOR_BYTES)
        place, size = run[2] + first * _SECTOR_BYTES - run[0], (last - first) * _SECTOR_BYTES
        data = self._source.read_at(place, size)
        if len(data) < size:
            raise UnreadableRegionError(place, size, "the media ends before it")
        plain = data if self._cipher is None else self._cipher.decrypt(data, first)
        return plain[start - first * _SECTOR_BYTES : end - first * _SECTOR_BYTES]


def _status(context: dict[str, Value]) -> str:
    return text(dictionary(context.get("ConversionInfo")).get("ConversionStatus"))


def _damage(what: str, offset_bytes: int | None) -> Problem:
    return Problem(what=what, where="", offset_bytes=offset_bytes)


def _remark(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None, is_damage=False)
