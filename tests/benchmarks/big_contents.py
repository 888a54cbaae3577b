"""An image whose files are large in their own ways: many pictures, long tables, trees, logs and documents."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from PIL import Image
from reportlab.pdfgen import canvas

from tests.benchmarks.big_image import cache_folder
from tests.evidence.viewers.windows_samples import Key, event_log, hive

PICTURES, ROWS, KEYS, VALUES, EVENTS, SHEETS, LINES = 1_000, 1_000_000, 5_000, 3, 200, 500, 1_000_000
PICTURE_PX = (800, 600)
DATABASE, HIVE, LOG, PAPER, TEXT = "History.sqlite", "NTUSER.DAT", "Security.evtx", "manual.pdf", "server.log"
LARGE = (DATABASE, HIVE, LOG, PAPER, TEXT)


def contents_image() -> Path:
    """A raw ext4 file system with ``/pictures`` and ``/large``; made on first use (needs e2fsprogs).

    Raises:
        OSError: A tool is missing.
        subprocess.CalledProcessError: A tool failed.
    """
    target = cache_folder() / f"contents-{PICTURES}-{ROWS}-{KEYS}-{LINES}.raw"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        tree, image = Path(scratch) / "tree", Path(scratch) / "image"
        (tree / "pictures").mkdir(parents=True)
        for number in range(PICTURES):
            (tree / "pictures" / f"IMG_{number:04d}.jpg").write_bytes(_picture(number))
        _fill_large(tree / "large")
        command = [shutil.which("mke2fs") or "/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-d", str(tree)]
        subprocess.run([*command, str(image), "512M"], check=True)
        image.rename(target)
    return target


def _fill_large(folder: Path) -> None:
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT, visits INTEGER)")
        rows = ((f"page {number} of the example", number % 977) for number in range(ROWS))
        connection.executemany("INSERT INTO pages (title, visits) VALUES (?, ?)", rows)
        connection.commit()
    values = tuple((f"value{number}", 4, number.to_bytes(4, "little")) for number in range(VALUES))
    keys = tuple(Key(f"key{number:05d}", values) for number in range(KEYS))
    (folder / HIVE).write_bytes(hive(Key("ROOT", (), (Key("Software", (), keys),))))
    (folder / LOG).write_bytes(event_log([(4624, f"HOST{number}") for number in range(EVENTS)]))
    paper = canvas.Canvas(str(folder / PAPER))
    for number in range(SHEETS):
        for line in range(50):
            paper.drawString(72, 780 - 14 * line, f"Page {number + 1}, line {line + 1}: how it is put together")
        paper.showPage()
    paper.save()
    with (folder / TEXT).open("w", encoding="ascii") as file:
        file.writelines(f"2026-01-12T11:00:00Z host{number % 7} served page {number}\n" for number in range(LINES))


def _picture(number: int) -> bytes:
    """A drawing in a few colours, another one for each number."""
    source = random.Random(number)
    small = Image.frombytes("RGB", (16, 12), source.randbytes(16 * 12 * 3))
    out = io.BytesIO()
    small.resize(PICTURE_PX, Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()
