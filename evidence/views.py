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
class StoredCheck:
    """How the contents of logical evidence compare with the digests that its container stores of them.

    Attributes:
        stored_in: What holds the digests, as a sentence names it; empty where the container stores none.
        compared: How many contents were to be compared; ``equal`` of them were.
        differing: Paths of those that were not, and why; at most 1,000.
        problems: What is wrong with the list of the digests.
    """

    stored_in: str
    compared: int
    equal: int
    differing: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]

    @property
    def agrees(self) -> bool:
        """Whether every content is the one whose digests are stored, and nothing is wrong with their list."""
        return self.compared == self.equal and not any(problem.is_damage for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """What is on a paper.

    Attributes:
        of_million: Pixels of ink among a million.
        longest_percent: The longer side of what has ink, of the longer side of the paper.
    """

    of_million: int
    longest_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture made harmless: pixels encoded anew, and what its EXIF says as text.

    Attributes:
        encoded: PNG or JPEG: the picture scaled down into the box that was asked for, turned as its EXIF says.
        width_pixels: Of the original, as stored; so is ``height_pixels``.
        format: "JPEG", "PNG" ... by content.
        exif: Names and values in the order of the file.
        exif_damage: Why these are not all that the file has; empty where they are.
        pages: How many pages or frames the file has; 0 where damage hides it.
        damage: Why only what could be decoded is shown; empty where it is whole.
        remark: How what is shown differs from what is stored, as where brightness is scaled; empty where it does not.
    """

    encoded: bytes
    width_pixels: int
    height_pixels: int
    format: str
    exif: tuple[tuple[str, str], ...]
    exif_damage: str = ""
    pages: int = 1
    damage: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStill:
    """One frame of a video, encoded anew.

    Attributes:
        at_us: When it is shown, in microseconds from the beginning of the video, as its decoder tells.
        encoded: JPEG, scaled down into the box that was asked for, turned as the video says.
        is_blank: Whether it is black, or of nearly one colour.
    """

    at_us: int
    encoded: bytes
    is_blank: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStills:
    """What a video says of itself, with stills of it; nothing of that is verified.

    Attributes:
        container: "MPEG-4 or QuickTime", "Matroska" ... by its first bytes.
        codec: "H.264", "VP9" ...; empty where the decoder has no name for it.
        length_ms: As the file tells; 0 where it does not.
        width_pixels: Of a frame as it is shown, turned; so is ``height_pixels``.
        frames_per_1000_s: As the file tells; 0 where it does not.
        stills: In the order in which they were asked for; none twice.
        missing: How many could not be decoded, and ``why_missing``.
    """

    container: str
    codec: str
    length_ms: int
    width_pixels: int
    height_pixels: int
    frames_per_1000_s: int
    stills: tuple[VideoStill, ...]
    missing: int
    why_missing: str
