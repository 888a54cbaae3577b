"""Images made by the tools of the operating systems, and what outside tools say of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MTOOLS_SKIP_CHECK": "1",
}
_FLS = re.compile(r"^(?P<types>\S/\S) (?P<deleted>\* )?(?P<address>[\d-]+)(?P<realloc>\(realloc\))?:\t(?P<path>.*)$")


def need(*tools: str) -> None:
    """Skip the test where a tool is missing."""
    for tool in tools:
        if shutil.which(tool, path=ENVIRONMENT["PATH"]) is None:
            pytest.skip(f"{tool} is not installed")


def run(*command: str | Path, text: str | None = None) -> str:
    """Output of a tool; fails loudly."""
    done = subprocess.run(
        [str(part) for part in command], input=text, capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def blank(path: Path, size_bytes: int) -> Path:
    """A sparse file."""
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path


def source_tree(folder: Path) -> Path:
    """Files whose contents are known: small, large, empty, in folders, with a name beyond ASCII."""
    (folder / "docs" / "deep").mkdir(parents=True)
    (folder / "hello.txt").write_bytes(b"hello\n")
    (folder / "empty.bin").write_bytes(b"")
    (folder / "docs" / "large.bin").write_bytes(bytes(range(256)) * 2000)
    (folder / "docs" / "deep" / "zażółć gęślą jaźń.txt").write_text("jaźń\n", encoding="utf-8")
    (folder / "docs" / "gone.txt").write_bytes(b"gone" * 300)
    return folder


def ext(path: Path, folder: Path, kind: str = "ext4") -> Path:
    """An ext file system holding ``folder``, with one file deleted again and a symbolic link."""
    need(f"mkfs.{kind}", "debugfs")
    run(f"mkfs.{kind}", "-q", "-I", "256", "-L", "TESTEXT", "-d", folder, blank(path, 8 << 20))
    for request in ("symlink /link.txt docs/large.bin", "rm /docs/gone.txt", "sif /hello.txt mtime @1000000000"):
        run("debugfs", "-w", "-R", request, path)
    return path


def fat(path: Path, folder: Path, bits: int) -> Path:
    """A FAT file system holding ``folder``, with one file deleted again."""
    need("mkfs.vfat", "mcopy", "mdel")
    size = {12: 3 << 20, 16: 16 << 20, 32: 64 << 20}[bits]
    run("mkfs.vfat", "-F", str(bits), "-i", "1234ABCD", "-n", "TESTFAT", blank(path, size))
    run("mcopy", "-s", "-m", "-i", path, *sorted(folder.iterdir()), "::")
    run("mdel", "-i", path, "::docs/gone.txt")
    return path


def ntfs(path: Path, folder: Path, *options: str) -> Path:
    """An NTFS volume with all files of ``folder`` in its root; no driver is needed; ``options`` are of mkntfs."""
    need("mkntfs", "ntfscp")
    run(
        "mkntfs",
        "-q",
        "-F",
        "-Q",
        "-c",
        "4096",
        "-s",
        "512",
        "-p",
        "0",
        "-H",
        "0",
        "-S",
        "0",
        "-L",
        "TESTNTFS",
        *options,
        blank(path, 8 << 20),
    )
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            run("ntfscp", "-q", path, file, file.name)
    run("ntfscp", "-q", "-N", "secret", path, folder / "hello.txt", "hello.txt")
    return path


def fls(path: Path, *options: str) -> list[tuple[str, str, bool]]:
    """Path, address and whether deleted, of each line of ``fls -r -p`` of Debian's Sleuth Kit."""
    need("fls")
    found = []
    for line in run("fls", "-r", "-p", *options, path).splitlines():
        match = _FLS.match(line)
        assert match, line
        found.append((match["path"], match["address"], bool(match["deleted"])))
    return found


def mmls(path: Path, *options: str) -> list[tuple[int, int]]:
    """Start and length in bytes of each allocated line of ``mmls`` (sectors of 512 bytes, or as ``-b`` says)."""
    need("mmls")
    size = int(options[options.index("-b") + 1]) if "-b" in options else 512
    found = []
    for line in run("mmls", "-a", *options, path).splitlines():
        match = re.match(r"^\d{3}:\s+\S+\s+(\d{10})\s+\d{10}\s+(\d{10})", line)
        if match:
            found.append((int(match[1]) * size, int(match[2]) * size))
    return found
