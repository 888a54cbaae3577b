"""A folder that describes devices as Linux does in /sys, /proc and /run."""

from __future__ import annotations

from pathlib import Path

from evidence.acquisition.identity import System

GIB = 1 << 30


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() + b"\n" if isinstance(text, str) else text)


def add_disk(root: Path, name: str, number: str, place: str, size_bytes: int, **more: str) -> Path:
    """A disk below ``/sys/devices``, with its link in ``/sys/block``; ``a__b`` of ``more`` is a file in a folder."""
    folder = root / "sys/devices" / place / "block" / name
    for key, value in {"dev": number, "size": str(size_bytes // 512), "ro": "0", "removable": "0", **more}.items():
        write(folder / key.replace("__", "/"), value)
    (root / "sys/block").mkdir(parents=True, exist_ok=True)
    (root / "sys/block" / name).symlink_to(folder)
    write(root / "dev" / name, "")
    return folder


def add_partition(root: Path, disk: Path, name: str, number: str, start: int, size_bytes: int) -> Path:
    folder = disk / name
    sizes = {"size": str(size_bytes // 512), "start": str(start // 512)}
    for key, value in {"dev": number, "partition": name[-1], "ro": "0", **sizes}.items():
        write(folder / key, value)
    write(root / "dev" / name, "")
    return folder


def made_system(root: Path) -> System:
    """A stick with two partitions, the computer's own disk with an encrypted volume in use, and what is no evidence."""
    own = add_disk(
        root, "nvme0n1", "259:0", "pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1", 512 * GIB,
        device__model="Samsung SSD 990 PRO", device__serial="S6Z2NJ0W", device__firmware_rev="4B2QJXD7",
        wwid="eui.0025384b31b2c3d4", queue__rotational="0",
    )  # fmt: skip
    add_partition(root, own, "nvme0n1p1", "259:1", 1 << 20, GIB)
    crypt = add_partition(root, own, "nvme0n1p2", "259:2", GIB + (1 << 20), 510 * GIB)
    mapped = add_disk(root, "dm-0", "253:0", "virtual", 510 * GIB, dm__name="vault")
    (crypt / "holders").mkdir()
    (crypt / "holders/dm-0").symlink_to(mapped)
    stick = add_disk(
        root, "sdb", "8:16", "pci0000:00/0000:00:14.0/usb2/2-1/host6/target6:0:0/6:0:0:0", 32 * GIB, ro="1",
        removable="1", device__vendor="SanDisk", device__model="Ultra Fit", device__rev="1.00",
        queue__logical_block_size="512", queue__physical_block_size="4096", queue__rotational="1",
    )  # fmt: skip
    add_partition(root, stick, "sdb2", "8:18", 17 * GIB, 15 * GIB)
    add_partition(root, stick, "sdb1", "8:17", 1 << 20, 16 * GIB)
    write(root / "run/udev/data/b8:16", "I:1\nE:ID_SERIAL_SHORT=4C530001240513\nE:ID_WWN=0x5001\n")
    add_disk(root, "zram0", "252:0", "virtual", 8 * GIB)
    add_disk(root, "loop0", "7:0", "virtual", 0)
    add_disk(root, "loop10", "7:10", "virtual", 4 * GIB, loop__backing_file="/home/ana/old disk.img")
    add_disk(root, "loop9", "7:9", "virtual", 4 * GIB, ro="1")
    write(
        root / "proc/self/mountinfo",
        "22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vault rw\n"
        "31 22 8:17 / /media/ana/OLD\\040STICK ro,nosuid - vfat /dev/sdb1 ro\n",
    )
    return System(root=root)
