"""exFAT, written here byte by byte from Microsoft's specification: no tool for it is in every system."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

from tests.evidence.documents import PlainImage, document

CLUSTER = 4096
HEAP = 64 * 512


def stamp(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    return (year - 1980) << 25 | month << 21 | day << 16 | hour << 11 | minute << 5 | second // 2


def file_set(name: str, cluster: int, valid: int, size: int, zone: int) -> bytes:
    """The entries of a contiguous file: 12:00:01.57 on 1 June 2022, changed at 12:00:03.99, read at 14:00:00."""
    created, modified, accessed = (stamp(2022, 6, 1, *clock) for clock in ((12, 0, 0), (12, 0, 2), (14, 0, 0)))
    stored = name.encode("utf-16-le")
    parts = [stored[at : at + 30] for at in range(0, len(stored), 30)]
    file = struct.pack(
        "<BBHHHIIIBBBBB7x", 0x85, 1 + len(parts), 0, 0x20, 0, created, modified, accessed, 157, 199, zone, zone, zone
    )
    stream = struct.pack("<BBBBHHQIIQ", 0xC0, 3, 0, len(stored) // 2, 0, 0, valid, 0, cluster, size)
    names = b"".join(b"\xc1\0" + part.ljust(30, b"\0") for part in parts)
    entries = bytearray(file + stream + names)
    checksum = 0
    for index, byte in enumerate(entries):
        if index not in (2, 3):
            checksum = ((checksum << 15 | checksum >> 1) + byte) & 0xFFFF
    struct.pack_into("<H", entries, 2, checksum)
    return bytes(entries)


def volume(path: Path, *files: bytes) -> Path:
    """4 MiB with a bitmap in cluster 2, an up-case table in 3, the root in 4, and 4096 times ``x`` from 5 on."""
    data = bytearray(4 << 20)
    data[:11] = b"\xebv\x90EXFAT   "
    struct.pack_into("<QQIIIIIIHHBBBBB", data, 64, 0, 8192, 24, 16, 64, 1016, 4, 0x1234ABCD, 0x100, 0, 9, 3, 1, 0x80, 0)
    data[510:512] = b"\x55\xaa"
    struct.pack_into("<6I", data, 24 * 512, 0xFFFFFFF8, 0xFFFFFFFF, *[0xFFFFFFFF] * 4)
    data[HEAP : HEAP + 1] = b"\x1f"
    label = b"\x83\x04" + "TEST".encode("utf-16-le").ljust(22, b"\0") + bytes(8)
    bitmap = struct.pack("<BB18xIQ", 0x81, 0, 2, 127)
    upcase = struct.pack("<B3xI12xIQ", 0x82, 0, 3, 256)
    root = label + bitmap + upcase + b"".join(files)
    data[HEAP + 2 * CLUSTER : HEAP + 2 * CLUSTER + len(root)] = root
    data[HEAP + 3 * CLUSTER : HEAP + 4 * CLUSTER] = b"x" * CLUSTER
    path.write_bytes(data)
    return path


def test_what_was_never_written_reads_as_zeros_and_not_as_old_data(tmp_path: Path) -> None:
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 100, 4096, 0), file_set("b.bin", 5, 4096, 4096, 0))
    rows = {row["path"]: row for row in document(PlainImage(path))["rows"]}
    assert rows["/a.bin"]["size_bytes"] == 4096
    assert rows["/a.bin"]["sha256"] == hashlib.sha256(b"x" * 100 + bytes(3996)).digest()
    assert "byte 100" in rows["/a.bin"]["note"]
    assert rows["/b.bin"]["sha256"] == hashlib.sha256(b"x" * 4096).digest()
    assert rows["/b.bin"]["note"] is None


def test_times_keep_hundredths_and_the_time_of_the_access(tmp_path: Path) -> None:
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 4096, 4096, 0))
    times = {f["path"]: f["times"] for f in document(PlainImage(path), hash_files=False)["files"]}["/a.bin"]
    assert times["created"]["utc"] == "2022-06-01T12:00:01.570000000Z"
    assert times["modified"]["utc"] == "2022-06-01T12:00:03.990000000Z"
    assert times["accessed"]["utc"] == "2022-06-01T14:00:00.000000000Z"


def test_the_zone_that_the_entries_record_is_said(tmp_path: Path) -> None:
    east, west = 0x80 | 12, 0x80 | (128 - 20) & 0x7F
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 9, 9, east), file_set("b.bin", 5, 9, 9, west))
    words = " ".join(problem.what for problem in document(PlainImage(path), hash_files=False)["warnings"])
    assert "UTC+03:00" in words
    assert "UTC-05:00" in words


def test_label_serial_and_cluster_are_told(tmp_path: Path) -> None:
    (found,) = document(PlainImage(volume(tmp_path / "x.raw")), hash_files=False)["volumes"]
    system = found["file_system"]
    assert (system["type"], system["label"], system["serial"], system["block_bytes"]) == (
        "exfat",
        "TEST",
        "1234-ABCD",
        CLUSTER,
    )


def test_an_entry_tells_its_times_in_utc_by_its_own_zone(tmp_path: Path) -> None:
    east, west = 0x80 | 12, 0x80 | (128 - 20) & 0x7F
    files = (file_set("a.bin", 5, 9, 9, east), file_set("b.bin", 5, 9, 9, west), file_set("c.bin", 5, 9, 9, 12))
    found = document(PlainImage(volume(tmp_path / "x.raw", *files)), hash_files=False)
    notes = {row["path"]: row["note"] for row in found["rows"]}
    assert notes["/a.bin"] == (
        "in UTC, by the zone recorded in its entry: modified 2022-06-01T09:00:03.990000000Z (UTC+03:00), "
        "accessed 2022-06-01T11:00:00.000000000Z (UTC+03:00), created 2022-06-01T09:00:01.570000000Z (UTC+03:00)"
    )
    assert "created 2022-06-01T17:00:01.570000000Z (UTC-05:00)" in notes["/b.bin"]
    assert notes["/c.bin"] is None
    assert {rule.basis for rule in found["rules"].values()} == {"local"}
