"""Videos for tests: Motion JPEG in AVI written here, and every other kind by ffmpeg, which is the oracle, too."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.evidence.made_images import need, run

FRAMES_A_SECOND = 10
SIZE = (160, 120)
BLACK, BLUE, WHITE = (0, 0, 0), (70, 130, 180), (255, 255, 255)


def pictures(count: int, *, black: int = 0) -> list[Image.Image]:
    """Frames that all differ: a bar that goes to the right; the first ones black."""
    found = []
    for number in range(count):
        picture = Image.new("RGB", SIZE, BLACK if number < black else BLUE)
        if number >= black:
            left = number * SIZE[0] // count
            picture.paste(WHITE, (left, 0, left + 13, SIZE[1]))
        found.append(picture)
    return found


def motion_jpeg(frames: Sequence[Image.Image]) -> bytes:
    """An AVI of ten frames a second with an index. Source: Microsoft, AVI RIFF File Reference."""
    encoded = []
    for frame in frames:
        target = io.BytesIO()
        frame.save(target, "JPEG", quality=90)
        encoded.append(target.getvalue())
    width, height = frames[0].size
    largest = max(map(len, encoded))
    us_a_frame = 1_000_000 // FRAMES_A_SECOND
    main = struct.pack("<14I", us_a_frame, 0, 0, 0x10, len(encoded), 0, 1, largest, width, height, 0, 0, 0, 0)
    stream = b"vidsMJPG" + struct.pack(
        "<IHHIIIIIIIIHHHH", 0, 0, 0, 0, 1, FRAMES_A_SECOND, 0, len(encoded), largest, 0, 0, 0, 0, width, height
    )
    form = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
    head = _list(b"hdrl", _chunk(b"avih", main), _list(b"strl", _chunk(b"strh", stream), _chunk(b"strf", form)))
    chunks = [_chunk(b"00dc", one) for one in encoded]
    index, at = b"", 4
    for one, chunk in zip(encoded, chunks, strict=True):
        index += b"00dc" + struct.pack("<III", 0x10, at, len(one))
        at += len(chunk)
    return _chunk(b"RIFF", b"AVI " + head + _list(b"movi", *chunks) + _chunk(b"idx1", index))


def by_ffmpeg(path: Path, *options: str, seconds: float = 2.0) -> Path:
    """A video of moving patterns at 25 frames a second, encoded as the options say."""
    need("ffmpeg")
    source = f"testsrc2=size=320x240:rate=25:duration={seconds}"
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *options, path)
    return path


def frame_by_ffmpeg(video: Path, at_us: int, into: Path) -> Image.Image:
    """The frame that is shown at a time, decoded by ffmpeg, as it is turned."""
    need("ffmpeg")
    half_frame_s = 0.02
    select = f"gte(t,{at_us / 1e6 - half_frame_s:.6f})"
    run("ffmpeg", "-v", "error", "-y", "-i", video, "-vf", f"select='{select}'", "-frames:v", "1", into)
    with Image.open(into) as picture:
        return picture.convert("RGB")


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _list(kind: bytes, *parts: bytes) -> bytes:
    return _chunk(b"LIST", kind + b"".join(parts))
