"""LUKS volumes made with cryptsetup and qemu-img, and content encrypted sector by sector as dm-crypt does."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB, XTS

from tests.evidence.volumes.media import Media

PASSWORD = "Grüße 7"
CONTENT = random.Random(7).randbytes(64 * 1024)
HEADER_BYTES = 16384
PAYLOAD_AT = 2 * 1024 * 1024

needs_cryptsetup = pytest.mark.skipif(shutil.which("cryptsetup") is None, reason="cryptsetup is not installed")
needs_qemu = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="qemu-img is not installed")


def run(*words: str | Path, accept_refusal: bool = False) -> bytes:
    """Run a tool; skips the test where the tool's own libraries lack an algorithm and that is accepted."""
    done = subprocess.run([str(word) for word in words], capture_output=True, check=False)
    if done.returncode and accept_refusal:
        pytest.skip(f"{words[0]} of this system refuses: {done.stderr.decode(errors='replace').strip()[:200]}")
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def media_of(path: Path) -> Media:
    media = Media(0)
    media.data = bytearray(path.read_bytes())
    return media


def key_file(folder: Path, password: str = PASSWORD) -> Path:
    path = folder / f"key-{len(list(folder.iterdir()))}"
    path.write_bytes(password.encode())
    return path


def formatted(folder: Path, *options: str, size_bytes: int = PAYLOAD_AT + len(CONTENT)) -> Path:
    """An empty LUKS volume, opened by PASSWORD."""
    path = folder / "volume"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(size_bytes)
    key = key_file(folder)
    words = ["cryptsetup", "luksFormat", "--batch-mode", "--offset", str(PAYLOAD_AT // 512), *options]
    run(*words, path, key, accept_refusal=True)
    return path


def luks2(folder: Path, *options: str) -> Path:
    quick = ("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000") if "--pbkdf" not in options else ()
    areas = ("--luks2-metadata-size", "16k", "--luks2-keyslots-size", "1M")
    return formatted(folder, "--type", "luks2", *areas, *quick, *options)


def volume_key(folder: Path, path: Path) -> bytes:
    target = folder / "dumped"
    words = ("cryptsetup", "luksDump", "--dump-volume-key", "--batch-mode", "--volume-key-file", target)
    run(*words, "--key-file", key_file(folder), path)
    return target.read_bytes()


def encrypted(content: bytes, name: str, key: bytes, sector_bytes: int = 512) -> bytes:
    """The content as dm-crypt would write it: one call of the library for each sector."""
    out = []
    for at in range(0, len(content), sector_bytes):
        mode = _mode(name, key, at // 512)
        out.append(Cipher(AES(key), mode).encryptor().update(content[at : at + sector_bytes]))
    return b"".join(out)


def _mode(name: str, key: bytes, number: int) -> XTS | CBC | ECB:
    iv = number.to_bytes(16, "little")
    match name:
        case "aes-xts-plain64" | "aes-xts-plain":
            return XTS(iv)
        case "aes-cbc-plain" | "aes-cbc-plain64":
            return CBC(iv)
        case "aes-cbc-essiv:sha256":
            return CBC(Cipher(AES(hashlib.sha256(key).digest()), ECB()).encryptor().update(iv))
        case _:
            return ECB()


def fill(folder: Path, path: Path, name: str, sector_bytes: int = 512) -> Media:
    """The volume with CONTENT in it, encrypted under its own key."""
    media = media_of(path)
    media.write(PAYLOAD_AT, encrypted(CONTENT, name, volume_key(folder, path), sector_bytes))
    return media


def holding(folder: Path, content: bytes) -> Path:
    """A LUKS2 volume with the content in it, opened by PASSWORD."""
    folder.mkdir(exist_ok=True)
    path = luks2(folder, "--cipher", "aes-xts-plain64", "--sector-size", "512")
    with path.open("r+b") as file:
        file.seek(PAYLOAD_AT)
        file.write(encrypted(content, "aes-xts-plain64", volume_key(folder, path)))
    return path


def edit(media: Media, change: Callable[[dict[str, Any]], object], *, copies: tuple[int, ...] = (0, 1)) -> None:
    """Change the JSON of the headers and make their checksums right again."""
    for copy in copies:
        at = copy * HEADER_BYTES
        text = bytes(media.data[at + 4096 : at + HEADER_BYTES]).split(b"\0")[0]
        document = json.loads(text)
        change(document)
        media.write(at + 4096, json.dumps(document).encode().ljust(HEADER_BYTES - 4096, b"\0"))
        sign(media, at)


def sign(media: Media, at: int) -> None:
    media.write(at + 448, bytes(64))
    media.write(at + 448, hashlib.sha256(media.data[at : at + HEADER_BYTES]).digest())


def set_sequence(media: Media, at: int, number: int) -> None:
    media.write(at + 16, struct.pack(">Q", number))
    sign(media, at)
