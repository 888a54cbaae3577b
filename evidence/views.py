"""What a child process tells of an image or of a picture: values without a handle behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.images.base import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDescription:
    """What an image says of itself when it is opened; nothing of it is verified yet.

    Attributes:
        container: "raw", "ewf" ... as in the document of ``inspect``.
        paths: The files it consists of, in order.
        media_bytes: Size of the media inside; ``container_bytes`` that of the files.
        metadata: Case number, examiner, time of acquisition ... as the container has them.
        stored_digests: Of the media, as the acquiring tool stored them, by algorithm.
        problems: What was found to be wrong when it was opened.
    """

    container: str
    paths: tuple[Path, ...]
    media_bytes: int
    container_bytes: int
    sector_bytes: int
    metadata: Mapping[str, str]
    stored_digests: Mapping[str, bytes]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture made harmless: pixels encoded anew, and what its EXIF says as text.

    Attributes:
        encoded: PNG or JPEG: the picture scaled down into the box that was asked for, turned as its EXIF says.
        width_pixels: Of the original, as stored; so is ``height_pixels``.
        format: "JPEG", "PNG" ... by content.
        exif: Names and values in the order of the file.
    """

    encoded: bytes
    width_pixels: int
    height_pixels: int
    format: str
    exif: tuple[tuple[str, str], ...]
