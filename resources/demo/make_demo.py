"""Makes resources/demo/demo.E01, expected.json and the exhibit photographs.

Run by developers, as root (ntfs-3g mounts), from the project's folder: .venv/bin/python -m resources.demo.make_demo
Tools: apt-get install faketime ntfs-3g fuse3 dosfstools mtools e2fsprogs fdisk ewf-tools
What is deleted by the story is deleted in the file systems and stays in expected.json, with `deleted` true.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from resources.demo.recipe import story, volumes
from resources.demo.recipe.story import Item

HERE = Path(__file__).parent
MIB = 1024 * 1024
SECTOR_BYTES = 512
DISK_BYTES = 66 * MIB
PARTITIONS = (
    ("ntfs", 1 * MIB, 32 * MIB, "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "Basic data partition"),
    ("fat", 33 * MIB, 16 * MIB, "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "Transfer"),
    ("ext4", 49 * MIB, 16 * MIB, "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "Linux data"),
)
DISK_ID = "4C4D3031-0417-4A2B-8C3D-6D6972656C00"
ACQUIRED_AT = datetime(2026, 3, 9, 6, 40, tzinfo=UTC)
ACQUISITION = {
    "-C": "2026-0031",
    "-D": "Drive of the laptop LM/01, write blocker WB-07",
    "-E": "LM/01.1",
    "-e": "A. Teral",
    "-N": "Made by a script for demonstration. No real person or company is in it.",
}


def main() -> int:
    """Makes everything anew; returns the exit status."""
    missing = [name for name in volumes.TOOLS if shutil.which(name) is None]
    missing += [] if volumes.stopped_clock() else ["libfaketime"]
    if missing:
        print(f"Not found: {' '.join(missing)}. See the head of this file.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        items = list(story.items(work))
        disk = _disk(items, work)
        _acquire(disk, work)
        expected = _expected(items, disk)
    text = json.dumps(expected, indent=1, ensure_ascii=False).replace("\u202e", "\\u202e") + "\n"
    (HERE / "expected.json").write_text(text, encoding="utf-8")
    for name, content in story.exhibit_photographs().items():
        (HERE / name).write_bytes(content)
    return 0


def _disk(items: Sequence[Item], work: Path) -> Path:
    disk = work / "disk.raw"
    with disk.open("wb") as file:
        file.truncate(DISK_BYTES)
    volumes.tool(["sfdisk", "--quiet", disk], stdin=_partition_table())
    for name, start_bytes, length_bytes, _, _ in PARTITIONS:
        image = work / f"{name}.raw"
        with image.open("wb") as file:
            file.truncate(length_bytes)
        files = [item for item in items if item.volume == name]
        if name == "ntfs":
            volumes.write_ntfs(image, files, work / "mounted")
        elif name == "fat":
            volumes.write_fat(image, files, work)
        else:
            volumes.write_ext4(image, files, work)
        with disk.open("r+b") as file:
            file.seek(start_bytes)
            file.write(image.read_bytes())
    return disk


def _partition_table() -> str:
    lines = ["label: gpt", f"label-id: {DISK_ID}", f"sector-size: {SECTOR_BYTES}"]
    for number, (_, start_bytes, length_bytes, kind, name) in enumerate(PARTITIONS, start=1):
        start, size = start_bytes // SECTOR_BYTES, length_bytes // SECTOR_BYTES
        unique = f"{DISK_ID[:-2]}{number:02}"
        lines.append(f'start={start}, size={size}, type={kind}, uuid={unique}, name="{name}"')
    return "\n".join(lines) + "\n"


def _acquire(disk: Path, work: Path) -> None:
    told = [word for pair in ACQUISITION.items() for word in pair]
    how = ["-f", "encase6", "-c", "best", "-b", "64", "-S", "1GiB", "-m", "fixed", "-M", "physical", "-d", "sha1"]
    target = work / "demo"
    command: list[str | Path] = [
        "ewfacquire",
        "-u",
        "-q",
        "-t",
        target,
        *how,
        *told,
        "-B",
        str(DISK_BYTES),
        "-o",
        "0",
        disk,
    ]
    volumes.tool(command, clock=ACQUIRED_AT)
    shutil.copy(target.with_suffix(".E01"), HERE / "demo.E01")


def _expected(items: Sequence[Item], disk: Path) -> dict[str, object]:
    media = disk.read_bytes()
    return {
        "made_by": "resources/demo/make_demo.py, from what it put in",
        "media": {
            "bytes": len(media),
            **{name: hashlib.new(name, media).hexdigest() for name in ("md5", "sha1", "sha256")},
        },
        "sector_bytes": SECTOR_BYTES,
        "acquisition": {
            "case_number": ACQUISITION["-C"],
            "evidence_number": ACQUISITION["-E"],
            "examiner": ACQUISITION["-e"],
        },
        "partitions": [
            {"volume": name, "start_bytes": start, "length_bytes": length, "name": label}
            for name, start, length, _, label in PARTITIONS
        ],
        "files": [
            {
                "volume": item.volume,
                "path": (item.left_as or item.path) + (f":{item.stream}" if item.stream else ""),
                "size_bytes": len(item.content),
                "md5": hashlib.md5(item.content).hexdigest(),
                "sha256": hashlib.sha256(item.content).hexdigest(),
                "modified_utc": item.modified.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "deleted": item.deleted,
            }
            for item in items
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
