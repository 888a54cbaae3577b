"""Images in the Advanced Forensic Format 4: disks and memory, in one ZIP or striped over several.

Regions that the acquisition could not read (``aff4:UnreadableData``), or left out (``aff4:UnknownData``), are told as
unreadable. Logical evidence (AFF4-L), encrypted containers and those of before the standard are refused by name.

Source: "AFF4 Standard v1.0" and 1.0a, https://github.com/aff4/Standard; checked against its reference images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError, SourceError, UnreadableRegionError
from evidence.images.aff4_assembly import Assembly
from evidence.images.aff4_check import Checks
from evidence.images.aff4_description import joined_names
from evidence.images.aff4_map import Map
from evidence.images.aff4_volume import Volume
from evidence.images.base import Problem
from evidence.images.filling import FillingImage
from evidence.images.sectors import guess_sector_bytes

BESIDE_MAX = 256
"""So many files beside a container are asked whether they are parts of it."""
MEDIA_MAX_BYTES = (1 << 63) - 1
_SECTORS = (512, 1024, 2048, 4096)
_SUFFIXES = {".aff4", ".af4"}
_FINISHED = "completed normally"
_COMPARED = ("md5", "sha1", "sha256")


class Aff4Image(FillingImage):
    """The media inside an AFF4 container; see ``evidence.images.base.Image``."""

    container = "aff4"

    def __init__(self, volumes: Sequence[Volume], parts: Assembly) -> None:
        """Take what was put together, and check the hashes over its tables.

        Raises:
            DamagedContainerError: Its size makes no sense.
        """
        self._volumes, self._media = volumes, parts.media
        self.paths: tuple[Path, ...] = tuple(volume.path for volume in volumes)
        self.container_bytes = sum(volume.size_bytes for volume in volumes)
        self.media_bytes = parts.media.size_bytes
        if self.media_bytes > MEDIA_MAX_BYTES:
            raise DamagedContainerError(
                self.paths[0], f"its description claims {self.media_bytes} bytes of media", None
            )
        self._chunk_bytes = max((stream.chunk_bytes for stream in parts.streams.values()), default=_SECTORS[0])
        checks = Checks(parts.said, parts.image, parts.streams)
        checks.check(list(volumes), parts.data_streams)
        self.stored_digests, kept = _digests(parts)
        self.metadata: Mapping[str, str] = _metadata(volumes[0], parts, checks) | kept
        self.problems: Sequence[Problem] = tuple(_problems(volumes, parts, checks, bool(kept)))
        told = parts.said.number(parts.image, "blockSize")
        self.sector_bytes = told if told in _SECTORS else guess_sector_bytes(self.read_at)

    @property
    def chunk_bytes(self) -> int:
        """Size of an unpacked chunk."""
        return self._chunk_bytes

    def close(self) -> None:
        """Close the files. Closing twice does no harm."""
        for volume in self._volumes:
            volume.close()

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        try:
            return self._media.fill_some(offset_bytes, target)
        except UnreadableRegionError as error:
            length = min(error.length_bytes, self.media_bytes - error.offset_bytes)
            raise UnreadableRegionError(error.offset_bytes, length, error.why) from error


def open_aff4(paths: Sequence[Path]) -> Aff4Image:
    """Open an AFF4 image: by one of its volumes, if the others lie beside it, or by all of them in any order.

    Raises:
        MissingSegmentError: A volume of a striped image is missing; names the streams that it has.
        UnsupportedContainerError: It is encrypted, logical, of before the standard, or packed in an unknown way.
        DamagedContainerError: What is needed to find the media is damaged.
        NotAnImageError: One is no file.
        SourceAccessError: One cannot be opened.
    """
    volumes: list[Volume] = []
    try:
        volumes += (Volume(path) for path in dict.fromkeys(paths))
        parts = Assembly(volumes)
        if _is_incomplete(parts):
            for volume in _beside(volumes, parts):
                volumes.append(volume)
                parts = Assembly(volumes)
                if not _is_incomplete(parts):
                    break
        if parts.missing:
            wanted = [f"the volume with {urn[:200]}{_told_in(parts, urn)}" for urn in list(parts.missing)[:8]]
            raise MissingSegmentError([volume.path for volume in volumes], wanted)
        return Aff4Image(volumes, parts)
    except BaseException:
        for volume in volumes:
            volume.close()
        raise


def _is_incomplete(parts: Assembly) -> bool:
    return bool(parts.missing) or any(stream.missing_bevies()[0] for stream in parts.streams.values())


def _told_in(parts: Assembly, urn: str) -> str:
    stored = [term.value for term in parts.said.terms(urn, "stored")]
    return f" (stored in {joined_names(stored)})" if stored else ""


def _beside(volumes: Sequence[Volume], parts: Assembly) -> Iterator[Volume]:
    """Other volumes in the folder of the first that have bevies of the image, by their descriptions."""
    first = volumes[0].path
    used = {volume.path.resolve() for volume in volumes}
    try:
        files = sorted(path for path in first.parent.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError:
        return
    for path in files[:BESIDE_MAX]:
        if path.resolve() in used:
            continue
        try:
            volume = Volume(path)
        except SourceError:
            continue
        if _adds(volume, volumes, parts):
            yield volume
        else:
            volume.close()


def _adds(volume: Volume, volumes: Sequence[Volume], parts: Assembly) -> bool:
    """Whether a volume has something of the image that the others have not."""
    maps = any(volume.member(urn) or volume.member(f"{urn}/map") for urn in parts.missing)
    return maps or any(
        set(volume.bevies(urn)).difference(*(other.bevies(urn) for other in volumes))
        for urn in (*parts.missing, *parts.streams)
    )


def _digests(parts: Assembly) -> tuple[dict[str, bytes], dict[str, str]]:
    """The linear digests of the media that can be compared with it, and the others as texts.

    They are over a text that the standard puts where the acquisition has nothing, so they cannot be compared then.
    """
    found: dict[str, bytes] = {}
    for subject in (*reversed(parts.data_streams), parts.image):
        found |= parts.said.digests(subject)
    lost = isinstance(parts.media, Map) and parts.media.loses_by_acquisition()
    compared = {} if lost else {name: digest for name, digest in found.items() if name in _COMPARED}
    return compared, {f"stored_{name}": digest.hex() for name, digest in found.items() if name not in compared}


def _metadata(volume: Volume, parts: Assembly, checks: Checks) -> dict[str, str]:
    said = parts.said.metadata(parts.image)
    said["software"] = volume.version.get("tool", "")
    said["compression"] = ", ".join(parts.compression) or "none"
    said["block_hashes"] = ", ".join(dict.fromkeys(stream.hashed_by or "none" for stream in parts.streams.values()))
    said["block_map_hash"] = checks.block_map
    said["image_address"] = parts.image
    return {key: value for key, value in said.items() if value}


def _problems(volumes: Sequence[Volume], parts: Assembly, checks: Checks, keeps_digests: bool) -> Iterator[Problem]:
    for volume in volumes:
        yield from volume.problems
    for what in dict.fromkeys((*parts.problems, *checks.problems, *_about_image(parts))):
        yield Problem(what=what, where=parts.path.name, offset_bytes=None)
    for what in _remarks(volumes, parts, keeps_digests):
        yield Problem(what=what, where=parts.path.name, offset_bytes=None, is_damage=False)


def _about_image(parts: Assembly) -> Iterator[str]:
    for stream in parts.streams.values():
        count, first = stream.missing_bevies()
        if count:
            yield f"{count} of {stream.bevies} bevies of {stream.urn} are missing; the first is {first:08d}."
    told = parts.said.number(parts.image, "size")
    if told is not None and told != parts.media.size_bytes:
        yield f"The image should have {told} bytes; its stream has {parts.media.size_bytes}."
    sizes = {parts.said.number(urn, "size") for urn in parts.data_streams}
    if len(sizes) > 1:
        yield "The volumes have maps of different sizes; that of the first is used."
    for term in parts.said.terms(parts.image, "acquisitionCompletionState"):
        if term.value.lower() != _FINISHED:
            yield f"The acquisition did not come to its end: {term.value[:200]}."


def _remarks(volumes: Sequence[Volume], parts: Assembly, keeps_digests: bool) -> Iterator[str]:
    yield from parts.remarks
    if len(parts.images) > 1:
        yield f"The container has {len(parts.images)} images; this is {parts.image}. Not shown: " + (
            f"{joined_names(parts.images[1:])}."
        )
    if keeps_digests and isinstance(parts.media, Map) and parts.media.loses_by_acquisition():
        yield (
            "The stored digests are over a text that stands for what was not acquired, "
            "so they cannot be compared with digests of this media."
        )
    given = {*parts.streams, *parts.data_streams, parts.image}
    for volume in volumes:
        if not given & set(volume.facts):
            yield f"{volume.path.name} is no part of this image."
