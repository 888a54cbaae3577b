"""The images that mutants are made of: every container, volume and file system that can be made here; the corpus."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.keys import NO_KEYS, Keys
from tests.evidence.filesystems import btrfs_images, udf_builder, xfs_images
from tests.evidence.images import ewf2_builder, ewf_builder, l01_builder, qemu, udif_builder
from tests.evidence.made_images import blank, ext, fat, need, ntfs, run, source_tree
from tests.evidence.volumes import (
    apfs_writer,
    bitlocker_builder,
    corestorage_builder,
    luks_images,
    lvm_images,
    shadow_writer,
)
from tests.fuzz import archive_files, rarer

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "dev"
LARGEST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """An undamaged image.

    Attributes:
        name: What it is asked for by.
        files: In order.
        keys: What opens the volumes in it.
        checked: What checksums cover: ``media``, ``names`` (names, sizes and times) or nothing (empty).
        is_logical: Whether it is taken as logical evidence.
    """

    name: str
    files: tuple[Path, ...]
    keys: Keys = NO_KEYS
    checked: str = ""
    is_logical: bool = False


Maker = Callable[[Path], Specimen | tuple[Path, ...] | Path]


def made(folder: Path, wanted: str = "", *, exactly: bool = False) -> Iterator[Specimen]:
    """Every image that the tools of this system can make, if its name holds ``wanted``, in folders of its own."""
    for name, make in MAKERS.items():
        if wanted not in name or (exactly and wanted != name):
            continue
        place = folder / name
        place.mkdir(parents=True)
        with contextlib.suppress(pytest.skip.Exception):
            found = make(place)
            if isinstance(found, Specimen):
                yield found
            else:
                files = found if isinstance(found, tuple) else (found,)
                yield Specimen(name=name, files=files, checked=_CHECKED.get(name, ""))


def published(folder: Path, wanted: str = "") -> Iterator[Specimen]:
    """The images of the corpus that is beside the project, if it is, small ones first."""
    expected = [json.loads(path.read_text("utf-8")) for path in (CORPUS / "expected").glob("*.json")]
    images = [item for item in expected if "container" in item and wanted in item["id"]]
    for item in sorted(images, key=lambda item: sum(file["size"] for file in item["files"])):
        if sum(file["size"] for file in item["files"]) <= LARGEST_BYTES:
            yield _unpacked(folder / item["id"], item)


def _unpacked(place: Path, item: dict[str, object]) -> Specimen:
    place.mkdir(parents=True)
    files: list[Path] = []
    encryption = dict(item.get("encryption") or {})  # type: ignore[call-overload]
    startup: list[bytes] = []
    for file in item["files"]:  # type: ignore[attr-defined]
        stored = CORPUS / "images" / str(item["group"]) / file.get("stored_as", file["name"])
        target = place / file["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        packed = stored.suffix == ".gz" and stored.name != Path(file["name"]).name
        with gzip.open(stored) if packed else stored.open("rb") as reading, target.open("wb") as writing:
            while block := reading.read(1 << 16):
                writing.seek(len(block), 1) if block.count(0) == len(block) else writing.write(block)
            writing.truncate()
        if target.name == encryption.get("startup_key_file"):
            startup.append(target.read_bytes())
        else:
            files.append(target)
    # Passwords of BitLocker cost a second each time they are tried; a startup key, or none, costs nothing.
    slow = encryption.get("type") == "BitLocker" and bool(startup)
    passwords = () if slow or "password" not in encryption else (str(encryption["password"]),)
    recovery = () if slow or "recovery_password" not in encryption else (str(encryption["recovery_password"]),)
    keys = Keys(passwords=passwords, recovery_keys=recovery, startup_keys=tuple(startup))
    container = item["container"]["type"]  # type: ignore[index]
    return Specimen(name=str(item["id"]), files=tuple(files), keys=keys, checked="media" if container == "ewf" else "")


def _tree(folder: Path) -> Path:
    return source_tree(folder / "tree")


def _small(folder: Path) -> Path:
    """A small APFS container, as the media in containers: its bytes are the same every time."""
    path = folder / "small.raw"
    path.write_bytes(_apfs_media())
    return path


def _container(form: str, *options: str) -> Maker:
    def make(folder: Path) -> tuple[Path, ...]:
        need("qemu-img")
        raw = _small(folder)
        qemu.converted(raw, folder / "image", form, *options)
        raw.unlink()
        return tuple(sorted(path for path in folder.glob("image*")))

    return make


def _e01(folder: Path) -> tuple[Path, ...]:
    raw = _small(folder)
    with raw.open("ab") as file:
        file.write(random.Random(1).randbytes(2 << 20))  # more than one segment
    files = tuple(ewf_builder.acquire(raw, folder / "image", "-S", "1000000"))
    raw.unlink()
    return files


def _ex01(folder: Path) -> tuple[Path, ...]:
    raw = _small(folder)
    files, _ = ewf2_builder.write_set(raw.read_bytes(), folder, 2)
    raw.unlink()
    return tuple(files)


def _split(folder: Path) -> tuple[Path, ...]:
    data = _small(folder).read_bytes()
    (folder / "small.raw").unlink()
    half = len(data) // 2
    for number, part in enumerate((data[:half], data[half:]), 1):
        (folder / f"image.{number:03d}").write_bytes(part)
    return (folder / "image.001", folder / "image.002")


def _udif(folder: Path) -> Path:
    media = _small(folder).read_bytes()
    (folder / "small.raw").unlink()
    kinds = (udif_builder.RAW, udif_builder.ZLIB, udif_builder.BZIP2, udif_builder.XZ)
    size = 256 << 10
    chunks = [(kinds[at // size % 4], media[at : at + size]) for at in range(0, len(media), size)]
    return udif_builder.Udif(tables=[("whole", chunks)]).write(folder / "image.dmg")


def _exfat(folder: Path) -> Path:
    need("mkfs.exfat")
    path = blank(folder / "image", 8 << 20)
    run("mkfs.exfat", path)
    return path


def _iso(folder: Path) -> Path:
    need("genisoimage")
    run("genisoimage", "-quiet", "-R", "-J", "-o", folder / "image.iso", _tree(folder))
    return folder / "image.iso"


def _udf(kind: str) -> Maker:
    def make(folder: Path) -> Path:
        volume = udf_builder.Volume(kind=kind)
        file = volume.file(b"hello\n" * 900, extended=True)
        inner = volume.directory(volume.name("deep.bin", file))
        volume.directory(volume.name("docs", inner, 2), volume.name("a.txt", volume.entry(5, 3, b"abc")), at=1)
        return volume.write(folder / "image.udf", 1)

    return make


def _squashfs(folder: Path) -> Path:
    need("mksquashfs")
    run("mksquashfs", _tree(folder), folder / "image", "-quiet", "-no-progress")
    return folder / "image"


def _btrfs(folder: Path) -> Path:
    return btrfs_images.made(folder / "image", btrfs_images.filled(folder / "tree"))


def _apfs_media() -> bytearray:
    rng = random.Random(4)
    files = [
        apfs_writer.FileToWrite(inode=16, name=b"docs", mode=0o040755),
        *(
            apfs_writer.FileToWrite(
                inode=20 + number,
                name=b"file-%03d.bin" % number,
                parent=2 if number % 3 else 16,
                content=(rng.randbytes(5000), None, b"end"),
                attributes={b"user.note": b"x" * 100},
            )
            for number in range(16)
        ),
    ]
    return apfs_writer.simple(files).data


def _apfs(folder: Path) -> Path:
    (folder / "image").write_bytes(_apfs_media())
    return folder / "image"


def _mbr(folder: Path) -> Path:
    """Primary and logical partitions, one with a file system."""
    need("sfdisk")
    path = blank(folder / "image", 8 << 20)
    run("sfdisk", "-q", path, text="label-id: 0x1A2B3C4D\n2048,6144,L\n8192,,E\n10240,2048,7\n14336,1024,b\n")
    with path.open("r+b") as file:
        file.seek(1 << 20)
        file.write(_small(folder).read_bytes())
    return path


def _gpt(folder: Path) -> Path:
    need("sgdisk")
    path = blank(folder / "image", 8 << 20)
    guids = (f"6B1A7B1E-0000-4000-8000-00000000000{number}" for number in range(3))
    parts = ("-n", "1:2048:8191", "-n", "2:8192:0")
    run("sgdisk", *parts, "-U", next(guids), "-u", f"1:{next(guids)}", "-u", f"2:{next(guids)}", path)
    with path.open("r+b") as file:
        file.seek(1 << 20)
        file.write(_small(folder).read_bytes())
    return path


def _luks(version: int) -> Maker:
    def make(folder: Path) -> Specimen:
        need("cryptsetup")
        raw = _small(folder).read_bytes()
        quick = ("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--cipher", "aes-xts-plain64")
        areas = ("--luks2-metadata-size", "16k", "--luks2-keyslots-size", "1M") if version == 2 else ()
        size = luks_images.PAYLOAD_AT + len(raw)
        path = luks_images.formatted(folder, "--type", f"luks{version}", *quick, *areas, size_bytes=size)
        key = luks_images.volume_key(folder, path)
        with path.open("r+b") as file:
            file.seek(luks_images.PAYLOAD_AT)
            file.write(luks_images.encrypted(raw, "aes-xts-plain64", key))
        return Specimen(name=f"luks{version}", files=(path,), keys=Keys(passwords=(luks_images.PASSWORD,)))

    return make


def _bitlocker(form: str) -> Maker:
    def make(folder: Path) -> Specimen:
        volume = bitlocker_builder.Volume(form=form, kinds=(0x0200, 0x0000))
        (folder / "image").write_bytes(volume.media().data)
        keys = Keys(startup_keys=(bitlocker_builder.startup_file(0),))
        return Specimen(name=f"bitlocker-{form.replace(' ', '-')}", files=(folder / "image",), keys=keys)

    return make


def _core_storage(folder: Path) -> Specimen:
    (folder / "image").write_bytes(corestorage_builder.Volume().media().data)
    keys = Keys(passwords=(corestorage_builder.PASSPHRASE,))
    return Specimen(name="corestorage", files=(folder / "image",), keys=keys)


def _lvm(folder: Path) -> Path:
    text = lvm_images.group(
        lvm_images.volume("root", lvm_images.linear(0, 32, "pv0", 0))
        + lvm_images.volume("home", lvm_images.linear(0, 4, "pv0", 40), lvm_images.linear(4, 2, "pv0", 36))
    )
    media = lvm_images.Physical(0, text)
    raw = _small(folder).read_bytes()
    for number in range(min(32, len(raw) // lvm_images.EXTENT_BYTES)):
        media.extent(number, raw[number * lvm_images.EXTENT_BYTES : (number + 1) * lvm_images.EXTENT_BYTES])
    (folder / "image").write_bytes(media.data)
    return folder / "image"


def _shadow(folder: Path) -> Path:
    stores = [
        shadow_writer.StoreToWrite(descriptors=((3, 3, 100, 0, 0), (5, 5, 101, 2, 0xF0F0))),
        shadow_writer.StoreToWrite(descriptors=((3, 3, 102, 0, 0), (7, 9, 0, 1, 0)), empty=(20, 21)),
    ]
    (folder / "image").write_bytes(shadow_writer.volume_with(stores))
    return folder / "image"


def _file_system(kind: str) -> Maker:
    def make(folder: Path) -> Path:
        tree = _tree(folder)
        if kind.startswith("ext"):
            return ext(folder / "image", tree, kind)
        return ntfs(folder / "image", tree) if kind == "ntfs" else fat(folder / "image", tree, int(kind[3:]))

    return make


def _in_archives(folder: Path) -> Path:
    """An ext2 file system with archives of every kind that is opened, one of them in another."""
    need("mkfs.ext2")
    tree = folder / "tree"
    tree.mkdir()
    for name in archive_files.KINDS:
        archive_files.made(tree / f"files.{name}", name)
    path = blank(folder / "image", 4 << 20)
    run("mkfs.ext2", "-q", "-I", "256", "-d", tree, path)
    shutil.rmtree(tree)
    return path


def _logical(kind: str) -> Maker:
    def make(folder: Path) -> Specimen:
        path = archive_files.made(folder / f"files.{kind}", kind)
        return Specimen(name=f"logical-{kind}", files=(path,), is_logical=True)

    return make


def _l01(folder: Path) -> tuple[Path, ...]:
    files = {f"file {number}.bin": random.Random(number).randbytes(30_000) for number in range(9)}
    return tuple(l01_builder.write_set(files, folder, segments=2)[0])


def _locked_apfs(folder: Path) -> Specimen:
    (folder / "image").write_bytes(apfs_writer.encrypted(bytes(range(32)), bytes(range(32)), 0).data)
    return Specimen(name="apfs-locked", files=(folder / "image",), keys=Keys(passwords=(apfs_writer.PASSWORD,)))


MAKERS: dict[str, Maker] = {
    "raw-split": _split,
    "e01": _e01,
    "ex01": _ex01,
    "qcow2": _container("qcow2"),
    "qcow2-compressed": _container("qcow2", "-c"),
    "qcow1": _container("qcow"),
    "vmdk": _container("vmdk"),
    "vmdk-stream": _container("vmdk", "-o", "subformat=streamOptimized"),
    "vmdk-split": _container("vmdk", "-o", "subformat=twoGbMaxExtentSparse"),
    "vhd": _container("vpc"),
    "vhd-fixed": _container("vpc", "-o", "subformat=fixed"),
    "vhdx": _container("vhdx"),
    "parallels": _container("parallels"),
    "udif": _udif,
    "mbr": _mbr,
    "gpt": _gpt,
    "ext2": _file_system("ext2"),
    "ext4": _file_system("ext4"),
    "fat12": _file_system("fat12"),
    "fat16": _file_system("fat16"),
    "fat32": _file_system("fat32"),
    "exfat": _exfat,
    "ntfs": _file_system("ntfs"),
    "iso": _iso,
    "udf-plain": _udf("plain"),
    "udf-virtual": _udf("virtual"),
    "udf-sparable": _udf("sparable"),
    "udf-metadata": _udf("metadata"),
    "squashfs": _squashfs,
    "xfs": lambda folder: xfs_images.made(folder),
    "btrfs": _btrfs,
    "apfs": _apfs,
    "luks1": _luks(1),
    "luks2": _luks(2),
    "bitlocker-seven": _bitlocker("seven"),
    "bitlocker-vista": _bitlocker("vista"),
    "bitlocker-to-go": _bitlocker("to go"),
    "corestorage": _core_storage,
    "lvm": _lvm,
    "shadow": _shadow,
    "apfs-locked": _locked_apfs,
    "archives": _in_archives,
    "logical-zip": _logical("zip"),
    "logical-tar": _logical("tar"),
    "logical-tar.gz": _logical("tar.gz"),
    "l01": _l01,
    **rarer.makers(_small),
}
_CHECKED = {
    **dict.fromkeys(("e01", "e01-simple", "ex01", "aff4-snappy", "aff4-zlib", "aff4-map", "udif"), "media"),
    **dict.fromkeys(("btrfs", "btrfs-raid0", "btrfs-raid1", "xfs"), "names"),
}
