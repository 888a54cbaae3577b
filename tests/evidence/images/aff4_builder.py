"""Writes AFF4 images from the published standard, apart from the reader: chunks, maps, hashes, description, ZIP.

Source: "AFF4 Standard v1.0", https://github.com/aff4/Standard.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import cramjam

VOLUME, IMAGE, MAP, STREAM = (f"aff4://{number}0000000-0000-4000-8000-000000000000" for number in range(1, 5))
CHUNK = 4096
ZERO, UNKNOWN, UNREADABLE = (f"http://aff4.org/Schema#{name}" for name in ("Zero", "UnknownData", "UnreadableData"))
PREFIXES = """@prefix : <{volume}> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix aff4: <http://aff4.org/Schema#> .
"""


def _bare_deflate(chunk: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(chunk) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "stored": ("", bytes),
    "snappy": ("http://code.google.com/p/snappy/", lambda chunk: bytes(cramjam.snappy.compress_raw(chunk))),
    "lz4": ("https://code.google.com/p/lz4/", lambda chunk: bytes(cramjam.lz4.compress_block(chunk, store_size=False))),
    "lz4 with its length": ("https://code.google.com/p/lz4/", lambda chunk: bytes(cramjam.lz4.compress_block(chunk))),
    "deflate": ("https://tools.ietf.org/html/rfc1951", _bare_deflate),
    "zlib": ("https://www.ietf.org/rfc/rfc1950.txt", zlib.compress),
}


def sha512(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()


def line(start: int, length: int, place: int, stream: int) -> bytes:
    return struct.pack("<QQQI", start, length, place, stream)


@dataclass
class Volume4:
    """One ZIP in the making: its members, and its description."""

    urn: str = VOLUME
    members: dict[str, bytes] = field(default_factory=dict)
    text: str = ""

    def say(self, subject: str, types: str, **properties: str) -> None:
        """Add what is said of an object; properties are written as they are given."""
        lines = "".join(f" ;\n    aff4:{name} {value}" for name, value in properties.items())
        self.text += f"<{subject}> a {types}{lines} .\n\n"

    def add(self, urn: str, data: bytes) -> None:
        """Add a member for an address."""
        scheme, _, rest = urn.partition("://")
        first, _, path = rest.partition("/")
        self.members[quote(f"{scheme}://{first}", safe="") + "/" + path] = data

    def add_stream(
        self,
        media: bytes,
        urn: str = STREAM,
        packing: str = "snappy",
        *,
        bevy_chunks: int = 4,
        hashes: Sequence[str] = ("md5", "sha1"),
        filled_up: bool = True,
    ) -> bytes:
        """Add chunks with their indexes and block hashes; give the digests of these, for the hash over all."""
        method, pack = PACKERS[packing]
        chunks = [media[start : start + CHUNK] for start in range(0, len(media), CHUNK)]
        chunks[-1] = chunks[-1].ljust(CHUNK, b"\0") if filled_up else chunks[-1]
        indexes, over = b"", dict.fromkeys(hashes, b"")
        for bevy, first in enumerate(range(0, len(chunks), bevy_chunks)):
            data, index = b"", b""
            some = chunks[first : first + bevy_chunks]
            for chunk in some:
                packed = pack(chunk)
                stored = packed if len(packed) < CHUNK - 16 else chunk
                index += struct.pack("<QI", len(data), len(stored))
                data += stored
            self.add(f"{urn}/{bevy:08d}", data)
            for name in hashes:
                over[name] += (found := b"".join(hashlib.new(name, chunk).digest() for chunk in some))
                self.add(f"{urn}/{bevy:08d}.blockHash.{name}", found)
            self.add(f"{urn}/{bevy:08d}.index", index)
            indexes += index
        more = {"compressionMethod": f"<{method}>"} if method else {}
        self.say(
            urn, "aff4:ImageStream", chunkSize=f'"{CHUNK}"^^xsd:int', chunksInSegment=f'"{bevy_chunks}"^^xsd:int',
            size=f'"{len(media)}"^^xsd:long', stored="<" + self.urn + ">",
            imageStreamIndexHash=f'"{sha512(indexes)}"^^aff4:SHA512', **more,
        )  # fmt: skip
        for name, data in over.items():
            self.say(f"{urn}/blockhash.{name}", "aff4:BlockHashes", hash=f'"{sha512(data)}"^^aff4:SHA512')
        return b"".join(hashlib.sha512(over[name]).digest() for name in hashes)

    def add_map(
        self,
        size: int,
        lines: Sequence[bytes],
        streams: Sequence[str],
        *,
        over: bytes = b"",
        gaps: str = "aff4:Zero",
        urn: str = MAP,
    ) -> None:
        """Add a map, with its hashes and the one over all tables."""
        points, names = b"".join(lines), "\n".join(streams).encode() + b"\n"
        self.add(f"{urn}/map", points)
        self.add(f"{urn}/idx", names)
        whole = over + hashlib.sha512(points).digest() + hashlib.sha512(names).digest()
        self.say(
            urn, "aff4:Map", size=f'"{size}"^^xsd:long', mapGapDefaultStream=gaps,
            dependentStream=", ".join(f"<{name}>" for name in streams if name.startswith("aff4://")) or "aff4:Zero",
            mapPointHash=f'"{sha512(points)}"^^aff4:SHA512', mapIdxHash=f'"{sha512(names)}"^^aff4:SHA512',
            mapHash=f'"{sha512(points + names)}"^^aff4:SHA512', blockMapHash=f'"{sha512(whole)}"^^aff4:SHA512',
        )  # fmt: skip

    def add_image(self, media: bytes, stream: str = MAP, **properties: str) -> None:
        """Add the object of a disk, its linear digests and its case."""
        self.say(
            IMAGE, "aff4:DiskImage, aff4:ContiguousImage, aff4:Image", dataStream=f"<{stream}>",
            size=f'"{len(media)}"^^xsd:long', blockSize='"512"^^xsd:int', diskModel='"ST-506"',
            hash=f'"{hashlib.sha1(media).hexdigest()}"^^aff4:SHA1, "{hashlib.md5(media).hexdigest()}"^^aff4:MD5',
            **properties,
        )  # fmt: skip
        self.say("aff4://5", "aff4:CaseNotes", caseNumber='"case \\"7\\""', examiner='"N. Jashi"', target=f"<{IMAGE}>")

    def write(self, path: Path, version: str = "major=1\nminor=0\ntool=a test\n") -> Path:
        """Write the ZIP."""
        first = {"container.description": self.urn.encode(), "version.txt": version.encode()}
        last = {"information.turtle": (PREFIXES.format(volume=self.urn) + self.text).encode()}
        return zipped(path, {**first, **self.members, **last}, self.urn.encode())


def zipped(path: Path, members: Mapping[str, bytes], comment: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = comment
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED if name == "information.turtle" else zipfile.ZIP_STORED
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(data)
    return path
