"""Entries of FAT and exFAT that The Sleuth Kit takes for none, made by mtools and changed byte by byte."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.fat_chains import Clusters
from evidence.filesystems.fat_directories import Directories
from evidence.filesystems.reading import FileReader
from evidence.volumes.base import Volume, Window
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.test_exfat import file_set, volume
from tests.evidence.made_images import blank, fls, need, run

BITS = pytest.mark.parametrize("bits", [12, 16, 32])
SIZES = {12: 1440 << 10, 16: 16 << 20, 32: 64 << 20}
LONG = "x" * 240 + "0123456789.txt!"
STRANGE = {
    b"ABXCDEF TXT": (b"AB CDEF TXT", "/AB CDEF.TXT", "blank"),
    b"QUESTIO TXT": (b"QUEST?O TXT", "/QUEST?O.TXT", "none may hold"),
    b"SLASHXX TXT": (b"SLASH/X TXT", "/SLASH^X.TXT", "none may hold"),
    b"CONTROL TXT": (b"CONT\x01OL TXT", "/CONT^OL.TXT", "control character"),
    b"ALLBLANKTXT": (b" " * 11, "/" + " " * 11, "all blanks"),
}


def content_of(name: bytes) -> bytes:
    """Several clusters of text that no other file holds."""
    return (name.lower() + b" is in this line\n") * 500


def made(folder: Path, bits: int) -> bytearray:
    """A volume with a file for each of the strange names, and one below two folders."""
    need("mkfs.vfat", "mcopy", "mmd")
    path = folder / "made.raw"
    run("mkfs.vfat", "-F", str(bits), "-s", "1", blank(path, SIZES[bits]))
    run("mmd", "-i", path, "::FOLDER", "::FOLDER/BELOW")
    for name in (*STRANGE, b"NOCLUST TXT", b"INBELOW TXT", b"USUAL   TXT"):
        file = folder / "file"
        file.write_bytes(content_of(name))
        above = "FOLDER/BELOW/" if name.startswith(b"INB") else ""
        run("mcopy", "-i", path, file, f"::{above}{name[:8].decode().strip()}.TXT")
    (folder / "empty").write_bytes(b"")
    run("mcopy", "-i", path, folder / "empty", "::NOTIMES.TXT")
    return bytearray(path.read_bytes())


def rows_of(data: bytes, path: Path) -> dict[str, dict[str, Any]]:
    path.write_bytes(data)
    return {row["path"]: row for row in document(PlainImage(path))["rows"]}


@BITS
def test_names_that_no_system_writes_are_listed_with_their_content(bits: int, tmp_path: Path) -> None:
    data = made(tmp_path, bits)
    for name, (strange, _, _) in STRANGE.items():
        assert data.count(name) == 1
        data[:] = data.replace(name, strange)
    path = tmp_path / "changed.raw"
    rows = rows_of(data, path)
    listed_by_fls = {one for one, _, _ in fls(path)}
    for name, (strange, where, why) in STRANGE.items():
        row = rows[where]
        assert row["sha256"] == hashlib.sha256(content_of(name)).digest()
        assert row["allocated"]
        assert why in row["note"]
        assert row["name_bytes"] in (None, strange[:8].rstrip() + b"." + strange[8:])
        assert where[1:] not in listed_by_fls
        assert struct.unpack_from("<I", data, data.index(strange) + 28)[0] == row["size_bytes"]
    assert rows["/USUAL.TXT"]["note"] is None


@BITS
def test_a_content_of_such_a_name_is_found_again_by_its_address_with_its_place_on_the_volume(
    bits: int, tmp_path: Path
) -> None:
    data = made(tmp_path, bits)
    data[:] = data.replace(b"ABXCDEF TXT", b"AB CDEF TXT")
    path = tmp_path / "changed.raw"
    path.write_bytes(data)
    image = PlainImage(path)
    row = next(row for row in document(image)["rows"] if row["name"] == "AB CDEF.TXT")
    volumes = [one for one in examine(image, hash_files=False) if isinstance(one, Volume)][-1:]
    reader = FileReader(image)
    content, wanted = reader.content(volumes, row["address"]), content_of(b"ABXCDEF TXT")
    assert content.read(0, len(wanted) + 9) == wanted
    for place, at, length in content.stretches(0, len(wanted)):
        assert data[at : at + length] == wanted[place : place + length]
    slack = reader.slack(volumes, row["address"])
    assert slack.size_bytes == -len(wanted) % 512
    assert reader.place(volumes, row["address"], 700) == data.index(wanted) + 700


@BITS
def test_a_folder_with_such_a_name_is_entered(bits: int, tmp_path: Path) -> None:
    data = made(tmp_path, bits)
    data[:] = data.replace(b"FOLDER     ", b"FO DER     ")
    rows = rows_of(data, tmp_path / "changed.raw")
    assert rows["/FO DER"]["kind"] == rows["/FO DER/BELOW"]["kind"] == "directory"
    assert rows["/FO DER"]["size_bytes"] == rows["/FO DER/BELOW"]["size_bytes"] == 512
    assert rows["/FO DER/BELOW/INBELOW.TXT"]["sha256"] == hashlib.sha256(content_of(b"INBELOW TXT")).digest()
    assert rows["/FO DER/BELOW/INBELOW.TXT"]["note"] is None


@BITS
def test_an_entry_with_a_size_and_no_cluster_and_one_of_zeros_are_listed(bits: int, tmp_path: Path) -> None:
    data = made(tmp_path, bits)
    at = data.index(b"NOCLUST TXT")
    data[at + 20 : at + 22] = data[at + 26 : at + 28] = bytes(2)
    empty = data.index(b"NOTIMES TXT")
    data[empty + 12 : empty + 32] = bytes(20)
    rows = rows_of(data, tmp_path / "changed.raw")
    lost = rows["/NOCLUST.TXT"]
    assert lost["size_bytes"] == len(content_of(b"NOCLUST TXT"))
    assert lost["sha256"] is None
    assert "names no cluster" in lost["note"]
    assert (rows["/NOTIMES.TXT"]["size_bytes"], rows["/NOTIMES.TXT"]["modified_ns"]) == (0, None)


@BITS
def test_a_name_of_255_characters_is_whole_in_the_root_and_below(bits: int, tmp_path: Path) -> None:
    need("mkfs.vfat", "mcopy", "mmd")
    assert len(LONG) == 255
    path, file = tmp_path / "long.raw", tmp_path / LONG
    file.write_bytes(b"long")
    run("mkfs.vfat", "-F", str(bits), blank(path, SIZES[bits]))
    run("mmd", "-i", path, "::sub")
    for above in ("", "sub/"):
        run("mcopy", "-i", path, file, f"::{above}{LONG}")
    rows = rows_of(path.read_bytes(), path)
    for where in (f"/{LONG}", f"/sub/{LONG}"):
        assert rows[where]["sha256"] == hashlib.sha256(b"long").digest()


def test_a_long_name_that_belongs_to_another_entry_is_told(tmp_path: Path) -> None:
    need("mkfs.vfat", "mcopy")
    path, file = tmp_path / "stray.raw", tmp_path / "a long name.txt"
    file.write_bytes(b"long")
    run("mkfs.vfat", "-F", "12", blank(path, SIZES[12]))
    run("mcopy", "-i", path, file, "::")
    data = bytearray(path.read_bytes())
    (short,) = (at for at in range(0, len(data), 32) if data[at : at + 6] == b"ALONGN" and data[at + 11] == 0x20)
    data[short : short + 11] = b"OTHER   TXT"
    (row,) = (row for row in rows_of(data, path).values() if row["kind"] == "file")
    assert row["name"] == "a long name.txt"
    assert "without it the name is OTHER.TXT" in row["note"]


@BITS
def test_what_fls_lists_is_listed_as_before_where_nothing_is_unusual(bits: int, tmp_path: Path) -> None:
    rows = rows_of(made(tmp_path, bits), tmp_path / "made.raw")
    assert {path[1:] for path in rows} == {one for one, _, _ in fls(tmp_path / "made.raw")}
    assert all(row["note"] is None for row in rows.values())


@BITS
def test_chains_that_run_in_a_ring_or_out_of_the_volume_end(bits: int, tmp_path: Path) -> None:
    data = made(tmp_path, bits)
    data[:] = data.replace(b"FOLDER     ", b"FO DER     ")
    path = tmp_path / "changed.raw"
    path.write_bytes(data)
    image = PlainImage(path)
    clusters = Clusters(Window(image, 0, image.media_bytes), f"fat{bits}")
    folder = next(one for one in Directories(clusters).entries(2) if one.is_directory)
    table = struct.unpack_from("<H", data, 14)[0] * 512
    if bits == 12:
        at = table + folder.first * 3 // 2
        old = struct.unpack_from("<H", data, at)[0]
        ring = folder.first << 4 | old & 0xF if folder.first & 1 else folder.first | old & 0xF000
        struct.pack_into("<H", data, at, ring)
    else:
        struct.pack_into({16: "<H", 32: "<I"}[bits], data, table + folder.first * bits // 8, folder.first)
    rows = rows_of(data, path)
    assert rows["/FO DER/BELOW/INBELOW.TXT"]["sha256"] is not None
    at = data.index(b"FO DER     ")
    struct.pack_into("<H", data, at + 26, 0xFFF0 if bits > 12 else 0xFEF)
    struct.pack_into("<H", data, at + 20, 0x0FF0 if bits == 32 else 0)
    rows = rows_of(data, path)
    assert "none of the volume" in rows["/FO DER"]["note"]


def test_an_entry_of_exfat_whose_name_has_a_length_of_0_is_listed_by_the_name_that_stands_there(tmp_path: Path) -> None:
    entries = bytearray(file_set("a name of more than fifteen", 5, 4096, 4096, 0))
    entries[35] = 0
    rows = rows_of(volume(tmp_path / "x.raw", bytes(entries)).read_bytes(), tmp_path / "x.raw")
    row = rows["/a name of more than fifteen"]
    assert row["sha256"] == hashlib.sha256(b"x" * 4096).digest()
    assert "a length of 0 and has 27 characters" in row["note"]


def test_long_names_of_exfat_beyond_ascii_are_whole(tmp_path: Path) -> None:
    name = "Витяг з реєстру платежів за лютий 2026 року.pdf"
    rows = rows_of(volume(tmp_path / "x.raw", file_set(name, 5, 9, 9, 0)).read_bytes(), tmp_path / "x.raw")
    assert f"/{name}" in rows


def test_parts_of_long_names_without_an_end_make_no_name_and_hide_none(tmp_path: Path) -> None:
    data = made(tmp_path, 16)
    at = data.index(b"USUAL   TXT")
    end = next(place for place in range(at, len(data), 32) if not any(data[place : place + 32]))
    part = b"\x05" + b"x\0" * 5 + b"\x0f\0\x11" + b"x\0" * 6 + bytes(2) + b"x\0" * 2
    usual = bytes(data[at : at + 32])
    data[end : end + 32 * 301] = part * 300 + b"OTHER IN" + usual[8:]
    rows = rows_of(data, tmp_path / "changed.raw")
    assert rows["/USUAL.TXT"]["sha256"] == rows["/OTHER IN.TXT"]["sha256"]
    assert "blank" in rows["/OTHER IN.TXT"]["note"]


def test_a_cut_volume_and_noise_in_the_place_of_a_directory_end_in_words_or_rows(tmp_path: Path) -> None:
    data = made(tmp_path, 16)
    data[:] = data.replace(b"FOLDER     ", b"FO DER     ")
    for end in (600, 40_000, 80_000):
        rows_of(data[:end], tmp_path / "cut.raw")
    at = data.index(b"BELOW      ") & ~511
    data[at : at + 512] = hashlib.shake_128(b"noise").digest(512)
    assert "/FO DER" in rows_of(data, tmp_path / "noise.raw")


def test_what_lies_below_a_deleted_folder_is_not_listed_as_in_use(tmp_path: Path) -> None:
    data = made(tmp_path, 16)
    reserved, copies, sectors = *struct.unpack_from("<HB", data, 14), struct.unpack_from("<H", data, 22)[0]
    for name in (b"FOLDER     ", b"BELOW      "):
        (cluster,) = struct.unpack_from("<H", data, data.index(name) + 26)
        for copy in range(copies):
            struct.pack_into("<H", data, (reserved + copy * sectors) * 512 + 2 * cluster, 0)
    data[data.index(b"FOLDER     ")] = 0xE5
    data[:] = data.replace(b"INBELOW TXT", b"IN ELOW TXT")
    rows = rows_of(data, tmp_path / "deleted.raw")
    assert not rows["/_OLDER/BELOW"]["allocated"]
    assert [path for path, row in rows.items() if row["allocated"] and path.startswith("/_OLDER")] == []


@pytest.mark.parametrize("others", [0, 1])
def test_in_many_folders_below_one_of_such_a_name_all_is_listed_and_what_is_deleted_is_told(
    others: int, tmp_path: Path
) -> None:
    """Where the root has no other entry, The Sleuth Kit takes the volume for one of a telephone, and all as in use."""
    need("mkfs.vfat", "mcopy", "mmd", "mdel")
    path, file = tmp_path / "many.raw", tmp_path / "file"
    run("mkfs.vfat", "-F", "16", "-s", "1", blank(path, SIZES[16]))
    file.write_bytes(b"there")
    run("mmd", "-i", path, *["::USUAL"] * others, "::ABXCDEF", *[f"::ABXCDEF/D{number}" for number in range(40)])
    for number in range(40):
        for name in (f"KEPT{number}", f"GONE{number}"):
            run("mcopy", "-i", path, file, f"::ABXCDEF/D{number}/{name}")
        run("mdel", "-i", path, f"::ABXCDEF/D{number}/GONE{number}")
    rows = rows_of(path.read_bytes().replace(b"ABXCDEF    ", b"AB CDEF    "), path)
    gone = sorted(row["name"] for row in rows.values() if not row["allocated"] and row["kind"] == "file")
    for number in range(40):
        assert rows[f"/AB CDEF/D{number}/KEPT{number}"]["sha256"] == hashlib.sha256(b"there").digest()
    assert set(gone) == {f"_ONE{number}" for number in range(40)}
    assert "blank" in rows["/AB CDEF"]["note"]


def test_folders_in_which_deleted_files_are_not_looked_for_are_counted(tmp_path: Path) -> None:
    need("mkfs.vfat", "mmd")
    path = tmp_path / "many.raw"
    run("mkfs.vfat", "-F", "16", "-s", "1", blank(path, SIZES[16]))
    run("mmd", "-i", path, "::USUAL", "::ABXCDEF", *[f"::ABXCDEF/D{number}" for number in range(260)])
    path.write_bytes(path.read_bytes().replace(b"ABXCDEF    ", b"AB CDEF    "))
    found = document(PlainImage(path))
    assert {f"/AB CDEF/D{number}" for number in range(260)} <= {row["path"] for row in found["rows"]}
    assert [one for one in found["warnings"] if "not listed of 4 folders" in str(one)]


@pytest.mark.parametrize("length", [195, 196, 208, 209, 247, 248])
def test_a_long_name_is_whole_whatever_its_length(length: int, tmp_path: Path) -> None:
    need("mkfs.vfat", "mcopy")
    path, file = tmp_path / "long.raw", tmp_path / "file"
    file.write_bytes(b"long")
    run("mkfs.vfat", "-F", "16", blank(path, SIZES[16]))
    name = "x" * (length - 4) + ".txt"
    run("mcopy", "-i", path, file, f"::{name}")
    assert rows_of(path.read_bytes(), path)[f"/{name}"]["note"] is None
    fls_shows = max((one for one, _, _ in fls(path) if one.startswith("x")), key=len)
    assert (fls_shows == name) == (length <= 195)
