from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image as Picture

from evidence.entropy import HEAD_BYTES, spread_of
from evidence.filesystems.content import ContentReader, Examined
from evidence.filetype import TypeFinder, agrees
from evidence.marks import MARKS
from tests.evidence.made_images import need, run

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.'
    'document.main+xml"/></Types>'
)
TEXT = b"The quick brown fox jumps over the lazy dog.\n" * 200


@dataclass(frozen=True)
class Content:
    data: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self.data[offset_bytes : offset_bytes + size_bytes]


@pytest.fixture(scope="module")
def examined() -> Callable[[bytes], Examined]:
    reader = ContentReader(TypeFinder(), lambda: None)
    return lambda data: reader.examine(Content(data), "")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(TEXT)
    return path


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("one.txt", TEXT)
        file.writestr("two.bin", os.urandom(2000))
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (64, 64), "teal").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("method", ["-mem=ZipCrypto", "-mem=AES256"])
def test_a_zip_of_7z_with_a_password_is_encrypted(
    method: str, text: Path, examined: Callable[[bytes], Examined]
) -> None:
    need("7z")
    run("7z", "a", "-bd", "-tzip", "-pword", method, text.with_suffix(".zip"), text)
    assert examined(text.with_suffix(".zip").read_bytes()).marks == "encrypted"


def test_a_zip_in_which_only_the_last_member_is_encrypted_is_encrypted(
    text: Path, examined: Callable[[bytes], Examined]
) -> None:
    need("zip")
    path = text.with_suffix(".zip")
    run("zip", "-q", path, "/etc/passwd")
    assert examined(path.read_bytes()).marks == ""
    run("zip", "-q", "-P", "word", path, text)
    assert examined(path.read_bytes()).marks == "encrypted"


@pytest.mark.parametrize("options", [("-pword",), ("-pword", "-mhe=on")])
def test_a_7z_archive_is_encrypted_by_content_or_header(
    options: tuple[str, ...], text: Path, examined: Callable[[bytes], Examined]
) -> None:
    need("7z")
    more = text.with_name("more.bin")
    more.write_bytes(os.urandom(3000))
    run("7z", "a", "-bd", *options, text.with_suffix(".7z"), text, more)
    assert examined(text.with_suffix(".7z").read_bytes()).marks == "encrypted"


def test_a_7z_archive_without_password_is_not(text: Path, examined: Callable[[bytes], Examined]) -> None:
    need("7z")
    run("7z", "a", "-bd", text.with_suffix(".7z"), text, "/etc/passwd")
    data = text.with_suffix(".7z").read_bytes()
    assert examined(data).marks == ""
    assert examined(data[:-1]).marks == "truncated"


@pytest.mark.parametrize("options", [("-c",), ("-a", "-c"), ("-c", "--cipher-algo", "3DES"), ("-c", "--rfc4880")])
def test_a_message_of_gpg_is_encrypted(
    options: tuple[str, ...], text: Path, tmp_path: Path, examined: Callable[[bytes], Examined]
) -> None:
    need("gpg")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    common = ("gpg", "--homedir", home, "--batch", "--passphrase", "x", "--pinentry-mode", "loopback")
    try:
        run(*common, "-o", tmp_path / "out", *options, text)
        run(*common, "-o", tmp_path / "plain", "--store", text)
    finally:
        run("gpgconf", "--homedir", home, "--kill", "all")
    assert examined((tmp_path / "out").read_bytes()).marks == "encrypted"
    assert examined((tmp_path / "plain").read_bytes()).marks == ""


@pytest.mark.parametrize(
    "options",
    [("--encrypt", "u", "o", "256", "--"),
     ("--encrypt", "u", "o", "128", "--use-aes=y", "--", "--object-streams=generate"),
     ("--linearize", "--encrypt", "u", "o", "256", "--")],
)  # fmt: skip
def test_a_pdf_of_qpdf_is_encrypted(
    options: tuple[str, ...], tmp_path: Path, examined: Callable[[bytes], Examined]
) -> None:
    need("qpdf")
    plain, sealed = tmp_path / "plain.pdf", tmp_path / "sealed.pdf"
    plain.write_bytes(picture("PDF"))
    run("qpdf", *options, plain, sealed)
    assert examined(plain.read_bytes()).marks == ""
    assert examined(sealed.read_bytes()).marks == "encrypted"


def test_what_openssl_seals_is_encrypted(text: Path, examined: Callable[[bytes], Examined]) -> None:
    need("openssl")
    key = text.with_suffix(".pem")
    run("openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-k", "word", "-in", text, "-out", text.with_suffix(".enc"))
    assert examined(text.with_suffix(".enc").read_bytes()).marks == "encrypted"
    for options in (("-aes128", "-passout", "pass:x"), ("-aes128", "-traditional", "-passout", "pass:x")):
        run("openssl", "genrsa", *options, "-out", key, "2048")
        assert examined(key.read_bytes()).marks == "encrypted"
    run("openssl", "genrsa", "-out", key, "2048")
    assert examined(key.read_bytes()).marks == ""


def test_an_encrypted_office_document_is_a_compound_file_that_says_so(
    tmp_path: Path, examined: Callable[[bytes], Examined]
) -> None:
    pytest.importorskip("msoffcrypto", reason="msoffcrypto-tool, which encrypts documents, is missing")
    plain, sealed = tmp_path / "plain.docx", tmp_path / "sealed.docx"
    with zipfile.ZipFile(plain, "w") as file:
        file.writestr("[Content_Types].xml", CONTENT_TYPES)
        file.writestr("word/document.xml", "<w:document xmlns:w='x'/>" * 500)
    run(sys.executable, "-m", "msoffcrypto", "-e", "-p", "word", plain, sealed)
    found = examined(sealed.read_bytes())
    assert found.marks == "encrypted"
    assert found.mime is not None
    assert agrees("docx", found.mime)


def test_an_open_document_with_sealed_parts_is_encrypted(examined: Callable[[bytes], Examined]) -> None:
    def document(manifest: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
            file.writestr("content.xml", os.urandom(300))
            file.writestr("META-INF/manifest.xml", manifest)
        return out.getvalue()

    assert examined(document("<manifest:file-entry><manifest:encryption-data/>")).marks == "encrypted"
    assert examined(document("<manifest:file-entry/>")).marks == ""


def test_a_luks_container_in_a_file_is_encrypted(tmp_path: Path, examined: Callable[[bytes], Examined]) -> None:
    need("cryptsetup")
    path = tmp_path / "box"
    path.write_bytes(bytes(32 << 20))
    options = ("--type", "luks1", "--pbkdf-force-iterations", "1000", "-q")
    run("cryptsetup", "luksFormat", *options, path, "-", text="word")
    assert examined(path.read_bytes()).marks == "encrypted"


def test_rar_archives_say_in_their_headers_that_they_are_encrypted(examined: Callable[[bytes], Examined]) -> None:
    def rar4(archive_flags: int, file_flags: int) -> bytes:
        main = struct.pack("<HBHH6x", 0, 0x73, archive_flags, 13)
        file = struct.pack("<HBHHI", 0, 0x74, file_flags, 40, 10) + bytes(29)
        return b"Rar!\x1a\x07\x00" + main + file + bytes(100)

    def rar5(kind: int, extra: bytes = b"") -> bytes:
        body = bytes((kind, 1 if extra else 0)) + (bytes((len(extra),)) if extra else b"") + bytes(20) + extra
        main = bytes((1, 0, 0))
        headers = bytes(4) + bytes((len(main),)) + main + bytes(4) + bytes((len(body),)) + body
        return b"Rar!\x1a\x07\x01\x00" + headers + bytes(50)

    assert [examined(rar4(*flags)).marks for flags in ((0, 0), (0x80, 0), (0, 4))] == ["", "encrypted", "encrypted"]
    assert examined(rar5(4)).marks == "encrypted"
    assert examined(rar5(2, b"\x05\x01\x00\x00\x00\x0f")).marks == "encrypted"
    assert examined(rar5(2, b"\x05\x02\x00\x00\x00\x0f")).marks == ""


def test_noise_in_whole_sectors_is_random_and_what_is_packed_is_not(examined: Callable[[bytes], Examined]) -> None:
    need("xz")
    noise = os.urandom(HEAD_BYTES * 2)
    assert examined(noise).marks == "random"
    assert examined(noise[:-1]).marks == ""
    assert examined(noise[: HEAD_BYTES - 512]).marks == ""
    assert examined(b"\xfd7zXZ\x00" + noise[6:]).marks == ""
    assert examined(bytes(512) + noise).marks == ""
    out = io.BytesIO()
    Picture.frombytes("RGB", (300, 300), os.urandom(270_000)).save(out, "JPEG")
    assert examined(out.getvalue()[: HEAD_BYTES * 2]).marks == ""


def test_what_ends_too_early_is_truncated(examined: Callable[[bytes], Examined]) -> None:
    wave = b"RIFF" + struct.pack("<I", 1000) + b"WAVEfmt " + bytes(996)
    for whole in (archive(), picture("PNG"), picture("PDF"), wave[:1008]):
        assert examined(whole).marks == ""
        assert examined(whole[: len(whole) * 2 // 3]).marks == "truncated"


def test_nothing_is_empty(examined: Callable[[bytes], Examined]) -> None:
    found = examined(b"")
    assert (found.marks, found.entropy_head_millibits) == ("empty", None)


def test_every_mark_is_of_the_vocabulary(examined: Callable[[bytes], Examined]) -> None:
    assert set(MARKS) == {"empty", "encrypted", "random", "truncated"}


@pytest.mark.parametrize(
    ("data", "millibits"),
    [(b"a" * 5000, 0), (b"ab" * 5000, 1000), (bytes(range(256)) * 7, 8000), (b"aaab" * 100, 811), (b"x", 0)],
)
def test_the_entropy_is_that_of_shannon(data: bytes, millibits: int) -> None:
    spread = spread_of(data)
    assert spread is not None
    assert spread.millibits == millibits


def test_only_the_first_64_kib_count_for_the_entropy(examined: Callable[[bytes], Examined]) -> None:
    assert examined(b"a" * HEAD_BYTES + os.urandom(HEAD_BYTES)).entropy_head_millibits == 0


@pytest.mark.parametrize("cut", [20, 40, 77, 300])
def test_damaged_formats_are_judged_without_an_error(cut: int, examined: Callable[[bytes], Examined]) -> None:
    starts = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    more = (b"PK\x03\x04", b"%PDF-1.", b"\x89PNG\r\n\x1a\n", b"RIFF", b"\x85", b"\xc1", b"PK\x05\x06")
    for fill in (b"\0", b"\xff", b"\x01", bytes(range(256))):
        for start in starts + more:
            examined((start + fill * 2000)[: cut * 8])
            examined((start + fill * 2000)[:cut])
