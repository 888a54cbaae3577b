"""Makes the large images that benchmarks read, once, in a cache folder outside the repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_HEADS = (
    ("txt", b""),
    ("json", b'{"id": '),
    ("jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"),
    ("png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
    ("pdf", b"%PDF-1.4\n"),
    ("sqlite", b"SQLite format 3\x00"),
    ("zip", b"PK\x03\x04"),
    ("exe", b"MZ\x90\x00"),
    ("html", b"<!DOCTYPE html><html>"),
    ("log", b"2023-11-14T22:13:20Z "),
)
_LARGEST_BYTES = 9000
_FIRST_TIME_S = 1_577_836_800


def cache_folder() -> Path:
    """Where benchmarks keep what is dear to make: ``FORENSICS_BENCH_CACHE``, or a folder for temporary files."""
    folder = Path(os.environ.get("FORENSICS_BENCH_CACHE", Path(tempfile.gettempdir()) / "forensics-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ext4_image(files: int = 100_000, folders: int = 2_000) -> Path:
    """A raw ext4 file system with that many small files; made on first use (needs e2fsprogs).

    The content is the same every time: texts, and pseudo-random bytes behind the signatures of common types.
    """
    target = cache_folder() / f"ext4-{files}.raw"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        tree, image = Path(scratch) / "tree", Path(scratch) / "image"
        _fill(tree, files, folders)
        size_mib = 64 + files * 8 // 1000
        command = [
            shutil.which("mke2fs") or "/sbin/mke2fs",
            "-q",
            "-F",
            "-t",
            "ext4",
            "-b",
            "4096",
            "-m",
            "0",
            "-L",
            "BIGEXT4",
        ]
        command += ["-N", str(files + folders + 2000), "-d", str(tree), str(image), f"{size_mib}M"]
        subprocess.run(command, check=True)
        image.rename(target)
    return target


def e01_image(files: int = 100_000) -> Path:
    """The ext4 image in an E01 of ``ewfacquire``, packed fast; made on first use.

    Raises:
        OSError: A tool is missing.
        subprocess.CalledProcessError: A tool failed.
    """
    target = cache_folder() / f"ext4-{files}.E01"
    if target.exists():
        return target
    raw = ext4_image(files)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        options = ("-f", "encase6", "-c", "fast", "-b", "64", "-S", "4G", "-d", "sha1")
        command = ["ewfacquire", "-u", "-q", *options, "-t", str(Path(scratch) / "image"), str(raw)]
        subprocess.run(command, check=True, capture_output=True)
        (Path(scratch) / "image.E01").rename(target)
    return target


def ntfs_image(files: int = 100_000, folders: int = 2_000) -> Path:
    """A raw NTFS file system with the same files; made on first use through ntfs-3g, as root and with FUSE.

    Raises:
        OSError: A tool is missing.
        subprocess.CalledProcessError: A tool failed, as ntfs-3g does where nothing may be mounted.
    """
    target = cache_folder() / f"ntfs-{files}-by-folder.raw"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        tree, image = Path(scratch) / "mounted", Path(scratch) / "image"
        tree.mkdir()
        with image.open("wb") as file:
            file.truncate((96 + files * 12 // 1000) << 20)
        subprocess.run(["mkntfs", "-q", "-F", "-Q", "-L", "BIGNTFS", str(image)], check=True, capture_output=True)
        subprocess.run(["ntfs-3g", str(image), str(tree)], check=True, capture_output=True)
        try:
            _fill(tree, files, folders)
        finally:
            subprocess.run(["umount", str(tree)], check=True, capture_output=True)
        image.rename(target)
    return target


def _fill(root: Path, files: int, folders: int) -> None:
    """Folder by folder, as files are copied to a disk: their records lie together."""
    for number in sorted(range(files), key=lambda number: number % folders):
        folder = root / f"user{number % folders % 20:02d}" / f"dir{number % folders:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        extension, head = _HEADS[number % len(_HEADS)]
        path = folder / f"file{number:06d}.{extension}"
        path.write_bytes(_content(number, extension, head))
        modified_s = _FIRST_TIME_S + (number * 7919) % 120_000_000
        os.utime(path, (modified_s + 60, modified_s))


def _content(number: int, extension: str, head: bytes) -> bytes:
    random = hashlib.sha256(b"size%d" % number).digest()
    size_bytes = int.from_bytes(random[:4], "big") % _LARGEST_BYTES if number % 97 else 0
    if number % 1000 == 7:
        size_bytes = _LARGEST_BYTES * 8
    if extension in ("txt", "json", "html", "log"):
        body = b"The quick brown fox %d jumps over the lazy dog.\n" % number * (size_bytes // 30 + 1)
    else:
        body = hashlib.shake_128(b"%d" % (number % 500 if number % 50 == 3 else number)).digest(size_bytes)
    return (head + body)[:size_bytes]
