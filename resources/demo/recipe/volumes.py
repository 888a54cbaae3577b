"""Writes the story's files into file systems with the usual tools, then deletes what the story deletes.

The clock is stopped (libfaketime) and every number a tool would draw is given, so that the same tools write the same
bytes. NTFS is written through ntfs-3g (FUSE, so as root), FAT with mtools, ext4 with debugfs: no loop device is needed.
"""

import os
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from resources.demo.recipe.story import LOCAL, Item

CLOCK = datetime(2026, 2, 25, 18, 59, 30, tzinfo=UTC)
OWNER_ZONE = "<+04>-4"
FILETIME_EPOCH_S = 11_644_473_600
EXT4_UUID = "4c4d3031-0417-4a2b-8c3d-6d6972656c31"
TOOLS = (
    *("mkntfs", "ntfs-3g", "fusermount", "mkfs.fat", "mmd", "mcopy", "mdel"),
    *("mke2fs", "debugfs", "e2fsck", "sfdisk", "ewfacquire"),
)


def tool(
    command: Sequence[str | Path], *, stdin: str | None = None, local: bool = False, clock: datetime = CLOCK
) -> str:
    """Runs a tool with the clock stopped, `local` in the zone of the laptop's owner; returns what it printed.

    Raises:
        RuntimeError: the tool failed; the message holds what it printed.
    """
    shown = clock.astimezone(LOCAL) if local else clock
    environment = {
        **os.environ,
        "E2FSPROGS_FAKE_TIME": str(int(CLOCK.timestamp())),
        "FAKETIME": shown.strftime("%Y-%m-%d %H:%M:%S"),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "LC_ALL": "C.UTF-8",
        "LD_PRELOAD": str(stopped_clock()),
        "MTOOLS_SKIP_CHECK": "1",
        "TZ": OWNER_ZONE if local else "UTC",
    }
    words = [str(part) for part in command]
    done = subprocess.run(
        words, input=stdin, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def stopped_clock() -> Path | None:
    """The library that stops the clock for a tool; the wrapper `faketime` would wait for a mounted driver to end."""
    return next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


def write_ntfs(image: Path, files: Sequence[Item], mount_point: Path) -> None:
    """Makes an NTFS file system in `image`, writes the files, their streams and their times, then deletes.

    A folder that is left empty is deleted with its last file.
    """
    tool(["mkntfs", "--force", "--fast", "--quiet", "--label", "System", "--cluster-size", "4096", image])
    with _mounted(image, mount_point):
        for item in files:
            place = mount_point / item.path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            target = place if item.stream is None else place.with_name(f"{place.name}:{item.stream}")
            target.write_bytes(item.content)
        for item in files:
            times = struct.pack("<3Q", *map(_filetime, (item.created, item.modified, item.modified)))
            os.setxattr(mount_point / item.path.lstrip("/"), "system.ntfs_times", times)
    with _mounted(image, mount_point):
        for item in files:
            if item.deleted:
                gone = mount_point / item.path.lstrip("/")
                gone.unlink()
                if not any(gone.parent.iterdir()):
                    gone.parent.rmdir()


def write_fat(image: Path, files: Sequence[Item], work: Path) -> None:
    """Makes a FAT16 file system in `image` and writes the files; its stamps are in the owner's local time."""
    tool(["mkfs.fat", "-F", "16", "-s", "2", "-i", "4C4D0417", "-n", "TRANSFER", image], local=True)
    for folder in _folders(files):
        tool(["mmd", "-i", image, f"::{folder}"], local=True)
    for item in files:
        source = _source(item, work)
        tool(["mcopy", "-m", "-i", image, source, f"::{item.path}"], local=True)
    for item in files:
        if item.deleted:
            tool(["mdel", "-i", image, f"::{item.path}"], local=True)


def write_ext4(image: Path, files: Sequence[Item], work: Path) -> None:
    """Makes an ext4 file system in `image`, writes the files, a link and the times, then deletes."""
    options = f"hash_seed={EXT4_UUID},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0"
    sizes = ["-b", "1024", "-N", "1024", "-J", "size=1", "-m", "0"]
    tool(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "lm-home", "-U", EXT4_UUID, "-E", options, *sizes, image])
    script = [f'mkdir "{folder}"' for folder in _folders(files)]
    for item in files:
        script.append(f'write "{_source(item, work)}" "{item.path}"')
        values = dict.fromkeys(("atime", "mtime", "ctime", "crtime"), f"@{int(item.modified.timestamp())}")
        values |= {"uid": "1000", "gid": "1000"}
        script += [f'set_inode_field "{item.path}" {field} {value}' for field, value in values.items()]
    script.append('symlink "/home/lm/latest" "mail/0018.eml"')
    debugfs(image, script)
    debugfs(image, [f'rm "{item.path}"' for item in files if item.deleted])
    tool(["e2fsck", "-f", "-n", image])


def debugfs(image: Path, script: Sequence[str]) -> None:
    """Runs debugfs commands; it says what went wrong only in its output.

    Raises:
        RuntimeError: a command was not carried out.
    """
    said = tool(["debugfs", "-w", "-f", "-", image], stdin="\n".join(script) + "\n")
    wrong = [line for line in said.splitlines() if line.strip() and not line.startswith(("debugfs", "Allocated inode"))]
    if wrong:
        raise RuntimeError("debugfs: " + "\n".join(wrong))


@contextmanager
def _mounted(image: Path, mount_point: Path) -> Iterator[None]:
    mount_point.mkdir(exist_ok=True)
    tool(["ntfs-3g", image, mount_point, "-o", "streams_interface=windows,noatime"])
    try:
        yield
    finally:
        subprocess.run(["fusermount", "-u", str(mount_point)], check=True)
        _wait_until_released(image)


def _wait_until_released(image: Path) -> None:
    """The driver writes the rest after the unmount has returned; waits until no process holds the image."""
    for _ in range(100):
        if not any(_holds(process, image) for process in Path("/proc").glob("[0-9]*")):
            return
        time.sleep(0.1)
    raise RuntimeError(f"ntfs-3g still holds {image}")


def _holds(process: Path, image: Path) -> bool:
    try:
        return any(link.readlink() == image for link in (process / "fd").iterdir())
    except OSError:
        return False


def _folders(files: Sequence[Item]) -> list[str]:
    found = {str(parent) for item in files for parent in PurePosixPath(item.path).parents}
    return sorted(found - {"/"})


def _source(item: Item, work: Path) -> Path:
    place = work / "source" / item.volume / item.path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(item.content)
    stamp = item.modified.timestamp()
    os.utime(place, (stamp, stamp))
    return place


def _filetime(when: datetime) -> int:
    return (int(when.timestamp()) + FILETIME_EPOCH_S) * 10_000_000
