"""Pictures in a report: embedded as JPEG, never decoded here.

The child process that read the hostile original wrote the JPEG anew; all that is looked at is the frame header,
for size and number of components.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forensics_app.model.dossier import Photo
from forensics_app.reports.book import Book
from forensics_app.reports.fonts import Face
from forensics_app.reports.layout import LABEL_WIDTH_PT, LEFT_PT, RIGHT_PT, WIDTH_PT, Sheet, Value
from forensics_app.reports.lines import Piece, Style, wrapped
from forensics_app.reports.pen import Pen
from forensics_app.reports.values import digest_lines, joined
from forensics_app.reports.words import as_told, say

_GAP_PT = 16.0
_PHOTO_WIDTH_PT = (WIDTH_PT - _GAP_PT) / 2
_PHOTO_HEIGHT_PT = 150.0
_BESIDE_PT = 92.0
BESIDE_ROOM_PT = _BESIDE_PT + 40.0
"""What :func:`draw_beside` wants to be left of a page."""
_CAPTION = Style(Face.REGULAR, 7.4, 9.8)
_CAPTION_BOLD = Style(Face.BOLD, 7.4, 9.8)
_CAPTION_MONO = Style(Face.MONO, 6.4, 9.8)
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, 0xFF, *range(0xD0, 0xD9)})


class PictureSize(NamedTuple):
    """Width and height in pixels of a JPEG, and its number of components: 1 grey, 3 colour."""

    width: int
    height: int
    components: int


def picture_size(jpeg: bytes) -> PictureSize | None:
    """The size that the frame header gives, or None for what is no JPEG of 8-bit grey or colour."""
    if not jpeg.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 9 < len(jpeg) and jpeg[place] == 0xFF:
        marker = jpeg[place + 1]
        if marker in _BARE_MARKERS:
            place += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAME_MARKERS:
            bits = jpeg[place + 4]
            height, width = (int.from_bytes(jpeg[at : at + 2], "big") for at in (place + 5, place + 7))
            components = jpeg[place + 9]
            usable = bits == 8 and width > 0 and height > 0 and components in (1, 3)
            return PictureSize(width, height, components) if usable else None
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return None


def fitted(picture: PictureSize, width_pt: float, height_pt: float) -> tuple[float, float]:
    """The largest size in points inside a rectangle that keeps the proportions."""
    factor = min(width_pt / picture.width, height_pt / picture.height)
    return picture.width * factor, picture.height * factor


def draw_photos(book: Book, photos: Sequence[Photo]) -> None:
    """Two photographs abreast, each above its particulars."""
    for start in range(0, len(photos), 2):
        pair = photos[start : start + 2]
        captions = [_caption(book, photo) for photo in pair]
        caption_height = max(map(len, captions)) * _CAPTION.leading_pt
        book.sheet.need(_PHOTO_HEIGHT_PT + caption_height + 16.0)
        top = book.sheet.y_pt - 4.0
        for position, (photo, caption) in enumerate(zip(pair, captions, strict=True)):
            left = LEFT_PT + position * (_PHOTO_WIDTH_PT + _GAP_PT)
            place = (left, top, _PHOTO_WIDTH_PT, _PHOTO_HEIGHT_PT)
            draw_picture(book.sheet.pen, photo.jpeg, photo.absent, *place, words=_title(photo))
            book.sheet.pen.column(caption, left, None, top - _PHOTO_HEIGHT_PT - 5.0, _CAPTION.leading_pt)
        book.sheet.y_pt = top - _PHOTO_HEIGHT_PT - caption_height - 14.0


def draw_picture(
    pen: Pen,
    jpeg: bytes | None,
    absent: str | None,
    left_pt: float,
    top_pt: float,
    width_pt: float,
    height_pt: float,
    *,
    words: str,
) -> None:
    """One picture at the upper left of a framed rectangle, or the words why there is none.

    ``words`` say what it shows, to who does not see it.
    """
    pen.box(left_pt, top_pt - height_pt, width_pt, height_pt)
    picture = picture_size(jpeg) if jpeg is not None else None
    if jpeg is not None and picture is not None:
        drawn_width, drawn_height = fitted(picture, width_pt - 2.0, height_pt - 2.0)
        left = left_pt + (width_pt - drawn_width) / 2
        bottom = top_pt - (height_pt + drawn_height) / 2
        place = (left, bottom, drawn_width, drawn_height)
        pen.picture(jpeg, (picture.width, picture.height), picture.components, place, words)
        return
    bare = "picture not supplied" if jpeg is None else "picture cannot be printed: not a usable JPEG"
    why = as_told(absent) if absent else say(bare)
    lines = wrapped([Piece(why, _CAPTION)], width_pt - 16.0)
    pen.column(lines[: int(height_pt / _CAPTION.leading_pt) - 1], left_pt + 8.0, None, top_pt - 8.0, 9.8)


def draw_beside(
    sheet: Sheet, rows: Sequence[tuple[str, Value]], jpeg: bytes | None, absent: str | None, words: str
) -> None:
    """Labels and values with a picture at their right, or with the words why it is not shown, if it is about one."""
    if jpeg is None and absent is None:
        sheet.properties(rows)
        return
    sheet.need(BESIDE_ROOM_PT)
    top, page = sheet.y_pt, sheet.page
    draw_picture(sheet.pen, jpeg, absent, RIGHT_PT - _BESIDE_PT, top - 2.0, _BESIDE_PT, _BESIDE_PT, words=words)
    sheet.properties(rows, width_pt=WIDTH_PT - _BESIDE_PT - 12.0, label_width_pt=LABEL_WIDTH_PT - 14.0)
    if sheet.page == page:
        sheet.y_pt = min(sheet.y_pt, top - _BESIDE_PT - 6.0)


def _title(photo: Photo) -> str:
    return say(photo.caption) if photo.caption == photo.view else photo.caption


def _caption(book: Book, photo: Photo) -> Sequence[Piece]:
    taken = book.clock.both(photo.taken_at) if photo.taken_at else say("time not supplied")
    texts = [
        Piece(_title(photo), _CAPTION_BOLD),
        Piece(
            joined((photo.view and say("View: {view}", view=say(photo.view)), taken, photo.author), " · ") or taken,
            _CAPTION,
        ),
        Piece(say("SHA-256 of the photograph as recorded:"), _CAPTION),
        *(Piece(line, _CAPTION_MONO) for line in digest_lines(photo.sha256, 4)),
    ]
    return wrapped(texts, _PHOTO_WIDTH_PT)
