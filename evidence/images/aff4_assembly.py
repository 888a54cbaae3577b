"""Puts the streams of an AFF4 image together: its maps, and the image streams and symbolic streams they lead to."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.errors import DamagedContainerError, UnsupportedContainerError
from evidence.images.aff4_chunks import CHUNK_MAX_BYTES, method_of
from evidence.images.aff4_description import IMAGE_STREAM, MAP, Description
from evidence.images.aff4_map import BadMapError, Map, Points, expanded, target_names
from evidence.images.aff4_streams import SCHEMA, Constant, ImageStream, Lost, Segment, Stream, symbolic
from evidence.images.aff4_volume import BadMemberError, Member, Volume

MAP_MAX_BYTES = 128 * 1024 * 1024
NAMES_MAX_BYTES = 4 * 1024 * 1024
MAPS_DEEP_MAX = 16
_INDEX_ENTRY_BYTES = 12


class Assembly:
    """The streams of one image, made from the volumes that there are.

    Attributes:
        image: The address of the image.
        media: Its bytes.
        streams: The image streams in it, by their addresses.
        missing: Addresses of streams that no volume has.
        problems: What is wrong, in sentences; ``remarks`` what is to be known.
        compression: How the chunks are packed.
    """

    def __init__(self, volumes: Sequence[Volume]) -> None:
        """Put the streams together.

        Raises:
            UnsupportedContainerError: Something in it is not read.
            DamagedContainerError: What is needed to find the media is damaged.
        """
        self.volumes = list(volumes)
        self.said = Description(volumes)
        self.path = self.said.path
        self.streams: dict[str, ImageStream] = {}
        self.missing: dict[str, None] = {}
        self.problems: list[str] = []
        self.remarks: list[str] = []
        self.compression: dict[str, None] = {}
        self._known: dict[str, Stream] = {}
        self.images = self.said.images()
        self.image = self.images[0]
        self.data_streams = self.said.data_streams(self.image)
        self.media = self._stream(self.data_streams[0], ())

    def _stream(self, urn: str, above: tuple[str, ...]) -> Stream:
        if urn in above or len(above) > MAPS_DEEP_MAX:
            raise DamagedContainerError(self.path, f"its maps lead back to themselves: {urn[:200]}", None)
        if urn not in self._known:
            self._known[urn] = symbolic(urn) or self._made(urn, above)
        return self._known[urn]

    def _made(self, urn: str, above: tuple[str, ...]) -> Stream:
        types = self.said.types(urn)
        if MAP in types:
            return self._map(urn, above)
        if IMAGE_STREAM in types:
            return self._image_stream(urn)
        for volume in self.volumes:
            member = volume.member(urn)
            if member is not None:
                return self._segment(volume, member, urn)
        if types:
            names = ", ".join(sorted(name.removeprefix(SCHEMA) for name in types))
            raise UnsupportedContainerError(self.path, f"AFF4 whose bytes come from a {names[:200]}")
        self.missing[urn] = None
        return Lost(f"the stream {urn[:200]} is missing")

    def _segment(self, volume: Volume, member: Member, urn: str) -> Stream:
        try:
            segment = Segment(volume, member)
        except BadMemberError as error:
            self.problems.append(f"The stream {urn[:200]} cannot be read: {error}.")
            return Lost(str(error))
        if not segment.is_checked:
            self.remarks.append(f"The checksum of {urn[:200]} was not checked, for it has {segment.size_bytes} bytes.")
        return segment

    def _map(self, urn: str, above: tuple[str, ...]) -> Stream:
        volume = next((volume for volume in self.volumes if volume.member(f"{urn}/map") is not None), None)
        if volume is None:
            self.missing[urn] = None
            return Lost(f"the map {urn[:200]} is missing")
        try:
            lines, names = (
                b"" if member is None else volume.content(member, limit)
                for member, limit in (
                    (volume.member(f"{urn}/map"), MAP_MAX_BYTES),
                    (volume.member(f"{urn}/idx"), NAMES_MAX_BYTES),
                )
            )
            size = self._size(urn)
            points = Points(lines, size)
        except (BadMemberError, BadMapError) as error:
            raise DamagedContainerError(volume.path, f"the map {urn[:200]} cannot be used: {error}", None) from error
        self.problems += points.problems
        named = target_names(names)
        beyond = sum(1 for number in points.streams_used if number >= len(named))
        if beyond:
            self.problems.append(f"The map leads to {beyond} streams that it does not name.")
        used = (*above, urn)
        streams = [
            self._stream(name, used) if number in points.streams_used else Constant(0)
            for number, name in enumerate(named)
        ]
        gaps = self.said.terms(urn, "mapGapDefaultStream")
        return Map(urn, size, points, streams, self._stream(expanded(gaps[0].value), used) if gaps else Constant(0))

    def _size(self, urn: str) -> int:
        size = self.said.number(urn, "size")
        if size is None:
            size = self.said.number(self.image, "size")
        if size is None:
            raise DamagedContainerError(self.path, f"its description does not say the size of {urn[:200]}", None)
        return size

    def _image_stream(self, urn: str) -> Stream:
        chunk_bytes = self.said.number(urn, "chunkSize")
        if chunk_bytes is None or not any(True for volume in self.volumes for _ in volume.bevies(urn)):
            empty = chunk_bytes is not None and self.said.number(urn, "size") == 0
            if not empty:
                self.missing[urn] = None
            return Lost(f"the stream {urn[:200]} is missing")
        if not 0 < chunk_bytes <= CHUNK_MAX_BYTES:
            raise DamagedContainerError(self.path, f"{urn[:200]} claims chunks of {chunk_bytes} bytes", None)
        methods = self.said.terms(urn, "compressionMethod")
        method = method_of(methods[0].value if methods else "")
        if method is None:
            raise UnsupportedContainerError(self.path, f"AFF4 packed by {methods[0].value[:200]}")
        self.compression[method[0]] = None
        stream = ImageStream(
            urn,
            self.volumes,
            size_bytes=self._size(urn),
            chunk_bytes=chunk_bytes,
            bevy_chunks=self._bevy_chunks(urn),
            unpack=method[1],
        )
        self.streams[urn] = stream
        return stream

    def _bevy_chunks(self, urn: str) -> int:
        """How many chunks a bevy has; where the description does not say it, what the first one has."""
        told = self.said.number(urn, "chunksInSegment")
        if told is None:
            indexes = (volume.member(f"{urn}/00000000.index") for volume in self.volumes)
            told = next((index.size_bytes // _INDEX_ENTRY_BYTES for index in indexes if index is not None), 0)
        if not told:
            raise DamagedContainerError(self.path, f"{urn[:200]} does not say how many chunks a bevy has", None)
        return told
