"""Stills of videos: decoded here, in a child process, by the FFmpeg that Qt Multimedia brings, out of the file's bytes.

A still bears the time that the decoder gives of its frame, never the one that was asked for. FFmpeg reads only what
it is given: no protocol is open to it, and what refers to other files, such as a playlist, is not handed to it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

from PySide6.QtCore import QByteArray, QCoreApplication, QEventLoop, QIODevice, QTimer, QUrl
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QMediaFormat, QMediaMetaData, QMediaPlayer, QVideoFrame, QVideoFrameFormat, QVideoSink

from evidence import unshown
from evidence.errors import EvidenceError, UnreadableVideoError
from evidence.pictures import Planes, still_of_planes, still_of_rgb
from evidence.views import VideoStill, VideoStills

MOST_STILLS = 24
OPENING_S = 15.0
STILL_S = 10.0
"""How long is waited for one still: to come to it, everything since the key frame before is decoded."""
ALL_S = 60.0
_TICK_MS = 50
_MOST_MS = 2**53
_HEAD_BYTES = 1024

_SETTINGS = {
    "QT_FFMPEG_DECODING_HW_DEVICE_TYPES": ",",  # none of them: hostile bytes never reach a driver
    "QT_FFMPEG_PROTOCOL_WHITELIST": "none",
    "QT_LOGGING_RULES": "*=false;qt.gui.imageio.jpeg.warning=true",  # which evidence.silent_damage listens to
    "QT_MEDIA_BACKEND": "ffmpeg",
}
_CODECS = {
    QMediaFormat.VideoCodec.MPEG1: "MPEG-1",
    QMediaFormat.VideoCodec.MPEG2: "MPEG-2",
    QMediaFormat.VideoCodec.MPEG4: "MPEG-4 Part 2",
    QMediaFormat.VideoCodec.H264: "H.264",
    QMediaFormat.VideoCodec.H265: "H.265",
    QMediaFormat.VideoCodec.VP8: "VP8",
    QMediaFormat.VideoCodec.VP9: "VP9",
    QMediaFormat.VideoCodec.AV1: "AV1",
    QMediaFormat.VideoCodec.Theora: "Theora",
    QMediaFormat.VideoCodec.WMV: "Windows Media Video",
    QMediaFormat.VideoCodec.MotionJPEG: "Motion JPEG",
}
_WITHOUT_DECODER = ("AV1",)
"""The FFmpeg of Qt names them, and decodes them on graphics cards only."""
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_DEEP = {
    QVideoFrameFormat.PixelFormat.Format_YUV420P10: 10,
    QVideoFrameFormat.PixelFormat.Format_P010: 16,
    QVideoFrameFormat.PixelFormat.Format_P016: 16,
}
"""Frames of more than eight bits a sample, which Qt turns into pictures only by a graphics card; the bits in use."""


class Content(Protocol):
    """What is read: the content of one file."""

    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of it, fewer only at its end."""


def container_of(head: bytes) -> str:
    """The container that the first bytes of a file are of; empty where it is none that is handed to the decoder."""
    if head[4:8] in _BOXES:
        return "MPEG-4 or QuickTime"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "WebM" if b"webm" in head[:64] else "Matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "AVI"
    if head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        return "Advanced Systems Format"
    if head.startswith(b"OggS"):
        return "Ogg"
    if head.startswith(b"FLV\x01"):
        return "Flash Video"
    if head.startswith((b"\0\0\1\xba", b"\0\0\1\xb3")):
        return "MPEG program stream"
    if any(head[at::step][:5] == b"G" * 5 for at, step in ((0, 188), (4, 192))):
        return "MPEG transport stream"
    return ""


def read_stills(
    content: Content,
    at_permille: Sequence[int],
    box_pixels: int,
    until_seen: bool = False,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> VideoStills:
    """Stills of a video at parts of its length.

    Args:
        content: The whole file; only what is needed of it is read.
        at_permille: Where, in thousandths of the length; at most ``MOST_STILLS``.
        box_pixels: Side of the square box that each still is scaled down to.
        until_seen: Take one still only: the first of them on which there is something to be seen.
        on_progress: Called while it works, with the stills so far and how many are wanted.

    Raises:
        UnreadableVideoError: It is no video, is damaged, or is of a kind that is not decoded here; or the decoder could
            not be loaded, which is no fault of the video.
        UnreadableContentError: Its bytes cannot be read.
    """
    container = container_of(content.read(0, min(_HEAD_BYTES, content.size_bytes)))
    if not container:
        raise UnreadableVideoError(unshown.NO_CONTAINER)
    _application()
    film = _Film(content, container, lambda: on_progress(len(stills), 1 if until_seen else len(at_permille)))
    stills: list[VideoStill] = []
    ends_s = time.monotonic() + ALL_S
    try:
        film.open()
        missing = 0
        for part in at_permille[:MOST_STILLS]:
            left_s = min(STILL_S, ends_s - time.monotonic())
            frame = film.frame_at(film.length_ms * min(max(part, 0), 1000) // 1000, left_s)
            still = _still(frame, box_pixels) if frame is not None else None
            if still is None:
                missing += 1
            elif all(still.at_us != one.at_us for one in stills):
                stills.append(still)
            if until_seen and still is not None and not still.is_blank:
                stills = [still]
                break
        if not stills:
            raise film.failure()
        return film.described(tuple(stills[:1] if until_seen else stills), missing)
    finally:
        film.close()


class _Bytes(QIODevice):
    """The content for Qt, which reads it in threads of its own; why it could not be read is kept."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content
        self._end = content.size_bytes
        self.failure: EvidenceError | None = None

    def size(self) -> int:
        return self._content.size_bytes

    def isSequential(self) -> bool:  # noqa: N802
        return False

    def atEnd(self) -> bool:  # noqa: N802
        """Also where nothing comes any more before the end: Qt asks again and again for what is not said to end."""
        return self.pos() >= self._end

    def readData(self, size_bytes: int) -> bytes:  # noqa: N802
        at_bytes, found = self.pos(), b""
        if self.failure is None:
            try:
                found = self._content.read(at_bytes, size_bytes)
            except EvidenceError as error:
                self.failure = error
        if not found:
            self._end = 0 if self.failure is not None else min(self._end, at_bytes)
        return found

    def writeData(self, data: QByteArray | bytes | bytearray | memoryview, size_bytes: int) -> int:  # noqa: N802
        return -1


class _Film:
    """A video that is opened; to be closed."""

    def __init__(self, content: Content, container: str, on_tick: Callable[[], object]) -> None:
        self.length_ms = 0
        self._container = container
        self._bytes = _Bytes(content)
        self._sink, self._player, self._loop = QVideoSink(), QMediaPlayer(), QEventLoop()
        self._frames: list[QVideoFrame] = []
        self._size = (0, 0)
        self._told, self._is_late = "", False
        self._player.setVideoSink(self._sink)
        self._player.mediaStatusChanged.connect(self._on_status)
        self._player.errorOccurred.connect(self._on_error)
        self._sink.videoFrameChanged.connect(self._on_frame)
        self._ticks = QTimer()
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(on_tick)
        self._ticks.start()

    def open(self) -> None:
        """Find out what it is."""
        self._bytes.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)
        if not self._player.isAvailable():
            raise UnreadableVideoError(unshown.NO_DECODER)
        self._player.setSourceDevice(self._bytes, QUrl())
        status = QMediaPlayer.MediaStatus
        if self._player.mediaStatus() == status.LoadingMedia:
            self._wait(OPENING_S)
        if self._player.mediaStatus() in (status.LoadingMedia, status.InvalidMedia, status.NoMedia):
            raise self.failure()
        if not self._player.hasVideo():
            raise UnreadableVideoError(unshown.NO_TRACK)
        if (codec := self._codec()) in _WITHOUT_DECODER:
            raise UnreadableVideoError(unshown.NO_CODEC.format(codec=codec))
        self.length_ms = min(max(self._player.duration(), 0), _MOST_MS)

    def frame_at(self, at_ms: int, timeout_s: float) -> QVideoFrame | None:
        """The frame there or close by; None where there is none, or no time is left."""
        if timeout_s <= 0:
            self._is_late = True
            return None
        self._frames.clear()
        self._player.setPosition(at_ms)
        if self._player.playbackState() != QMediaPlayer.PlaybackState.PausedState:
            self._player.pause()
        self._wait(timeout_s)
        return self._frames[-1] if self._frames and self._frames[-1].isValid() else None

    def failure(self) -> EvidenceError:
        """Why nothing is to be seen of it."""
        if self._bytes.failure is not None:
            return self._bytes.failure
        if self._told:
            return UnreadableVideoError(unshown.NOT_OPENED.format(container=self._container))
        if self._is_late:
            return UnreadableVideoError(unshown.TOO_LONG)
        return UnreadableVideoError(unshown.NO_FRAME)

    def described(self, stills: tuple[VideoStill, ...], missing: int) -> VideoStills:
        """What it is, with its stills."""
        data = self._player.metaData()
        rate = data.value(QMediaMetaData.Key.VideoFrameRate)
        late = "decoding took too long" if self._is_late else "no frame could be decoded there"
        why = str(self._bytes.failure or late)
        return VideoStills(
            container=self._container,
            codec=self._codec(),
            length_ms=self.length_ms,
            width_pixels=self._size[0],
            height_pixels=self._size[1],
            frames_per_1000_s=round(rate * 1000) if isinstance(rate, (int, float)) and 0 < rate < 10_000 else 0,
            stills=stills,
            missing=missing,
            why_missing=why if missing else "",
        )

    def close(self) -> None:
        """Give everything back; the threads of the decoder end."""
        self._ticks.stop()
        self._player.stop()
        self._player.setVideoSink(None)  # type: ignore[arg-type]
        self._player.setSource(QUrl())
        self._bytes.close()

    def _codec(self) -> str:
        codec = self._player.metaData().value(QMediaMetaData.Key.VideoCodec)
        return _CODECS.get(codec, "")

    def _wait(self, timeout_s: float) -> None:
        """Until something came."""
        timer = QTimer()
        timer.setSingleShot(True)
        timer.timeout.connect(self._give_up)
        timer.start(max(1, round(timeout_s * 1000)))
        self._loop.exec()
        timer.stop()

    def _give_up(self) -> None:
        self._is_late = True
        self._loop.quit()

    def _on_status(self, status: QMediaPlayer.MediaStatus) -> None:
        states = QMediaPlayer.MediaStatus
        if status in (states.LoadedMedia, states.InvalidMedia, states.EndOfMedia):
            self._loop.quit()

    def _on_error(self, error: QMediaPlayer.Error, words: str) -> None:
        self._told = words or error.name
        self._loop.quit()

    def _on_frame(self, frame: QVideoFrame) -> None:
        self._frames.append(frame)
        if frame.isValid():
            turned = frame.surfaceFormat().rotation().value % 180 == 90
            size = frame.size().transposed() if turned else frame.size()
            self._size = (size.width(), size.height())
        self._loop.quit()


def _still(frame: QVideoFrame, box_pixels: int) -> VideoStill | None:
    image = frame.toImage()
    if not image.isNull():
        image = image.convertToFormat(QImage.Format.Format_RGB888)
        size = (image.width(), image.height())
        encoded, is_blank = still_of_rgb(bytes(image.constBits()), size, image.bytesPerLine(), box_pixels)
    elif (bits := _DEEP.get(frame.pixelFormat())) is not None:
        planes = _planes(frame, bits)
        if planes is None:
            return None
        turned = frame.surfaceFormat().rotation().value
        encoded, is_blank = still_of_planes(planes, turned, box_pixels)
    else:
        return None
    return VideoStill(at_us=min(max(frame.startTime(), 0), _MOST_MS * 1000), encoded=encoded, is_blank=is_blank)


def _planes(frame: QVideoFrame, bits: int) -> Planes | None:
    if not frame.map(QVideoFrame.MapMode.ReadOnly):
        return None
    try:
        shown, space = frame.surfaceFormat(), QVideoFrameFormat.ColorSpace
        return Planes(
            size=(frame.width(), frame.height()),
            planes=tuple(
                (bytes(frame.bits(number)), frame.bytesPerLine(number)) for number in range(frame.planeCount())
            ),
            bits=bits,
            is_full_range=shown.colorRange() == QVideoFrameFormat.ColorRange.ColorRange_Full,
            is_601=shown.colorSpace() == space.ColorSpace_BT601
            or (shown.colorSpace() == space.ColorSpace_Undefined and frame.height() < 720),
        )
    finally:
        frame.unmap()


@cache
def _application() -> QCoreApplication:
    """What events of Qt need; without windows, and with nothing that FFmpeg could reach but its bytes."""
    os.environ.update(_SETTINGS)
    return QCoreApplication([])
