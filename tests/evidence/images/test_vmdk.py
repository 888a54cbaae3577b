import random
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, MissingSegmentError, UnreadableRegionError, UnsupportedContainerError
from evidence.images import Image
from tests.evidence.images.conftest import Open
from tests.evidence.images.qemu import as_raw, converted, disk, needs_qemu, run, written

pytestmark = needs_qemu

SIZE = 6 * 1024 * 1024 + 512
FORMS = ["monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "streamOptimized"]


def hold_against(image: Image, wanted: bytes) -> None:
    assert image.container == "vmdk"
    assert image.media_bytes == len(wanted)
    assert image.read_at(0, len(wanted) + 1) == wanted
    rng = random.Random(len(wanted))
    for _ in range(60):
        at, length = rng.randrange(len(wanted)), rng.randrange(1, 150_000)
        assert image.read_at(at, length) == wanted[at : at + length]


@pytest.mark.parametrize("more", ["", ",compat6", ",zeroed_grain=on"])
@pytest.mark.parametrize("form", FORMS)
def test_what_qemu_wrote_is_read_as_qemu_reads_it(form: str, more: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    more = "" if "Flat" in form and "zeroed" in more else more
    path = converted(raw, tmp_path / "disk.vmdk", "vmdk", "-o", f"subformat={form}{more}")
    image = opened([path])
    hold_against(image, raw.read_bytes())
    assert not image.problems
    assert image.metadata["subformat"] == form
    assert image.container_bytes == sum(file.stat().st_size for file in tmp_path.glob("*.vmdk"))
    assert set(image.paths) == set(tmp_path.glob("*.vmdk"))


def test_a_disk_of_several_extents_is_read_across_their_borders(tmp_path: Path, opened: Open) -> None:
    for form in ("twoGbMaxExtentSparse", "twoGbMaxExtentFlat"):
        run("qemu-img", "create", "-f", "vmdk", "-o", f"subformat={form}", tmp_path / f"{form}.vmdk", "5G")
        border = 2 * 1024**3 // 65536 * 65536
        written(
            tmp_path / f"{form}.vmdk", "vmdk", f"write -P 5 {border - 70000 // 512 * 512} 256k", "write -P 6 4G 64k"
        )
        image = opened([tmp_path / f"{form}.vmdk"])
        assert len(image.paths) == 4
        assert image.media_bytes == 5 * 1024**3
        assert image.read_at(border - 65536, 131072) == b"\5" * 131072
        assert image.read_at(4 * 1024**3 - 1, 65538) == b"\0" + b"\6" * 65536 + b"\0"
        assert image.read_at(image.media_bytes - 10, 20) == bytes(10)


def test_single_writes_and_zeroed_grains_are_read(tmp_path: Path, opened: Open) -> None:
    target = tmp_path / "disk.vmdk"
    run("qemu-img", "create", "-f", "vmdk", "-o", "zeroed_grain=on", target, "40M")
    written(target, "vmdk", "write -P 3 4k 4k", "write -P 4 1M 130k", "write -z 1M 64k", "write -P 9 41942528 512")
    hold_against(opened([target]), as_raw(target, "vmdk"))


@pytest.mark.parametrize("form", ["monolithicSparse", "streamOptimized"])
def test_a_disk_of_one_file_is_opened_whatever_it_is_called_now(form: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    converted(raw, tmp_path / "disk.vmdk", "vmdk", "-o", f"subformat={form}").rename(tmp_path / "exhibit 7.bin")
    hold_against(opened([tmp_path / "exhibit 7.bin"]), raw.read_bytes())


@pytest.mark.parametrize("form", ["monolithicFlat", "twoGbMaxExtentSparse"])
def test_files_that_were_all_renamed_alike_are_found(form: str, tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    converted(raw, tmp_path / "disk.vmdk", "vmdk", "-o", f"subformat={form}")
    for path in tmp_path.glob("disk*.vmdk"):
        path.rename(tmp_path / path.name.replace("disk", "copy"))
    image = opened([tmp_path / "copy.vmdk"])
    hold_against(image, raw.read_bytes())
    (problem,) = image.problems
    assert "renamed" in problem.what
    assert not problem.is_damage


def test_an_extent_leads_to_the_descriptor_beside_it_and_is_no_disk_without(tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", SIZE)
    path = converted(raw, tmp_path / "disk.vmdk", "vmdk", "-o", "subformat=twoGbMaxExtentSparse")
    hold_against(opened([tmp_path / "disk-s001.vmdk"]), raw.read_bytes())
    path.unlink()
    with pytest.raises(MissingSegmentError) as caught:
        opened([tmp_path / "disk-s001.vmdk"])
    assert caught.value.missing == ("the descriptor of disk-s001.vmdk",)
    (tmp_path / "disk-s001.vmdk").rename(tmp_path / "part.bin")
    lone = opened([tmp_path / "part.bin"])
    assert "without its descriptor" in lone.problems[0].what


def test_missing_extents_are_named(tmp_path: Path, opened: Open) -> None:
    run("qemu-img", "create", "-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", tmp_path / "disk.vmdk", "7G")
    for name in ("disk-s002.vmdk", "disk-s004.vmdk"):
        (tmp_path / name).unlink()
    with pytest.raises(MissingSegmentError) as caught:
        opened([tmp_path / "disk.vmdk"])
    assert caught.value.missing == ("disk-s002.vmdk", "disk-s004.vmdk")


def flat(folder: Path, line: str, *more: str) -> Path:
    text = f'# Disk DescriptorFile\nversion=1\nCID=0000abcd\nparentCID=ffffffff\ncreateType="custom"\n{line}\n'
    path = folder / "disk.vmdk"
    path.write_text(text + "\n".join(more))
    return path


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../../etc/passwd", "..\\secret", "sub/../../secret", "C:\\secret", "\0x"]
)
def test_no_file_out_of_the_folder_is_ever_read(name: str, tmp_path: Path, opened: Open) -> None:
    (tmp_path / "secret").write_bytes(bytes(512))
    folder = tmp_path / "case"
    folder.mkdir()
    with pytest.raises((MissingSegmentError, DamagedContainerError)):
        opened([flat(folder, f'RW 1 FLAT "{name}" 0')])


def test_flat_zero_and_refused_parts_lie_one_behind_the_other(tmp_path: Path, opened: Open) -> None:
    data = random.Random(1).randbytes(4096)
    (tmp_path / "a.bin").write_bytes(data)
    lines = ['RW 4 FLAT "a.bin" 2', "RW 8 ZERO", 'RW 3 VMFS "A.BIN"', "NOACCESS 2 ZERO", 'RDONLY 2 FLAT "a.bin" 7']
    image = opened([flat(tmp_path, *lines)])
    assert image.media_bytes == 19 * 512
    assert image.read_at(0, 15 * 512) == data[1024:3072] + bytes(4096) + data[:1536]
    with pytest.raises(UnreadableRegionError, match="access"):
        image.read_at(15 * 512, 1)
    assert image.read_at(17 * 512, 512) == data[3584:]
    with pytest.raises(UnreadableRegionError, match="cut off"):
        image.read_at(18 * 512, 512)
    assert [problem.is_damage for problem in image.problems] == [True, True]


@pytest.mark.parametrize(
    "line", ['RW 9 FLAT "\\\\.\\PhysicalDrive0" 0', 'RW 9 FLAT "/dev/sda" 0', 'RW 9 VMFSRDM "x-rdm.vmdk"']
)
def test_raw_devices_are_refused_by_name(line: str, tmp_path: Path, opened: Open) -> None:
    with pytest.raises(UnsupportedContainerError, match="raw device"):
        opened([flat(tmp_path, line)])


def test_an_encrypted_disk_is_refused_by_name(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(UnsupportedContainerError, match="encrypted"):
        opened([flat(tmp_path, 'RW 9 FLAT "a" 0', 'encryption.keySafe = "vmware:key/list/x"')])


def test_the_descriptor_says_what_it_is_written_in(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "диск.bin").write_bytes(b"x" * 512)
    text = (
        '# Disk DescriptorFile\r\nencoding="windows-1251"\r\nCID=1\r\nparentCID=ffffffff\r\nRW 1 FLAT "диск.bin" 0\r\n'
    )
    (tmp_path / "disk.vmdk").write_bytes(text.encode("cp1251"))
    assert opened([tmp_path / "disk.vmdk"]).read_at(0, 512) == b"x" * 512


def test_a_chain_of_parents_is_followed(tmp_path: Path, opened: Open) -> None:
    converted(disk(tmp_path / "disk.raw", SIZE), tmp_path / "base.vmdk", "vmdk")
    for name, below, order in (("one", "base", "write -P 7 64k 64k"), ("two", "one", "write -P 8 1M 192k")):
        run("qemu-img", "create", "-f", "vmdk", "-b", f"{below}.vmdk", "-F", "vmdk", tmp_path / f"{name}.vmdk")
        written(tmp_path / f"{name}.vmdk", "vmdk", order)
    image = opened([tmp_path / "two.vmdk"])
    hold_against(image, as_raw(tmp_path / "two.vmdk", "vmdk"))
    assert [path.name for path in image.paths] == ["two.vmdk", "one.vmdk", "base.vmdk"]
    assert not image.problems
    written(tmp_path / "base.vmdk", "vmdk", "write -P 1 0 512")
    assert "content identifier" in opened([tmp_path / "two.vmdk"]).problems[0].what
    (tmp_path / "base.vmdk").unlink()
    with pytest.raises(MissingSegmentError) as caught:
        opened([tmp_path / "two.vmdk"])
    assert caught.value.missing == ("base.vmdk",)


def test_a_parent_without_a_name_is_missing_by_its_identifier(tmp_path: Path, opened: Open) -> None:
    path = flat(tmp_path, "RW 1 ZERO")
    path.write_text(path.read_text().replace("ffffffff", "1234abcd"))
    with pytest.raises(MissingSegmentError, match="1234abcd"):
        opened([path])


def test_hashing_gives_the_digests_of_the_media(tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", 9 << 20)
    for form in ("streamOptimized", "monolithicSparse"):
        image = opened([converted(raw, tmp_path / f"{form}.vmdk", "vmdk", "-o", f"subformat={form}")])
        wanted = hash_media(opened([raw])).digests
        assert hash_media(image).digests == wanted
