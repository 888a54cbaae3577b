"""Stills of videos: the frames that ffmpeg decodes at the times that are told, made in a child process."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from evidence.errors import UnreadableVideoError
from evidence.examination import examine_isolated
from evidence.filesystems.base import FILE_COLUMNS
from evidence.isolation import Child
from evidence.video import container_of
from evidence.views import VideoStills
from evidence.volumes.base import Volume
from tests.evidence import made_videos

PATH, ADDRESS, VOLUME = (FILE_COLUMNS.index(name) for name in ("path", "address", "volume_id"))
LIMIT_OF_DIFFERENCE = 5.0
"""Mean of 256 levels: what a small JPEG loses of the patterns; the frames before and after differ by 7 and more."""
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt")
KINDS = {
    "h264.mp4": X264,
    "fast.mp4": (*X264, "-movflags", "+faststart"),
    "turned.mp4": (*X264, "-metadata:s:v", "rotate=90"),
    "hevc.mov": (*X265, "yuv420p", "-tag:v", "hvc1"),
    "ten-bits.mkv": (*X265, "yuv420p10le"),
    "prores.mov": ("-c:v", "prores_ks"),
    "mpeg4.3gp": ("-c:v", "mpeg4", "-q:v", "3"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-b:v", "800k", "-deadline", "realtime", "-cpu-used", "8"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-q:v", "3"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-q:v", "3"),
}


READING = """
import sys
from evidence.errors import EvidenceError
from evidence.video import read_stills

class Content:
    held = sys.stdin.buffer.read()
    size_bytes = len(held) * int(sys.argv[1])
    def read(self, offset_bytes, size_bytes):
        if offset_bytes + size_bytes > int(sys.argv[2]):
            raise EvidenceError("a sector cannot be read")
        return self.held[offset_bytes : offset_bytes + size_bytes]

try:
    print(len(read_stills(Content(), (100,), 64).stills), "stills")
except EvidenceError as error:
    print(type(error).__name__, error)
"""
"""In a process of its own: Qt has one application in each, and that of the tests is another one."""


class Shelf:
    """A folder of videos, opened as evidence in a child."""

    def __init__(self, child: Child, folder: Path) -> None:
        found = list(examine_isolated([folder], hash_files=False, logical=True))
        rows = [row for item in found if isinstance(item, tuple) for row in item]
        self.folder, self._child = folder, child
        volumes = {item.id: item for item in found if isinstance(item, Volume)}  # the last of each knows its files
        self._volumes = (volumes[rows[0][VOLUME]],)
        self._addresses = {str(row[PATH]).rpartition("/")[2]: row[ADDRESS] for row in rows}
        child.call("open", {"paths": (folder,), "logical": True, "image": "shelf"})

    def stills(self, name: str, *at_permille: int, until_seen: bool = False) -> VideoStills:
        found = self._child.call(
            "stills",
            {
                "image": "shelf",
                "volumes": self._volumes,
                "address": self._addresses[name],
                "at_permille": at_permille,
                "box_pixels": 320,
                "until_seen": until_seen,
            },
        )
        assert isinstance(found, VideoStills)
        return found


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Videos that need no ffmpeg, and what is none."""
    folder = tmp_path_factory.mktemp("shelf") / "videos"
    folder.mkdir()
    moving = made_videos.motion_jpeg(made_videos.pictures(40))
    contents = {
        "moving.avi": moving,
        "begins-black.avi": made_videos.motion_jpeg(made_videos.pictures(40, black=15)),
        "black.avi": made_videos.motion_jpeg(made_videos.pictures(12, black=12)),
        "cut.avi": moving[: len(moving) // 2],
        "empty.mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
        "playlist.mp4": b"#EXTM3U\n#EXTINF:6,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
        "joined.mp4": b"ffconcat version 1.0\nfile moving.avi\n",
        "words.mp4": b"v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with Child() as child:
        yield Shelf(child, folder)


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """One video of each kind, by ffmpeg."""
    made = tmp_path_factory.mktemp("encoded")
    folder = made / "videos"
    folder.mkdir()
    straight = made_videos.by_ffmpeg(made / "straight.mp4", *X264)
    for name, options in KINDS.items():
        if name == "turned.mp4":
            made_videos.run("ffmpeg", "-v", "error", "-i", straight, "-c", "copy", *options[-2:], folder / name)
        else:
            made_videos.by_ffmpeg(folder / name, *options)
    for name in ("h264.mp4", "fast.mp4"):
        whole = (folder / name).read_bytes()
        (folder / f"cut-{name}").write_bytes(whole[: len(whole) // 2])
    with Child() as child:
        yield Shelf(child, folder)


def shown(encoded: bytes) -> Image.Image:
    with Image.open(io.BytesIO(encoded)) as picture:
        assert picture.format == "JPEG"
        return picture.convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    assert one.size == other.size
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("name", KINDS)
def test_a_still_is_the_frame_that_ffmpeg_decodes_at_the_time_that_is_told(
    encoded: Shelf, name: str, tmp_path: Path
) -> None:
    found = encoded.stills(name, 700)
    assert abs(found.length_ms - 2000) <= 60
    assert (found.missing, found.frames_per_1000_s) == (0, 25_000)
    assert (found.width_pixels, found.height_pixels) == ((240, 320) if name == "turned.mp4" else (320, 240))
    (still,) = found.stills
    ours = shown(still.encoded)
    theirs = made_videos.frame_by_ffmpeg(encoded.folder / name, still.at_us, tmp_path / "frame.png")
    later = made_videos.frame_by_ffmpeg(encoded.folder / name, still.at_us + 40_000, tmp_path / "later.png")
    assert difference(ours, theirs) < LIMIT_OF_DIFFERENCE < difference(ours, later)


def test_a_cut_video_tells_what_could_not_be_had(encoded: Shelf) -> None:
    with pytest.raises(UnreadableVideoError, match="cut off before what tells of its tracks"):
        encoded.stills("cut-h264.mp4", 100)
    found = encoded.stills("cut-fast.mp4", 100, 300, 700, 900)
    assert (len(found.stills), found.missing) == (2, 2)
    assert "no frame" in found.why_missing


def test_stills_bear_the_times_of_their_frames(shelf: Shelf) -> None:
    found = shelf.stills("moving.avi", 0, 250, 500, 750)
    assert (found.container, found.codec, found.length_ms) == ("AVI", "Motion JPEG", 4000)
    frames = made_videos.pictures(40)
    assert [still.at_us for still in found.stills] == [0, 1_000_000, 2_000_000, 3_000_000]
    for still in found.stills:
        number, ours = still.at_us * made_videos.FRAMES_A_SECOND // 1_000_000, shown(still.encoded)
        assert difference(ours, frames[number]) < 2.0 < difference(ours, frames[number + 1])


def test_one_still_is_not_black_where_another_is_to_be_had(shelf: Shelf) -> None:
    (still,) = shelf.stills("begins-black.avi", 100, 300, 500, until_seen=True).stills
    assert (still.at_us, still.is_blank) == (2_000_000, False)
    (black,) = shelf.stills("black.avi", 100, 300, 500, until_seen=True).stills
    assert black.is_blank


def test_a_video_that_is_shorter_than_the_row_has_no_still_twice(shelf: Shelf) -> None:
    found = shelf.stills("black.avi", *range(0, 1000, 42))
    times = [still.at_us for still in found.stills]
    assert len(times) == len(set(times)) <= 12


def test_a_file_that_ends_early_shows_what_there_is(shelf: Shelf) -> None:
    found = shelf.stills("cut.avi", 100)
    assert len(found.stills) == 1


@pytest.mark.parametrize("name", ["playlist.mp4", "joined.mp4", "words.mp4"])
def test_what_refers_to_other_files_or_addresses_is_not_handed_to_the_decoder(shelf: Shelf, name: str) -> None:
    with pytest.raises(UnreadableVideoError, match="begins as no container"):
        shelf.stills(name, 100)


def test_a_container_without_a_track_is_told(shelf: Shelf) -> None:
    with pytest.raises(UnreadableVideoError):
        shelf.stills("empty.mp4", 100)


def test_mutated_videos_end_in_stills_or_in_an_error_that_is_told(tmp_path: Path) -> None:
    whole = made_videos.motion_jpeg(made_videos.pictures(10))
    chance, folder = random.Random(38), tmp_path / "mutated"
    folder.mkdir()
    for number in range(25):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            content[chance.randrange(12, len(content))] = chance.randrange(256)
        (folder / f"{number}.avi").write_bytes(content[: chance.randrange(200, len(content))])
    with Child() as child:
        shelf, told = Shelf(child, folder), 0
        for number in range(25):
            try:
                told += len(shelf.stills(f"{number}.avi", 100, 500).stills) > 0
            except UnreadableVideoError:
                told += 1
        assert told == 25
        assert child.is_open


@pytest.mark.parametrize(
    ("declared", "unreadable_from", "told"),
    [(1, 4096, "EvidenceError a sector cannot be read"), (3, 1 << 40, "1 stills")],
    ids=["unreadable bytes", "ends before its declared size"],
)
def test_what_cannot_be_read_is_told_and_is_no_endless_reading(declared: int, unreadable_from: int, told: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", READING, str(declared), str(unreadable_from)],
        input=made_videos.motion_jpeg(made_videos.pictures(10)),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert asked.stdout.decode().splitlines()[-1] == told


def test_that_the_decoder_could_not_be_loaded_is_not_laid_on_the_video() -> None:
    without = "from evidence import video\nvideo._application().setLibraryPaths([])\n"
    asked = subprocess.run(
        [sys.executable, "-c", without + READING, "1", str(1 << 40)],
        input=made_videos.motion_jpeg(made_videos.pictures(10)),
        capture_output=True,
        timeout=60,
        check=True,
    )
    told = asked.stdout.decode().splitlines()[-1]
    assert told.startswith("UnreadableVideoError")
    assert "the decoder of this program" in told
    assert "damaged" not in told


def test_containers_are_told_by_their_first_bytes() -> None:
    assert container_of(b"\0\0\0\x14ftypqt  ") == "MPEG-4 or QuickTime"
    assert container_of(bytes([0x1A, 0x45, 0xDF, 0xA3]) + b"\x42\x82\x88matroska") == "Matroska"
    assert container_of((b"G" + bytes(187)) * 5) == "MPEG transport stream"
    assert container_of(b"RIFF\0\0\0\0WAVE") == ""
    assert container_of(b"") == ""
