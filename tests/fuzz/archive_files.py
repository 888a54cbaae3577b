"""Archives of every kind that is opened, with the same few members."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from pathlib import Path

import zstandard

from tests.evidence.filesystems import made_7z

_WHEN = (2021, 5, 4, 3, 2, 2)
_MEMBERS = {
    "readme.txt": b"text that packs well\n" * 200,
    "docs/letter.txt": "zażółć gęślą jaźń\n".encode() * 20,
    "docs/noise.bin": random.Random(8).randbytes(20_000),
    "empty": b"",
}


def made(path: Path, kind: str) -> Path:
    """Write an archive of one of :data:`KINDS`."""
    path.write_bytes(KINDS[kind]())
    return path


def _zip() -> bytes:
    target = io.BytesIO()
    methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    with zipfile.ZipFile(target, "w") as archive:
        for (name, content), method in zip(_MEMBERS.items(), methods, strict=True):
            archive.writestr(zipfile.ZipInfo(name, _WHEN), content, method)
        archive.writestr(zipfile.ZipInfo("inner.tar", _WHEN), _tar())
    return target.getvalue()


def _tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in _MEMBERS.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 1_600_000_000.25
            archive.addfile(member, io.BytesIO(content))
        for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "hard"), (tarfile.FIFOTYPE, "pipe")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "readme.txt"
            archive.addfile(member)
    return target.getvalue()


KINDS = {
    "zip": _zip,
    "tar": _tar,
    "tar.gz": lambda: gzip.compress(_tar(), mtime=0),
    "tar.bz2": lambda: bz2.compress(_tar()),
    "tar.xz": lambda: lzma.compress(_tar()),
    "tar.zst": lambda: zstandard.compress(_tar()),
    "7z": lambda: made_7z.archive(list(_MEMBERS), list(_MEMBERS.values())),
    "zip.gz": lambda: gzip.compress(_zip(), mtime=0),
}
"""What makes each of them, by the ending of its name."""
