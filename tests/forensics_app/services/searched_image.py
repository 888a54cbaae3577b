"""An image for searches: FAT with files, a deleted one, one in fragments, a wallet's address where no file is."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

CLUSTER = 2048
WALLET = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
IN_BOOT = b"hidden in the boot sector"
PHRASE = "abandon " * 11 + "about"
SHARE = (
    "duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke "
    "ajar critical decision keyboard"
)
MONERO = (
    "дощатый ателье мыло паек азот ружье домашний уныние уплата торговля шкаф кекс газета тревога улица армия лазерный "
    "иголка друг хищник пашня дневник кричать лыжный иголка"
)
KEY = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"


def _document() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        text = "<w:p><w:r><w:t>Договір про </w:t></w:r><w:r><w:t>оренду</w:t></w:r></w:p>"
        archive.writestr("word/document.xml", f"<w:document>{text}</w:document>")
    return made.getvalue()


def _mail() -> bytes:
    """A letter with a document that stands in base64."""
    made = EmailMessage()
    made.set_content("see there")
    made.add_attachment(_document(), maintype="application", subtype="octet-stream", filename="draft.docx")
    return made.as_bytes()


def _archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", "words " * 99)
    return made.getvalue()


def fragmented_content() -> bytes:
    """Words at every border of its clusters; in none of them do they stand whole."""
    content = bytearray(random.Random(1).randbytes(12 * CLUSTER))
    for border in range(CLUSTER, len(content), CLUSTER):
        content[border - 5 : border + 5] = b"fragmented"
    return bytes(content)


def make_image(folder: Path) -> Path:
    """FAT with files, a deleted one, one in fragments, a wallet's address where no file is, and words in slack."""
    if not all(map(shutil.which, ("mkfs.vfat", "mcopy", "mdel"))):
        pytest.skip("mkfs.vfat and mtools are not installed")
    path, files = folder / "search.img", folder / "files"
    files.mkdir()
    path.write_bytes(bytes(4 * 1024 * 1024))
    _run("mkfs.vfat", "-F", "12", "-s", str(CLUSTER // 512), path)
    for name in (*"abcdefghijkl", "deleted.txt"):
        (files / name).write_bytes(b"filler " * 100 if len(name) == 1 else b"a word that was deleted\n" * 10)
        _run("mcopy", "-i", path, files / name, "::")
    for name in "bdfhjl":
        _run("mdel", "-i", path, f"::{name}")
    contents = {
        "whole.bin": fragmented_content(),
        "lease.docx": _document(),
        "letter.eml": _mail(),
        "papers.zip": _archive(),
        "letter.txt": "Рахунок no. 7: pay".encode("cp1251"),
        "wide.txt": "Рахунок".encode("utf-16-le"),
        "share.txt": SHARE.encode(),
        "monero.txt": MONERO.encode("utf-16-le"),
        "seed.txt": f"my phrase is {PHRASE} and key {KEY} end".encode(),
    }
    for name, content in contents.items():
        (files / name).write_bytes(content)
        _run("mcopy", "-i", path, files / name, "::")
    _run("mdel", "-i", path, "::deleted.txt")
    data = bytearray(path.read_bytes())
    data[-CLUSTER : -CLUSTER + 100] = f"send it to {WALLET} at once".encode().ljust(100, b"\0")
    slack = data.index("Рахунок no. 7".encode("cp1251")) + 600
    data[slack : slack + 12] = b"behind a end"
    data[0x1C0 : 0x1C0 + len(IN_BOOT)] = IN_BOOT
    path.write_bytes(data)
    return path


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
