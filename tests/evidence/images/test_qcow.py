import hashlib
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, MissingSegmentError, UnsupportedContainerError
from evidence.images import Image
from tests.evidence.images.conftest import Open
from tests.evidence.images.qemu import as_raw, converted, disk, needs_qemu, run, written

pytestmark = needs_qemu

SIZE = 6 * 1024 * 1024 + 512


def hold_against(image: Image, wanted: bytes) -> None:
    assert image.container == "qcow"
    assert image.media_bytes == len(wanted)
    assert image.read_at(0, len(wanted) + 1) == wanted
    rng = random.Random(len(wanted))
    for _ in range(60):
        at, length = rng.randrange(len(wanted)), rng.randrange(1, 150_000)
        assert image.read_at(at, length) == wanted[at : at + length]


FORMS = [
    "compat=0.10",
    "compat=1.1",
    "cluster_size=512",
    "cluster_size=2M",
    "lazy_refcounts=on",
    "refcount_bits=1",
    "refcount_bits=64",
    "preallocation=metadata",
    "preallocation=full",
    "extended_l2=on,cluster_size=16k",
    "extended_l2=on,cluster_size=2M",
]
PACKED = [
    "compat=0.10",
    "cluster_size=512",
    "cluster_size=2M",
    "compression_type=zstd",
    "compression_type=zstd,cluster_size=4k",
    "extended_l2=on,compression_type=zstd",
]


@pytest.mark.parametrize("options", FORMS)
def test_what_qemu_wrote_is_read_as_qemu_reads_it(options: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    image = opened([converted(raw, tmp_path / "disk.qcow2", "qcow2", "-o", options)])
    hold_against(image, raw.read_bytes())
    assert not image.problems
    assert image.container_bytes == (tmp_path / "disk.qcow2").stat().st_size
    assert image.paths == (tmp_path / "disk.qcow2",)


@pytest.mark.parametrize("options", PACKED)
def test_compressed_clusters_are_unpacked(options: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    hold_against(opened([converted(raw, tmp_path / "disk.qcow2", "qcow2", "-c", "-o", options)]), raw.read_bytes())


def test_version_1_is_read(tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", 6 << 20)
    image = opened([converted(raw, tmp_path / "disk.qcow", "qcow")])
    hold_against(image, raw.read_bytes())
    assert image.metadata["format"] == "qcow"


def test_compressed_clusters_of_version_1_are_unpacked(tmp_path: Path, opened: Open) -> None:
    target = tmp_path / "disk.qcow"
    run("qemu-img", "create", "-f", "qcow", target, "6M")
    written(target, "qcow", "write -c -P 3 8k 4k", "write -c -P 4 12k 4k", "write -P 7 100k 9k", "write -c -P 5 5M 4k")
    hold_against(opened([target]), as_raw(target, "qcow"))


@pytest.mark.parametrize("form", ["qcow2", "qcow"])
def test_a_media_of_no_whole_cluster_and_an_empty_one_are_read(form: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", 3 * 512)
    hold_against(opened([converted(raw, tmp_path / "disk.qcow", form)]), raw.read_bytes())
    run("qemu-img", "create", "-f", form, tmp_path / "empty.qcow", "1G")
    empty = opened([tmp_path / "empty.qcow"])
    assert empty.media_bytes == 1 << 30
    assert empty.read_at((1 << 30) - 4096, 8192) == bytes(4096)


@pytest.mark.parametrize("options", ["", "extended_l2=on", "cluster_size=1k", "compat=0.10"])
def test_single_writes_zeros_and_discards_are_read(options: str, tmp_path: Path, opened: Open) -> None:
    target = tmp_path / "disk.qcow2"
    run("qemu-img", "create", "-f", "qcow2", *(["-o", options] if options else []), target, "64M")
    orders = ["write -P 3 4k 4k", "write -P 4 1M 130k", "write -z 1M 20k", "write -z -u 1060k 8k", "discard 1M 64k"]
    written(target, "qcow2", *orders, "write -P 9 33554432 512", "write -z 40M 1M", "write -P 8 67100672 8k")
    hold_against(opened([target]), as_raw(target, "qcow2"))


@pytest.mark.parametrize("base_form", ["raw", "qcow2", "qcow", "vdi"])
@pytest.mark.parametrize("options", ["", ",extended_l2=on"])
def test_a_backing_file_is_read_below(base_form: str, options: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE - 512)
    converted(raw, tmp_path / "base.img", base_form)
    overlay = tmp_path / "top.qcow2"
    run("qemu-img", "create", "-f", "qcow2", "-o", f"backing_file=base.img,backing_fmt={base_form}{options}", overlay)
    written(overlay, "qcow2", "write -P 3 4k 4k", "write -z 1M 70k", "write -P 7 3M 1M")
    if base_form == "vdi":
        with pytest.raises(UnsupportedContainerError, match="VDI"):
            opened([overlay])
        return
    image = opened([overlay])
    hold_against(image, as_raw(overlay, "qcow2"))
    assert image.paths == (overlay, tmp_path / "base.img")
    assert image.container_bytes == overlay.stat().st_size + (tmp_path / "base.img").stat().st_size


def test_behind_the_end_of_a_shorter_backing_file_are_zeros(tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "base.raw", 1_000_448)
    overlay = tmp_path / "top.qcow2"
    run("qemu-img", "create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", overlay, "3M")
    written(overlay, "qcow2", "write -P 5 2M 4k")
    image = opened([overlay])
    hold_against(image, as_raw(overlay, "qcow2"))
    assert image.read_at(1_000_000, 1000) == raw.read_bytes()[1_000_000:] + bytes(552)


def test_a_chain_of_three_is_followed_and_its_problems_are_told(tmp_path: Path, opened: Open) -> None:
    disk(tmp_path / "base.raw", 2 << 20)
    run("qemu-img", "create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", tmp_path / "one.qcow2")
    written(tmp_path / "one.qcow2", "qcow2", "write -P 1 0 64k")
    run("qemu-img", "snapshot", "-c", "before the break-in", tmp_path / "one.qcow2")
    run("qemu-img", "create", "-f", "qcow2", "-b", "one.qcow2", "-F", "qcow2", tmp_path / "two.qcow2")
    written(tmp_path / "two.qcow2", "qcow2", "write -P 2 64k 64k")
    image = opened([tmp_path / "two.qcow2"])
    hold_against(image, as_raw(tmp_path / "two.qcow2", "qcow2"))
    assert [path.name for path in image.paths] == ["two.qcow2", "one.qcow2", "base.raw"]
    (problem,) = image.problems
    assert "before the break-in" in problem.what
    assert problem.where == "one.qcow2"
    assert not problem.is_damage


def test_a_backing_file_said_to_be_raw_is_raw_whatever_it_looks_like(tmp_path: Path, opened: Open) -> None:
    inner = converted(disk(tmp_path / "disk.raw", 1 << 20), tmp_path / "base.raw", "qcow2")
    run("qemu-img", "create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", tmp_path / "top.qcow2")
    assert opened([tmp_path / "top.qcow2"]).read_at(0, 1 << 20) == inner.read_bytes()[: 1 << 20]


def test_a_missing_backing_file_is_named(tmp_path: Path, opened: Open) -> None:
    disk(tmp_path / "base.raw", 1 << 20)
    run("qemu-img", "create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", tmp_path / "top.qcow2")
    (tmp_path / "base.raw").unlink()
    with pytest.raises(MissingSegmentError) as caught:
        opened([tmp_path / "top.qcow2"])
    assert caught.value.missing == ("base.raw",)
    assert caught.value.found == (tmp_path / "top.qcow2",)


def test_a_backing_file_named_by_options_is_refused_as_a_form_that_is_not_read(tmp_path: Path, opened: Open) -> None:
    base = disk(tmp_path / "base.raw", 1 << 20)
    name = 'json:{"driver":"raw","offset":512,"file":{"driver":"file","filename":"' + str(base) + '"}}'
    run("qemu-img", "create", "-f", "qcow2", "-b", name, "-F", "raw", tmp_path / "top.qcow2")
    assert b"json:{" in (tmp_path / "top.qcow2").read_bytes()
    with pytest.raises(UnsupportedContainerError, match="whose backing file is named in the form json:"):
        opened([tmp_path / "top.qcow2"])


def test_a_backing_file_out_of_the_folder_is_looked_for_beside_the_overlay_only(tmp_path: Path, opened: Open) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    outside = disk(tmp_path / "base.raw", 1 << 20)
    for name in (str(outside), "../base.raw"):
        top = folder / "top.qcow2"
        run("qemu-img", "create", "-f", "qcow2", "-b", name, "-F", "raw", top)
        with pytest.raises(MissingSegmentError):
            opened([top])
        shutil.copy(outside, folder / "base.raw")
        assert opened([top]).paths == (top, folder / "base.raw")
        (folder / "base.raw").unlink()


def test_images_that_stand_on_each_other_in_a_circle_are_refused(tmp_path: Path, opened: Open) -> None:
    for name, below in (("a.qcow2", "b.qcow2"), ("b.qcow2", "c.qcow2"), ("c.qcow2", "a.qcow2")):
        run("qemu-img", "create", "-u", "-f", "qcow2", "-b", below, "-F", "qcow2", tmp_path / name, "1M")
    with pytest.raises(DamagedContainerError, match="circle"):
        opened([tmp_path / "a.qcow2"])


def test_a_long_chain_is_refused(tmp_path: Path, opened: Open) -> None:
    for number in range(70):
        below = ["-b", f"{number - 1}.qcow2", "-F", "qcow2"] if number else []
        if number > 1:
            shutil.copy(tmp_path / "1.qcow2", tmp_path / f"{number}.qcow2")
            data = bytearray((tmp_path / "1.qcow2").read_bytes())
            at, size = int.from_bytes(data[8:16], "big"), len(below[1])
            data[at : at + size], data[16:20] = below[1].encode(), size.to_bytes(4, "big")
            (tmp_path / f"{number}.qcow2").write_bytes(data)
        else:
            run("qemu-img", "create", "-u", "-f", "qcow2", *below, tmp_path / f"{number}.qcow2", "1M")
    with pytest.raises(DamagedContainerError, match="more than 64"):
        opened([tmp_path / "69.qcow2"])
    assert opened([tmp_path / "60.qcow2"]).read_at(0, 1 << 20) == bytes(1 << 20)


@pytest.mark.parametrize("raw_too", ["on", "off"])
def test_an_external_data_file_is_read_and_a_missing_one_named(raw_too: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    image = converted(
        raw, tmp_path / "disk.qcow2", "qcow2", "-o", f"data_file={tmp_path}/disk.data,data_file_raw={raw_too}"
    )
    found = opened([image])
    hold_against(found, raw.read_bytes())
    assert found.paths == (image, tmp_path / "disk.data")
    (tmp_path / "disk.data").unlink()
    with pytest.raises(MissingSegmentError) as caught:
        opened([image])
    assert caught.value.missing == (f"{tmp_path}/disk.data",)


@pytest.mark.parametrize("how", ["aes", "luks"])
def test_an_encrypted_image_is_refused_by_name(how: str, tmp_path: Path, opened: Open) -> None:
    key = ["--object", "secret,id=s,data=abc"]
    options = f"encrypt.format={how},encrypt.key-secret=s" + (",encrypt.iter-time=10" if how == "luks" else "")
    make = ("qemu-img", "create", *key, "-f", "qcow2", "-o", options, tmp_path / "disk.qcow2", "1M")
    for _ in range(20):  # LUKS measures the computer first, and fails where the clock of its thread stands still
        done = subprocess.run([str(word) for word in make], capture_output=True, text=True, check=False)
        if "accurate CPU usage" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    with pytest.raises(UnsupportedContainerError, match=how.upper()):
        opened([tmp_path / "disk.qcow2"])


def test_marks_of_an_unclean_end_are_told(tmp_path: Path, opened: Open) -> None:
    path = converted(disk(tmp_path / "disk.raw", 1 << 20), tmp_path / "disk.qcow2", "qcow2")
    data = bytearray(path.read_bytes())
    data[79] |= 3
    path.write_bytes(data)
    corrupt, dirty = opened([path]).problems
    assert "corrupt" in corrupt.what
    assert "dirty" in dirty.what


def test_hashing_gives_the_digests_of_the_media(tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", 9 << 20)
    for options in (["-c"], ["-c", "-o", "cluster_size=2M"], []):
        image = opened([converted(raw, tmp_path / "disk.qcow2", "qcow2", *options)])
        result = hash_media(image)
        with raw.open("rb") as file:
            assert result.digests["sha256"] == hashlib.file_digest(file, "sha256").digest()
        assert not result.unreadable
        (tmp_path / "disk.qcow2").unlink()
