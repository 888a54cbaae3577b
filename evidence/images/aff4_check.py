"""The hashes over the tables of an AFF4 container, checked when it is opened.

Together with the block hashes, by which each chunk is checked when it is read, they cover all of the media.
Source: "AFF4 Standard v1.0", section 6.2, and the reference images, which each volume of a striped image follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from evidence.images.aff4_description import Description
from evidence.images.aff4_streams import INDEX, ImageStream
from evidence.images.aff4_volume import BadMemberError, Member, Volume

CHECKED_MAX_BYTES = 256 * 1024 * 1024
"""Tables of more are not hashed when opening; their own checksums are checked when they are used."""

_ORDER = ("md5", "sha1", "sha256", "sha512", "blake2b")
_PARTS = {"mapPointHash": "map", "mapIdxHash": "idx", "mapPathHash": "mapPath"}
_STRONG = ("sha512", "sha256")


class Checks:
    """What was found of the hashes that the description of an image has.

    Attributes:
        problems: Those that are wrong, in sentences.
        block_map: "match", "mismatch" or "not checked" for the hash over all tables; empty where there is none.
    """

    def __init__(self, description: Description, image: str, streams: Mapping[str, ImageStream]) -> None:
        """Take what the image consists of."""
        self._said, self._image, self._streams = description, image, streams
        self.problems: list[str] = []
        self.block_map = ""

    def check(self, volumes: list[Volume], maps: list[str]) -> None:
        """Check the maps, the indexes and the block hashes."""
        for stream in self._streams.values():
            self._check_stream(stream)
        for urn in maps:
            for volume in volumes:
                if volume.member(f"{urn}/map") is not None:
                    self._check_map(volume, urn)

    def _check_stream(self, stream: ImageStream) -> None:
        for algorithm, wanted in self._said.digests(stream.urn, "imageStreamIndexHash").items():
            self._compare(self._over(algorithm, _tables(stream, INDEX)), wanted, f"the indexes of {stream.urn}")
        for name in _ORDER:
            for algorithm, wanted in self._said.digests(f"{stream.urn}/blockhash.{name}").items():
                found = self._over(algorithm, _tables(stream, name))
                self._compare(found, wanted, f"the block hashes ({name}) of {stream.urn}")

    def _check_map(self, volume: Volume, urn: str) -> None:
        parts: dict[str, Member] = {}
        for name in _PARTS.values():
            member = volume.member(f"{urn}/{name}")
            if member is not None:
                parts[name] = member
        for prop, name in _PARTS.items():
            for algorithm, wanted in self._said.digests(urn, prop).items():
                members = [(volume, parts[name])] if name in parts else []
                self._compare(self._over(algorithm, members), wanted, f"{name} of {urn}")
        for algorithm, wanted in self._said.digests(urn, "mapHash").items():
            self._compare(self._over(algorithm, [(volume, part) for part in parts.values()]), wanted, f"the map {urn}")
        self._check_block_map(volume, urn, parts)

    def _check_block_map(self, volume: Volume, urn: str, parts: Mapping[str, Member]) -> None:
        """The hash over all others; a volume of a striped image has it over the one stream that it holds."""
        said = self._said.digests(urn, "blockMapHash")
        algorithm = next((name for name in _STRONG if name in said), None)
        if algorithm is None:
            return
        held = [stream for stream in self._streams.values() if any(True for _ in volume.bevies(stream.urn))]
        if len(held) != 1:
            self.block_map = self.block_map or "not checked"
            return
        whole = hashlib.new(algorithm)
        tables = [tables for name in _ORDER if (tables := list(_tables(held[0], name)))]
        for members in (*tables, *([(volume, part)] for part in parts.values())):
            digest = self._over(algorithm, members)
            if digest is None:
                self.block_map = self.block_map or "not checked"
                return
            whole.update(digest)
        matches = self._compare(whole.digest(), said[algorithm], "all tables of the image (block map hash)")
        self.block_map = "mismatch" if not matches or self.block_map == "mismatch" else "match"

    def _over(
        self, algorithm: str, members: Iterator[tuple[Volume, Member]] | list[tuple[Volume, Member]]
    ) -> bytes | None:
        """The digest over members one behind the other; None where they are too large, or damaged."""
        digest, done = hashlib.new(algorithm), 0
        for volume, member in members:
            done += member.size_bytes
            if done > CHECKED_MAX_BYTES:
                return None
            try:
                digest.update(volume.content(member))
            except BadMemberError as error:
                self.problems.append(f"{error}.")
                return None
        return digest.digest()

    def _compare(self, found: bytes | None, wanted: bytes, of_what: str) -> bool:
        if found is not None and found != wanted:
            self.problems.append(f"The stored hash of {of_what} is another one: they are not as they were written.")
            return False
        return True


def _tables(stream: ImageStream, name: str) -> Iterator[tuple[Volume, Member]]:
    for bevy in range(stream.bevies):
        found = stream.table(bevy, name)
        if found is None:
            return
        yield found
