from __future__ import annotations

import gzip
import hashlib
import io
import plistlib
import random
import sqlite3
import struct
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import magic
import pytest
from PIL import Image as Picture
from PIL import features

from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.batches import Batches
from evidence.filesystems.content import BytesContent, ContentReader, Examined, without_media
from evidence.filetype import (
    EXTENSIONS,
    SIGNATURES,
    FileType,
    TypeFinder,
    agrees,
    by_signature,
    by_text,
    library_versions,
)
from evidence.shares import Share
from tests.evidence.made_images import need, run
from tests.evidence.viewers.compound_samples import Storage, compound_of

HIVE = b"regf" + struct.pack("<IIQII", 1, 1, 0, 1, 5) + bytes(480)


@pytest.fixture(scope="module")
def types() -> TypeFinder:
    return TypeFinder()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (16, 16), "teal").save(out, kind)
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("letter.txt", "hello")
    return out.getvalue()


def samples(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Real files of the common types, made by the libraries that write them."""
    yield "a.jpg", picture("JPEG")
    yield "a.png", picture("PNG")
    yield "a.gif", picture("GIF")
    yield "a.bmp", picture("BMP")
    yield "a.tiff", picture("TIFF")
    yield "a.webp", picture("WEBP")
    yield "a.pdf", picture("PDF")
    yield "a.zip", archive()
    yield "a.gz", gzip.compress(b"hello")
    yield "a.txt", b"hello\nworld\n"
    yield "a.log", b"2023-11-14T22:13:20Z one line\n2023-11-14T22:13:21Z another\n"
    yield "a.html", b"<!DOCTYPE html><html><body>x</body></html>\n"
    yield "a.json", b'{"id": 3, "list": [1, 2]}\n'
    yield "b.json", b'{"id": The quick brown fox\n'
    database = folder / "a.sqlite"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()
    yield "a.sqlite", database.read_bytes()


def test_the_table_says_of_real_files_what_libmagic_says(types: TypeFinder, tmp_path: Path) -> None:
    judge = magic.Magic(mime=True)
    for name, content in samples(tmp_path):
        head = content[:4096]
        found = types.of(head, name, size_bytes=len(content))
        assert (name, found.mime) == (name, judge.from_buffer(head))
        assert (name, found.mismatch) == (name, False)


def test_the_table_decides_the_common_types_itself(tmp_path: Path) -> None:
    left = [
        name
        for name, content in samples(tmp_path)
        if by_signature(content) is None and by_text(content[:4096], name.rpartition(".")[2], len(content)) is None
    ]
    assert left == ["a.bmp", "a.tiff", "a.webp"]


def test_a_picture_under_another_name_is_a_mismatch(types: TypeFinder) -> None:
    found = types.of(picture("JPEG"), "letter.docx", size_bytes=5000)
    assert (found.mime, found.mismatch) == ("image/jpeg", True)
    assert types.of(archive(), "holiday.jpg", size_bytes=200).mismatch


@pytest.mark.parametrize("name", ["holiday", "holiday.xyz", ".jpg", "_hoto.JPG", "photo.JPEG"])
def test_an_unknown_extension_or_a_lost_first_letter_is_no_mismatch(name: str, types: TypeFinder) -> None:
    assert not types.of(picture("JPEG"), name, size_bytes=5000).mismatch


def test_an_empty_file_is_called_as_file_calls_it(types: TypeFinder, tmp_path: Path) -> None:
    need("file")
    (tmp_path / "empty.jpg").write_bytes(b"")
    found = types.of(b"", "empty.jpg", size_bytes=0)
    assert found.mime == run("file", "-b", "--mime-type", tmp_path / "empty.jpg").strip()
    assert not found.mismatch


def test_a_start_that_many_things_have_needs_more_than_itself(types: TypeFinder) -> None:
    assert types.of(b"MZ is how this letter begins, and it goes on\n", "letter.txt", size_bytes=45).mime == "text/plain"
    assert types.of(b"PK\x03\x04" + bytes(range(250)), "noise", size_bytes=254).mime != "application/zip"


def test_every_signature_is_confirmed_by_an_extension() -> None:
    for start, mime, _ in SIGNATURES:
        assert any(agrees(extension, mime) for extension in EXTENSIONS), start


AGREEING = (
    ("JPEG", "jpg jpeg jpe jfif JPG"), ("PNG", "png"), ("TIFF", "tif tiff"), ("BMP", "bmp dib"), ("ICO", "ico"),
    ("WEBP", "webp"), ("PDF", "pdf"), ("AVIF", "avif"), ("EPS", "eps ps"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "extensions"), AGREEING)
def test_pictures_agree_with_every_extension_of_their_kind_and_with_no_other(
    kind: str, extensions: str, types: TypeFinder
) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow writes no AVIF")
    content = picture(kind)
    for extension in extensions.split():
        assert not types.of(content[:4096], f"a.{extension}", size_bytes=len(content)).mismatch
    for extension in ("zip", "docx", "mp4", "txt", "exe", "png" if kind != "PNG" else "jpg"):
        assert types.of(content[:4096], f"a.{extension}", size_bytes=len(content)).mismatch


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


WORD = zipped(
    ("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", b"<Relationships/>"), ("word/document.xml", b"<w:document/>")
)
SHEET = zipped(
    ("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", b"<Relationships/>"), ("xl/workbook.xml", b"<workbook/>")
)
OPEN = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>"))
JAVA = zipped(("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"), ("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34"))
ANDROID = zipped(("AndroidManifest.xml", b"\x03\0\x08\0"), ("classes.dex", b"dex\n035\0"))
EPUB = zipped(("mimetype", b"application/epub+zip"), ("META-INF/container.xml", b"<x/>"))


@pytest.mark.parametrize(
    ("content", "extensions"),
    [
        (WORD, "docx docm dotx zip"), (SHEET, "xlsx xlsm zip"), (OPEN, "odt zip"), (JAVA, "jar war zip"),
        (ANDROID, "apk zip"), (EPUB, "epub zip"), (archive(), "zip cbz kmz whl jar"),
    ],
)  # fmt: skip
def test_archives_agree_with_what_they_may_be_called(content: bytes, extensions: str, types: TypeFinder) -> None:
    for extension in extensions.split():
        assert not types.of(content[:4096], f"a.{extension}", size_bytes=len(content)).mismatch, extension
    for extension in ("jpg", "pdf", "exe", "txt", "7z", "tar"):
        assert types.of(content[:4096], f"a.{extension}", size_bytes=len(content)).mismatch, extension


@pytest.mark.parametrize(
    ("brand", "extensions"),
    [(b"isom", "mp4 m4v mov"), (b"mp42", "mp4"), (b"qt  ", "mov qt mp4"), (b"M4A ", "m4a mp4"), (b"3gp4", "3gp mp4"),
     (b"M4V ", "m4v"), (b"heic", "heic heif")],
)  # fmt: skip
def test_films_agree_by_the_family_of_their_container(brand: bytes, extensions: str, types: TypeFinder) -> None:
    content = b"\0\0\0\x18ftyp" + brand + b"\0\0\x02\0" + brand + brand + b"\0\0\0\x08free" + bytes(200)
    for extension in extensions.split():
        assert not types.of(content, f"a.{extension}", size_bytes=len(content)).mismatch, extension
    for extension in ("jpg", "avi", "zip", "pdf"):
        assert types.of(content, f"a.{extension}", size_bytes=len(content)).mismatch, extension


@pytest.mark.parametrize("options", ["-cf", "-czf", "-cjf", "-cJf"])
def test_archives_of_tar_agree_with_the_names_they_usually_have(
    options: str, tmp_path: Path, types: TypeFinder
) -> None:
    need("tar", "gzip", "bzip2", "xz")
    run("tar", options, tmp_path / "out", "-C", "/etc", "passwd")
    content = (tmp_path / "out").read_bytes()
    names = {"-cf": "tar", "-czf": "gz tgz", "-cjf": "bz2 tbz tbz2", "-cJf": "xz txz"}[options].split()
    for extension in names:
        assert not types.of(content[:4096], f"a.{extension}", size_bytes=len(content)).mismatch, extension
    assert types.of(content[:4096], "a.zip", size_bytes=len(content)).mismatch


def test_the_versions_are_there_for_the_record_with_the_digest_of_the_database() -> None:
    versions = library_versions()
    assert versions["libmagic"].startswith("5.")
    word, digest = versions["libmagic database"].split()
    assert word == "sha256"
    assert len(bytes.fromhex(digest)) == 32
    assert digest != hashlib.sha256().hexdigest()


LONG = b"x" * 5000
COMPOUNDS: tuple[tuple[str, Storage, str], ...] = (
    ("letter.msg", {"a": LONG, "__properties_version1.0": b"p" * 64, "__nameid_version1.0": {}}, "vnd.ms-outlook"),
    ("a.doc", {"1Table": LONG, "WordDocument": LONG}, "msword"),
    ("a.xls", {"Workbook": LONG}, "vnd.ms-excel"),
    ("a.xls", {"Book": LONG}, "vnd.ms-excel"),
    ("a.docx", {"EncryptionInfo": LONG, "EncryptedPackage": LONG}, "encrypted"),
)
OWN_WORDS: tuple[tuple[str, Storage, str, str], ...] = (
    ("a.ppt", {"Current User": b"a", "PowerPoint Document": LONG}, "vnd.ms-powerpoint", "Microsoft PowerPoint"),
    ("a.vsd", {"VisioDocument": LONG}, "vnd.visio", "Microsoft Visio"),
    ("a.automaticDestinations-ms", {"DestList": LONG, "1": b"L"}, "x-ole-storage", "Windows jump list"),
    (
        "letter",
        {"a": LONG, "__substg1.0_3701000D": {"WordDocument": LONG}, "__properties_version1.0": b"p"},
        "vnd.ms-outlook",
        "Outlook Message",
    ),
    ("a.doc", {"MBD0001": {"Workbook": LONG, "WordDocument": LONG}, "WordDocument": LONG}, "msword", "Microsoft Word"),
    ("Thumbs.db", {"Catalog": LONG, "1": b"p"}, "x-ole-storage", "Thumbs.db"),
)


def whole_type(types: TypeFinder, content: bytes, name: str) -> FileType:
    return types.of(content[:4096], name, size_bytes=len(content), read=lambda at, size: content[at : at + size])


@pytest.mark.parametrize(("name", "tree", "expected"), COMPOUNDS)
def test_a_compound_file_is_what_libmagic_says_of_it_whole(
    name: str, tree: Storage, expected: str, types: TypeFinder
) -> None:
    content = compound_of(tree)
    found = whole_type(types, content, name)
    assert found == FileType(mime=f"application/{expected}", text=magic.from_buffer(content))
    assert found.mime == magic.from_buffer(content, mime=True)
    assert types.of(content[:4096], name, size_bytes=len(content)).mime == "application/x-ole-storage"


@pytest.mark.parametrize(("name", "tree", "expected", "words"), OWN_WORDS)
def test_a_compound_file_that_libmagic_takes_for_another_is_told_by_its_uppermost_storage(
    name: str, tree: Storage, expected: str, words: str, types: TypeFinder
) -> None:
    found = whole_type(types, compound_of(tree), name)
    assert (found.mime, words in found.text, found.mismatch) == (f"application/{expected}", True, False)


def test_an_installer_is_told_by_the_class_of_its_uppermost_storage(types: TypeFinder) -> None:
    content = bytearray(compound_of({"a": LONG}))
    at = content.index("Root Entry".encode("utf-16-le"))
    content[at + 80 : at + 96] = uuid.UUID("000C1084-0000-0000-C000-000000000046").bytes_le
    assert whole_type(types, bytes(content), "a.msi").mime == "application/x-msi"


def test_the_directory_of_a_large_compound_file_is_found_by_the_tables_beside_the_header(types: TypeFinder) -> None:
    """As Outlook writes it with large attachments: the directory's second sector lies behind the first 109 tables."""
    sectors_in_table, far = 128, 110 * 128 + 5
    content = bytearray((far + 2) * 512)
    small = compound_of({**{f"__substg1.0_{at:08X}": b"" for at in range(3)}, "__properties_version1.0": b""})
    content[: len(small[:512])] = small[:512]
    directory = next(
        small[at : at + 1024] for at in range(512, len(small), 512) if small[at:].startswith(b"R\0o\0o\0t\0")
    )
    content[512:1024], content[(far + 1) * 512 :] = directory[:512], directory[512:]
    near_table, beside, far_table = 1, 2, 3
    struct.pack_into("<I", content, 48, 0)
    struct.pack_into("<I", content, 68, beside)
    struct.pack_into("<109I", content, 76, near_table, *[0xFFFFFFFF] * 108)
    struct.pack_into("<I", content, (near_table + 1) * 512, far)
    struct.pack_into("<128I", content, (beside + 1) * 512, 0xFFFFFFFF, far_table, *[0xFFFFFFFE] * 126)
    struct.pack_into("<I", content, (far_table + 1) * 512 + far % sectors_in_table * 4, 0xFFFFFFFE)
    assert whole_type(types, bytes(content), "large.msg").mime == "application/vnd.ms-outlook"


def test_damaged_directories_of_compound_files_end_and_are_only_read_within_bounds(types: TypeFinder) -> None:
    source = random.Random(11)
    good = compound_of({"a": LONG, "b": {"c": b"d"}, "WordDocument": LONG})
    allowed = {"msword", "x-ole-storage", "encrypted", "octet-stream", "CDFV2"}
    for _ in range(300):
        content = bytearray(good)
        for _ in range(source.choice((1, 4, 40))):
            content[source.randrange(8, len(content))] = source.choice((0, 1, 5, 255, source.randrange(256)))
        reads: list[int] = []

        def read(at: int, size: int, content: bytes = bytes(content), reads: list[int] = reads) -> bytes:
            reads.append(size)
            return content[at : at + size]

        found = types.of(bytes(content[:4096]), "a", size_bytes=len(content), read=read)
        assert found.mime.removeprefix("application/") in allowed
        assert len(reads) < 100
        assert max(reads) <= 4096


def test_a_place_that_cannot_be_read_leaves_the_type_by_the_head() -> None:
    class Unreadable(BytesContent):
        def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
            if offset_bytes >= 5000:
                raise OSError("bad sector")
            return super().read(offset_bytes, size_bytes)

    content = Unreadable(compound_of({"a": LONG, "WordDocument": LONG}))
    assert ContentReader(TypeFinder(), lambda: None).examine(content, "a.doc").mime == "application/x-ole-storage"


UP_CASE = struct.pack("<2048H", *range(2048))


@pytest.mark.parametrize(("name", "is_picture"), [("$UpCase", False), ("x.dat", False), ("", False), ("a.TGA", True)])
def test_a_picture_without_a_signature_is_one_only_by_its_name(name: str, is_picture: bool, types: TypeFinder) -> None:
    assert magic.from_buffer(UP_CASE, mime=True) == "image/x-tga"
    found = whole_type(types, UP_CASE, name)
    assert found.mime == ("image/x-tga" if is_picture else "application/octet-stream")
    assert "Targa" in found.text


def test_a_targa_picture_under_another_name_is_told_by_its_end(types: TypeFinder) -> None:
    out = io.BytesIO()
    Picture.new("RGB", (16, 16), "teal").save(out, "TGA")
    assert out.getvalue().endswith(b"TRUEVISION-XFILE.\0")
    assert whole_type(types, out.getvalue(), "letter.docx").mime == "image/x-tga"
    assert whole_type(types, out.getvalue(), "letter.docx").mismatch


def test_numbers_in_a_row_are_hardly_ever_pictures(types: TypeFinder) -> None:
    source = random.Random(3)
    small = (0, 0, 0, 1, 2, 3, 4, 8, 16, 24, 32, 255)
    tables = [bytes(source.choices(small, k=256)) * 16 for _ in range(3000)]
    alone = sum(magic.from_buffer(table, mime=True).startswith("image/") for table in tables)
    now = sum(whole_type(types, table, "table.dat").mime.startswith("image/") for table in tables)
    assert now <= 2 < 100 < alone


@pytest.mark.parametrize(("kind", "expected"), [("metadata", "application/octet-stream"), ("file", "image/jpeg")])
def test_a_bitmap_of_a_file_system_that_begins_like_a_picture_is_listed_as_data(kind: str, expected: str) -> None:
    content = BytesContent(picture("JPEG"))
    batches = Batches(1 << 20, ContentReader(TypeFinder(), lambda: None), lambda count: None, Share())
    batches.rows.append(tuple({"id": 1, "kind": kind}.get(column) for column in FILE_COLUMNS))
    batches.read_for_last_row(content, lambda: 0, "$Bitmap")
    batches.read()
    row = dict(zip(FILE_COLUMNS, batches.rows[0], strict=True))
    assert (row["mime"], row["mismatch"]) == (expected, False)
    assert row["sha256"] == hashlib.sha256(picture("JPEG")).digest()


def test_metadata_of_a_file_system_is_no_picture_sound_or_film() -> None:
    jpeg = Examined(sha256=b"s" * 32, mime="image/jpeg", type_text="JPEG image data", mismatch=True, marks="random")
    assert without_media(jpeg) == Examined(
        sha256=b"s" * 32, mime="application/octet-stream", type_text="data", marks="random"
    )
    text = Examined(mime="text/plain", type_text="ASCII text")
    assert without_media(text) is text


@pytest.mark.parametrize(
    ("head", "name", "mime"),
    [
        (HIVE, "NTUSER.DAT", "application/x.windows-registry"),
        (HIVE, "SYSTEM.LOG", "application/x.windows-registry"),
        (b"\x1e\0\0\0SCCA\x11\0\0\0" + bytes(200), "CMD.EXE-1.pf", "application/x.windows-prefetch"),
        (b"MAM\x04\x00\x40\0\0" + bytes(range(200)), "CMD.EXE-2.pf", "application/x.windows-prefetch"),
        (plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY), "a.plist", "application/x-bplist"),
        (b"\x30\0\0\0LfLe\1\0\0\0\1\0\0\0" + bytes(100), "SysEvent.Evt", "application/x-ms-evt"),
        (b"regfoo\0\1 and nothing of a hive" + bytes(200), "x.bin", "application/octet-stream"),
        (b"\x63\0\0\0SCCA" + bytes(200), "x.bin", "application/octet-stream"),
        (b"MAM\x04\xff\xff\xff\xff" + bytes(range(200)), "x.bin", "application/octet-stream"),
    ],
)
def test_what_systems_write_is_no_mere_data(types: TypeFinder, head: bytes, name: str, mime: str) -> None:
    found = types.of(head, name, size_bytes=len(head))
    assert (found.mime, found.mismatch) == (mime, False)
