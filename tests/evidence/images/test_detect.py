import random
import shutil
import socket
import subprocess
import zipfile
from pathlib import Path

import pytest

from evidence.errors import DamagedContainerError, NotAnImageError, SourceAccessError, UnsupportedContainerError
from evidence.images import open_image
from evidence.images.detect import identify
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import media_of, simple


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def padded(*parts: tuple[int, bytes], size: int = 8192) -> bytes:
    data = bytearray(size)
    for place, part in parts:
        data[place : place + len(part)] = part
    return bytes(data)


CONTAINERS = [
    ("logical evidence (Lx01)", padded((0, b"LEF2\r\n\x81\x00"))),
    ("AccessData encrypted image", padded((0, b"ADCRYPT\x00"))),
    ("AccessData logical image (AD1)", padded((0, b"ADSEGMENTEDFILE\x00"))),
    ("VDI", padded((0, b"<<< Oracle VM VirtualBox Disk Image >>>\n"), (64, b"\x7f\x10\xda\xbe"))),
    ("AFF", padded((0, b"AFF10\r\n\x00"))),
    ("Apple encrypted image", padded((0, b"encrcdsa"))),
    ("Apple encrypted image", padded((8192 - 1276, b"cdsaencr"))),
    ("Apple sparse image", padded((0, b"sprs"))),
    ("WIM", padded((0, b"MSWIM\x00\x00\x00"))),
]


@pytest.mark.parametrize(("name", "data"), CONTAINERS)
def test_a_container_without_a_reader_is_refused_by_name_whatever_it_is_called(
    name: str, data: bytes, tmp_path: Path
) -> None:
    for file_name in ("disk.raw", "disk.E01", "disk.001", "disk"):
        with pytest.raises(UnsupportedContainerError) as caught:
            open_image([written(tmp_path / file_name, data)])
        assert caught.value.container == name


@pytest.mark.parametrize(
    ("form", "options", "name"),
    [
        ("vdi", [], "VDI"),
        ("qed", [], "QED"),
    ],
)
def test_what_qemu_writes_is_refused_by_name(form: str, options: list[str], name: str, tmp_path: Path) -> None:
    if not shutil.which("qemu-img"):
        pytest.skip("qemu-img (Debian: qemu-utils) is not installed")
    raw = written(tmp_path / "disk.raw", padded((510, b"\x55\xaa"), size=4 << 20))
    target = tmp_path / "container.raw"
    subprocess.run(
        ["qemu-img", "convert", "-f", "raw", "-O", form, *options, raw, target], check=True, capture_output=True
    )
    with pytest.raises(UnsupportedContainerError) as caught:
        open_image([target])
    assert caught.value.container == name


def test_a_zip_with_the_marks_of_aff4_is_one_and_an_early_one_is_refused_by_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "disk.zip", "w") as archive:
        archive.comment = b"aff4://685e15cc-d0fb-4dbc-ba47-48117fc77044"
        archive.writestr("container.description", "aff4://685e15cc-d0fb-4dbc-ba47-48117fc77044")
        archive.writestr("information.turtle", "@prefix aff4: <http://aff4.org/Schema#> .")
    with pytest.raises(UnsupportedContainerError, match=r"AFF4 of before version 1\.0"):
        open_image([tmp_path / "disk.zip"])


def test_a_sparse_bundle_is_named_though_it_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "disk.sparsebundle" / "bands").mkdir(parents=True)
    (tmp_path / "disk.sparsebundle" / "Info.plist").write_text("<plist/>")
    with pytest.raises(UnsupportedContainerError, match="sparse bundle"):
        open_image([tmp_path / "disk.sparsebundle"])


NO_IMAGES = [
    ("an empty file", b""),
    ("a text", b"hello"),
    ("a text", b"line one\nline two\n" * 2000),
    ("a text", "ხელნაწერი და рукопись\n".encode() * 9000),
    ("a text", "рукопись\r\n".encode("cp1251") * 9000),
    ("a text", ("\ufeffdas Papier\n" * 3000).encode("utf-16-le")),
    ("a text", ("\ufeffdas Papier\n" * 3000).encode("utf-16-be")),
    ("a text", b'{"case": 7, "items": [1, 2, 3]}\n'),
    ("a PDF document", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(5000)),
    ("a JPEG picture", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000)),
    ("a PNG picture", b"\x89PNG\r\n\x1a\n" + bytes(5000)),
    ("an office document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000)),
    ("an SQLite database", b"SQLite format 3\x00" + bytes(4080)),
    ("a file packed with gzip", b"\x1f\x8b\x08\x00" + bytes(5000)),
    ("a 7z archive", b"7z\xbc\xaf\x27\x1c" + bytes(5000)),
    ("a tar archive", padded((0, b"photo.jpg"), (257, b"ustar\x0000"))),
    ("a recording, video or picture (RIFF)", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(5000)),
    ("a video, or a HEIF picture", b"\x00\x00\x00\x18ftypmp42" + bytes(5000)),
]


@pytest.mark.parametrize(("found", "data"), NO_IMAGES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_no_image_is_named(found: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotAnImageError) as caught:
        open_image([written(tmp_path / "evidence.E01", data)])
    assert caught.value.found == found
    assert caught.value.path == tmp_path / "evidence.E01"


def test_a_zip_and_an_office_document_are_told_apart(tmp_path: Path) -> None:
    for name, inside in (("a ZIP archive", "photo.jpg"), ("an office document", "[Content_Types].xml")):
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(inside, "x" * 100)
        with pytest.raises(NotAnImageError) as caught:
            open_image([tmp_path / "x.zip"])
        assert caught.value.found == name


def test_a_folder_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(NotAnImageError) as caught:
        open_image([tmp_path])
    assert caught.value.found == "a folder"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="the system has no sockets in the file system")
def test_a_socket_and_a_pipe_are_no_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        subprocess.run(["mkfifo", "pipe"], check=True)
        for name, found in (("socket", "a socket"), ("pipe", "a pipe"), ("/dev/null", "a character device")):
            with pytest.raises(NotAnImageError) as caught:
                open_image([Path(name)])
            assert caught.value.found == found


def test_what_is_not_there_is_said_in_the_words_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(SourceAccessError) as caught:
        open_image([tmp_path / "nowhere.raw"])
    assert caught.value.why == "No such file or directory"


def test_no_path_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no path"):
        open_image([])


RAW = [
    ("zeros", bytes(1 << 20)),
    ("noise", random.Random(2).randbytes(1 << 20)),
    ("wiped with a letter", b"U" * (1 << 20)),
    ("text, then the rest of a disk", b"log line\n" * 20_000 + bytes(1 << 20)),
    ("a disk whose first sectors are text", (b"# notes\n" * 64)[:512] + bytes(1 << 20)),
    ("a document at the start of a partitioned disk", padded((0, b"%PDF-1.4"), (510, b"\x55\xaa"))),
    ("a picture in the boot area of ext", padded((0, b"\xff\xd8\xff\xe0"), (1080, b"\x53\xef"))),
    ("GPT of 4096-byte sectors", padded((4096, b"EFI PART"))),
    ("ISO 9660", padded((32769, b"CD001"), size=65536)),
    ("an MBR", padded((0, b"\x33\xc0\x8e\xd0"), (510, b"\x55\xaa"))),
    ("one odd byte", b"\x90"),
    ("VHD mark without its checksum", padded((8192 - 512, b"conectix"))),
]


@pytest.mark.parametrize(("name", "data"), RAW, ids=[name for name, _ in RAW])
def test_media_are_never_refused(name: str, data: bytes, tmp_path: Path, opened: Open) -> None:
    path = written(tmp_path / "disk.dd", data)
    assert identify(path) is None, name
    image = opened([path])
    assert image.container == "raw"
    assert image.read_at(0, len(data)) == data


def test_raw_media_named_like_a_container_are_opened_with_a_word_about_it(tmp_path: Path, opened: Open) -> None:
    image = opened([written(tmp_path / "disk.E01", random.Random(3).randbytes(4096))])
    assert image.container == "raw"
    assert "name" in image.problems[0].what


def test_an_ewf_whose_signature_is_damaged_is_not_taken_for_raw_media(tmp_path: Path) -> None:
    path = simple(media_of(5000 * 512), tmp_path / "disk.raw")
    data = bytearray(path.read_bytes())
    for position in range(8):
        damaged = bytearray(data)
        damaged[position] ^= 0x40
        with pytest.raises(DamagedContainerError, match="signature"):
            open_image([written(path, bytes(damaged))])
