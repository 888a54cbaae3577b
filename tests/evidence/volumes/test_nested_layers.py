"""A file system in a logical volume in an encrypted partition: examined, and its files read again by their ids."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.examine import examine
from evidence.filesystems.reading import FileReader
from evidence.images.opening import open_image
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.base import Volume
from tests.evidence.volumes.luks_images import PASSWORD, PAYLOAD_AT, encrypted, formatted, needs_cryptsetup, volume_key
from tests.evidence.volumes.lvm_images import EXTENT_BYTES, Physical, group, linear, volume
from tests.evidence.volumes.media import Media

EXTENTS = 48
PARTITION_AT = 1024 * 1024

needs_mke2fs = pytest.mark.skipif(shutil.which("mke2fs") is None, reason="mke2fs (e2fsprogs) is not installed")


def ext4(folder: Path) -> bytes:
    (folder / "files").mkdir()
    (folder / "files" / "letter.txt").write_text("dear reader\n")
    path = folder / "ext4"
    words = ["mke2fs", "-q", "-t", "ext4", "-d", str(folder / "files"), str(path), f"{EXTENTS * EXTENT_BYTES // 1024}k"]
    subprocess.run(words, check=True, capture_output=True)
    return path.read_bytes()


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    inside = Physical(0, group(volume("root", linear(0, EXTENTS, "pv0", 2)), extents=64))
    inside.extent(2, ext4(tmp_path))
    size = PAYLOAD_AT + inside.media_bytes
    header = formatted(
        tmp_path, "--type", "luks1", "--pbkdf-force-iterations", "1000", "-c", "aes-xts-plain64", size_bytes=size
    )
    media = Media(PARTITION_AT + size)
    media.boot_record(0, (0x83, PARTITION_AT // 512, size // 512))
    media.write(PARTITION_AT, header.read_bytes())
    secret = encrypted(bytes(inside.data), "aes-xts-plain64", volume_key(tmp_path, header))
    media.write(PARTITION_AT + PAYLOAD_AT, secret)
    path = tmp_path / "disk.dd"
    path.write_bytes(media.data)
    return path


@needs_cryptsetup
@needs_mke2fs
def test_a_file_is_found_and_read_through_luks_and_lvm(disk: Path) -> None:
    keys = Keys(passwords=(PASSWORD,))
    image = open_image([disk])
    try:
        seen = list(examine(image, hash_files=True, hash_volumes=True, keys=keys))
        volumes = {item.id: item for item in seen if isinstance(item, Volume)}
        assert list(volumes) == ["v0", "v0.m0", "v0.u1", "v0.p1", "v0.p1.d", "v0.p1.d.lvroot"]
        assert (volumes["v0.p1"].encryption, volumes["v0.p1"].locked) == ("luks", False)
        found = volumes["v0.p1.d.lvroot"].file_system
        assert found is not None
        assert found.type == "ext4"
        assert volumes["v0.p1.d"].sha256
        rows = [row for item in seen if isinstance(item, tuple) for row in item]
        letter = next(row for row in rows if row[5] == "/letter.txt")
        way = [volumes[name] for name in ("v0", "v0.p1", "v0.p1.d", "v0.p1.d.lvroot")]
        assert FileReader(image, keys).content(way, letter[12]).read(0, 100) == b"dear reader\n"
    finally:
        image.close()


@needs_cryptsetup
@needs_mke2fs
def test_without_the_key_the_partition_is_locked_and_nothing_in_it_is_listed(disk: Path) -> None:
    image = open_image([disk])
    try:
        seen = list(examine(image, hash_files=True, keys=NO_KEYS))
    finally:
        image.close()

    last = {item.id: item for item in seen if isinstance(item, Volume)}
    assert last["v0.p1"].locked
    assert "v0.p1.d" not in last
    assert not [row for item in seen if isinstance(item, tuple) for row in item]
