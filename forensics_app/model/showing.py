"""What can be shown of a content as a picture, by its type, and by its name where no type is known."""

from __future__ import annotations

PICTURE_NAMES = ("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "ico")
VIDEO_NAMES = ("mp4", "m4v", "mov", "3gp", "3g2", "avi", "mkv", "webm", "wmv", "asf", "flv", "mpg", "mpeg", "ts", "ogv")
_BY_NAME_TOO = {"application/ogg": ("ogv", "ogm", "ogg"), "application/octet-stream": ("ts", "m2ts", "mts")}
"""Types that say nothing of moving pictures, with the names of those that hold some."""
_US_IN_S = 1_000_000


def is_picture(mime: str | None, extension: str) -> bool:
    """Whether a content is a picture; by its name only where the catalogue does not know the content."""
    return mime.startswith("image/") if mime else extension in PICTURE_NAMES


def is_video(mime: str | None, extension: str) -> bool:
    """Whether a content is a video; by its name only where its type does not tell."""
    if not mime:
        return extension in VIDEO_NAMES
    return mime.startswith("video/") or mime == "application/vnd.ms-asf" or extension in _BY_NAME_TOO.get(mime, ())


def film_time(at_us: int, *, exact: bool = False) -> str:
    """A time within a video, as players write it: ``1:36``, ``2:01:36``; with ``exact``, ``0:01:36.040``."""
    whole_s, rest_us = divmod(max(0, at_us), _US_IN_S)
    hours, minutes, seconds = whole_s // 3600, whole_s // 60 % 60, whole_s % 60
    if exact:
        return f"{hours}:{minutes:02}:{seconds:02}.{rest_us // 1000:03}"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
