"""Makes the images of the validation set and answers.json, in which outside tools alone say what is in them.

Run by developers from the project's folder: .venv/bin/python -m resources.validation.make_answers
Tools: apt-get install faketime dosfstools mtools e2fsprogs genisoimage qemu-utils ewf-tools sleuthkit hashdeep
Nothing of this program is imported: what it is to be judged by may not come from itself.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOOLS: tuple[str, ...] = (
    "fls",
    "icat",
    "mmls",
    "hashdeep",
    "ewfacquire",
    "ewfexport",
    "ewfverify",
    "qemu-img",
    "mkfs.fat",
    "mcopy",
)
TOOLS += ("mdel", "mke2fs", "genisoimage", "faketime")
CLOCK = "2026-03-09 06:40:00"
CONTENTS = {
    "letter.txt": b"To whom it may concern.\r\n" * 40,
    "ledger.csv": b"".join(b"2026-02-%02d;%d.00;EUR\n" % (day, day * 137) for day in range(1, 29)),
    "empty.dat": b"",
    "pattern.bin": bytes((number * 7 + number // 256) % 256 for number in range(40_000)),
    "gone.txt": b"This was deleted before the image was taken.\n" * 12,
    "gone.bin": bytes((number * 11 + 3) % 256 for number in range(9_000)),
}
DELETED = ("gone.txt", "gone.bin")
IMAGES = (
    ("../demo/demo.E01", "GPT with NTFS, FAT16 and ext4, in an EnCase image", "ewf"),
    ("fat12.E01", "FAT12 without a partition table, in an EnCase image", "ewf"),
    ("ext4.qcow2", "ext4 without a partition table, in a compressed QCOW2", "qcow2"),
    ("disc.iso", "ISO 9660 with Joliet, raw", "raw"),
)
DAMAGED = ("fat12-damaged.E01", "fat12.E01 with one bit of its media turned", "ewf")
_LINE = re.compile(r"^(?:r/[r-]|-/r) (\* )?(\S+?)(\(realloc\))?:\t(.*)$")
_PARTITION = re.compile(r"^\d+:\s+(?:\d+:)?\d+\s+(\d+)\s+\d+\s+(\d+)\s", re.M)


def main() -> int:
    """Makes everything anew; returns the exit status."""
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        print(f"Not found: {' '.join(missing)}. See the head of this file.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        _make_images(Path(folder))
        images = [_answers(*image, Path(folder)) for image in IMAGES]
    told = {
        "schema": "validation/1",
        "made_with": _versions(),
        "images": images,
        "damaged": {"name": DAMAGED[0], "what": DAMAGED[1], "judged_by": "ewfverify", "verifies": _verifies()},
    }
    made = (json.dumps(told, indent=1, ensure_ascii=True) + "\n").encode()
    (HERE / "answers.json").write_bytes(made)
    print(f"The program has to know this set: SHA-256 {hashlib.sha256(made).hexdigest()} of answers.json")
    return 0


def _make_images(work: Path) -> None:
    source = work / "source"
    source.mkdir()
    at = datetime.fromisoformat(CLOCK).replace(tzinfo=UTC).timestamp()
    for number, (name, content) in enumerate(CONTENTS.items()):
        (source / name).write_bytes(content)
        os.utime(source / name, (at - 86_400 * number,) * 2)
    floppy = work / "floppy.raw"
    _run("mkfs.fat", "-C", "-F", "12", "-i", "46413132", "--invariant", floppy, "1440")
    _run("mcopy", "-m", "-i", floppy, *(source / name for name in CONTENTS), "::")
    _run("mdel", "-i", floppy, *(f"::{name}" for name in DELETED))
    for name in ("fat12", "fat12-damaged"):
        (HERE / f"{name}.E01").unlink(missing_ok=True)
    _run(
        *("ewfacquire", "-u", "-q", "-c", "deflate:best", "-f", "encase6", "-C", "validation", "-D", "validation set"),
        *("-E", "fat12", "-e", "make_answers.py", "-N", "made by a script", "-d", "sha1", "-t", HERE / "fat12", floppy),
    )
    _damage(HERE / "fat12.E01", HERE / "fat12-damaged.E01")
    ext = work / "ext4.raw"
    _run(
        *("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-U", "4c4d3031-0417-4a2b-8c3d-6d6972656c76"),
        *("-d", source, ext, "2M"),
    )
    _run("debugfs", "-w", "-R", f"rm /{DELETED[0]}", ext)
    (HERE / "ext4.qcow2").unlink(missing_ok=True)
    _run("qemu-img", "convert", "-q", "-c", "-O", "qcow2", ext, HERE / "ext4.qcow2")
    kept = [f"{name}={source / name}" for name in CONTENTS if name not in DELETED]
    _run("genisoimage", "-quiet", "-J", "-V", "VALIDATION", "-o", HERE / "disc.iso", "-graft-points", *kept)


def _damage(image: Path, into: Path) -> None:
    """Turn a bit in the compressed data of the chunk that holds the start of the floppy's second 32 KiB."""
    data = bytearray(image.read_bytes())
    at = data.index(b"sectors\0") + 76 + 400
    data[at] ^= 0x10
    into.write_bytes(data)


def _answers(name: str, what: str, container: str, work: Path) -> dict[str, Any]:
    path = (HERE / name).resolve()
    raw = work / "media.raw"
    raw.unlink(missing_ok=True)
    if container == "ewf":
        _run("ewfexport", "-u", "-q", "-f", "raw", "-t", work / "media", path)
    elif container == "qcow2":
        _run("qemu-img", "convert", "-O", "raw", path, raw)
    else:
        shutil.copyfile(path, raw)
    table = subprocess.run(["mmls", raw], capture_output=True, text=True, check=False).stdout
    parts = [(int(start) * 512, int(count) * 512) for start, count in _PARTITION.findall(table)]
    size, digests = _hashdeep(raw)
    return {
        "name": name,
        "what": what,
        "container": container,
        "media_bytes": size,
        "digests": digests,
        "partitions": parts,
        "files": [file for start in ([at for at, _ in parts] or [0]) for file in _files(raw, start)],
    }


def _files(raw: Path, start_bytes: int) -> Iterator[dict[str, Any]]:
    """Regular files, deleted ones whose entries were not used again among them."""
    offset = str(start_bytes // (2048 if raw.read_bytes()[32769:32774] == b"CD001" else 512))
    modified = _modified(raw, offset)
    for line in _run("fls", "-r", "-p", "-o", offset, raw).splitlines():
        match = _LINE.match(line)
        if match is None or match[3] or match[4].startswith(("$", "OrphanFiles")) or "$Extend" in match[4]:
            continue
        content = raw.with_name("content")
        with content.open("wb") as file:
            subprocess.run(["icat", "-r", "-o", offset, str(raw), match[2]], stdout=file, check=True)
        size, digests = _hashdeep(content)
        yield {
            "volume_start": start_bytes,
            "path": f"/{match[4]}",
            "deleted": bool(match[1]),
            "size": size,
            "sha256": digests["sha256"],
            "modified_s": (modified[match[2]] or None) if ":" not in match[4] else None,
        }


def _modified(raw: Path, offset: str) -> dict[str, int]:
    """Seconds since 1970 by address, 0 where there is no time; times without a zone are taken as UTC."""
    rows = (line.split("|") for line in _run("fls", "-r", "-p", "-m", "/", "-o", offset, raw).splitlines())
    return {row[2]: int(row[8]) for row in rows}


def _hashdeep(path: Path) -> tuple[int, dict[str, str]]:
    line = _run("hashdeep", "-c", "md5,sha1,sha256", path).splitlines()[-1]
    size, md5, sha1, sha256, _ = line.split(",", 4)
    return int(size), {"md5": md5, "sha1": sha1, "sha256": sha256}


def _verifies() -> bool:
    done = subprocess.run(["ewfverify", "-q", str(HERE / DAMAGED[0])], capture_output=True, check=False)
    return done.returncode == 0


def _versions() -> dict[str, str]:
    return {
        "The Sleuth Kit": _run("fls", "-V").strip(),
        "hashdeep": _run("hashdeep", "-V").strip(),
        "libewf": _run("sh", "-c", "ewfexport -V 2>&1").splitlines()[0].strip(),
        "qemu-img": _run("qemu-img", "--version").splitlines()[0].strip(),
    }


def _run(*command: str | Path) -> str:
    words = (
        ["faketime", "-f", CLOCK, *map(str, command)] if command[0] != "ewfexport" else [str(one) for one in command]
    )
    path = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/sbin"))
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", "PATH": path}
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


if __name__ == "__main__":
    sys.exit(main())
