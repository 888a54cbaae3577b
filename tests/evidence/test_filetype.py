from __future__ import annotations

import gzip
import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import magic
import pytest
from PIL import Image as Picture
from PIL import features

from evidence.filetype import EXTENSIONS, SIGNATURES, TypeFinder, agrees, by_signature, by_text, library_versions
from tests.evidence.made_images import need, run


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
