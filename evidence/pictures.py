"""Makes pictures harmless: decoded here, in a child process, and encoded anew for whoever shows them."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass, replace
from typing import Any

from PIL import ExifTags, Image, ImageFile, ImageOps, ImageStat, UnidentifiedImageError, _imaging

from evidence import unshown
from evidence.brightness import bits_not_shown, in_eight_bits
from evidence.errors import UnreadablePictureError
from evidence.silent_damage import damage_passed_over
from evidence.views import Ink, Picture

MAX_PIXELS = 120_000_000
MAX_EXIF_FIELDS = 400
MAX_EXIF_TEXT = 500
INK_LEVELS = 48
"""By how many of 256 levels of brightness ink differs from the paper, which may be darker or lighter than it."""

_FIRST_ON_ITS_SIDE = 5
"""Orientations from here on have rows for columns. Source: Exif 2.32, 4.6.4, Orientation."""

_BLANK_LEVELS = 6.0
"""A frame whose brightness varies less, as standard deviation among 256 levels, is black or of one colour."""

_FORMATS = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "TGA", "TIFF", "WEBP")
"""What is decoded within this process; others of Pillow's start programs, or are seldom more than an attack."""


_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""What the box ``ftyp`` names first in HEIF that is mostly HEIC. Source: ISO/IEC 23008-12, annex B."""
_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError, AttributeError,
    NotImplementedError, ZeroDivisionError, struct.error, zlib.error,
)  # fmt: skip
"""What decoders raise of damaged pictures."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a picture is made for, as :func:`decode_picture` has it."""

    box: tuple[int, int]
    encoding: str
    page: int
    is_stretched: bool


def decode_picture(
    content: bytes,
    width_pixels: int,
    height_pixels: int,
    encoding: str = "PNG",
    page: int = 0,
    *,
    partly: bool = False,
    is_stretched: bool = True,
) -> Picture:
    """Decode a picture and scale it down to fit a box; a smaller one keeps its size.

    Args:
        content: The whole file.
        width_pixels: Of the box.
        height_pixels: Of the box.
        encoding: How it is encoded anew: ``PNG``, or ``JPEG`` on white ground without transparency.
        page: Of a file with several pages or frames, from 0.
        partly: Whether of one that its decoder gives up is shown what can be decoded; ``Picture.damage`` says so.
            One that it does not give up is shown, and ``Picture.damage`` says what is known to be wrong.
        is_stretched: How more than 8 bits a sample are brought to 8; see :func:`evidence.brightness.in_eight_bits`.

    Raises:
        UnreadablePictureError: It is none, is damaged, or has more than ``MAX_PIXELS``.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and it is an error, not a warning
    asked = _Asked((max(1, width_pixels), max(1, height_pixels)), encoding, page, is_stretched)
    try:
        return _decoded(content, asked)
    except UnidentifiedImageError as error:
        raise UnreadablePictureError(_unknown(content)) from error
    except _DAMAGE as error:
        damage = unshown.DAMAGED.format(error=_why(error))
        if not partly:
            raise UnreadablePictureError(damage) from error
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return replace(_decoded(content, asked), damage=damage)
    except _DAMAGE as error:
        raise UnreadablePictureError(damage) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _why(error: Exception) -> str:
    said = str(error) or type(error).__name__
    if "truncated" in said:
        return unshown.NO_END
    return unshown.NO_SENSE if "data stream" in said else said


def _unknown(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return unshown.HEIC
    return unshown.NO_FORMAT


def _decoded(content: bytes, asked: _Asked) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            made = _shown(picture, asked)
    silent = damage_passed_over(content, made.format)
    return replace(made, damage=unshown.DAMAGED.format(error=silent)) if silent else made


def _shown(picture: Image.Image, asked: _Asked) -> Picture:
    pages = _pages(picture)
    if asked.page:
        picture.seek(asked.page)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise UnreadablePictureError(unshown.TOO_MANY_PIXELS.format(width=width, height=height, most=MAX_PIXELS))
    remark = bits_not_shown(picture)
    if picture.format == "PNG":
        picture.load()  # asked for EXIF, it decodes itself, and passes over its damage
    kind, (exif, exif_damage) = picture.format or "", _exif(picture)
    picture.draft("RGB", asked.box)
    picture.load()
    shallow, scaled = in_eight_bits(picture, max(asked.box), is_stretched=asked.is_stretched)
    shallow.thumbnail((max(asked.box), max(asked.box)))
    turned, told = _turned(shallow, (width, height))
    turned.thumbnail(asked.box)
    if turned.mode not in ("RGB", "RGBA", "L", "LA"):
        turned = _in_colours(turned)
    if asked.encoding == "JPEG":
        turned = _on_white(turned)
    target = io.BytesIO()
    turned.info = {}
    turned.save(target, asked.encoding)
    return Picture(
        encoded=target.getvalue(),
        width_pixels=width,
        height_pixels=height,
        format=kind,
        exif=exif,
        exif_damage=exif_damage,
        pages=pages,
        remark="; ".join(filter(None, (scaled or remark, told))),
    )


def _in_colours(picture: Image.Image) -> Image.Image:
    """In red, green and blue, with what of it is transparent."""
    if picture.mode == "La":
        return picture.convert("LA")
    return picture.convert("RGBA" if "transparency" in picture.info or picture.mode in ("PA", "RGBa") else "RGB")


def _turned(picture: Image.Image, stored: tuple[int, int]) -> tuple[Image.Image, str]:
    """As its EXIF says, and that it is; as it is stored where that makes no sense."""
    try:
        value, turned = picture.getexif().get(ExifTags.Base.Orientation, 1), ImageOps.exif_transpose(picture)
    except _DAMAGE:
        return picture, ""
    if value not in range(2, 9):
        return turned, ""
    width, height = stored
    across, down = (height, width) if value >= _FIRST_ON_ITS_SIDE else stored
    sizes = {"width": width, "height": height, "across": across, "down": down}
    words = {name: f"{size:,}" for name, size in sizes.items()}
    return turned, unshown.TURNED.format(value=value, **words)


def _pages(picture: Image.Image) -> int:
    """How many pages or frames there are; 0 where damage hides it."""
    try:
        return int(getattr(picture, "n_frames", 1))
    except _DAMAGE:
        return 0


def ink_in(encoded: bytes) -> Ink:
    """What differs from the brightness that most of a picture has; a picture that was encoded here."""
    with Image.open(io.BytesIO(encoded), formats=("JPEG", "PNG")) as picture:
        levels = picture.convert("L")
    counts = levels.histogram()
    paper = counts.index(max(counts))
    ink = levels.point([255 * (abs(level - paper) >= INK_LEVELS) for level in range(256)])
    box = ink.getbbox()
    if box is None:
        return Ink(of_million=0, longest_percent=0)
    longest = max(box[2] - box[0], box[3] - box[1])
    marked, pixels = ink.histogram()[255], levels.width * levels.height
    return Ink(of_million=marked * 1_000_000 // pixels, longest_percent=longest * 100 // max(levels.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """A frame of a video with 16 bits a sample and one sample of colour for four of brightness.

    Attributes:
        size: Width and height in pixels.
        planes: Bytes and bytes a line: of brightness, then of both colours in turn, or one after the other.
        bits: How many count: the lower 10, or the upper of all 16.
        is_full_range: Whether black is 0, and not 16 of 256.
        is_601: Whether colours are as in ITU-R BT.601, and not BT.709.
    """

    size: tuple[int, int]
    planes: tuple[tuple[bytes, int], ...]
    bits: int
    is_full_range: bool
    is_601: bool


def still_of_rgb(rgb: bytes, size: tuple[int, int], line_bytes: int, box_pixels: int) -> tuple[bytes, bool]:
    """A frame, 24 bits a pixel, as JPEG that fits a square box, and whether there is nothing to be seen on it."""
    return _still(Image.frombuffer("RGB", size, rgb, "raw", "RGB", line_bytes, 1), box_pixels)


def still_of_planes(frame: Planes, turned_degrees: int, box_pixels: int) -> tuple[bytes, bool]:
    """As :func:`still_of_rgb`, turned clockwise."""
    half = ((frame.size[0] + 1) // 2, (frame.size[1] + 1) // 2)
    if frame.bits == 10:
        samples = [_ten_bits(plane, size) for plane, size in zip(frame.planes, (frame.size, half, half), strict=False)]
    else:  # of each sample, the upper byte; the colours in turn are red, green, blue, alpha to Pillow
        (bright, bright_line), (both, both_line) = frame.planes[:2]
        light = Image.frombuffer("LA", frame.size, bright, "raw", "LA", bright_line, 1).getchannel("A")
        colours = Image.frombuffer("RGBA", half, both, "raw", "RGBA", both_line, 1)
        samples = [light, colours.getchannel("G"), colours.getchannel("A")]
    light, blue, red = (sample.resize(frame.size, Image.Resampling.BILINEAR) for sample in samples)
    shown = Image.merge("RGB", (light, blue, red)).convert("RGB", _to_rgb(frame))
    return _still(shown.rotate(-turned_degrees, expand=True), box_pixels)


def _ten_bits(plane: tuple[bytes, int], size: tuple[int, int]) -> Image.Image:
    deep = Image.frombuffer("I;16", size, plane[0], "raw", "I;16", plane[1], 1)
    return deep.convert("I").point([min(level >> 2, 255) for level in range(1 << 16)], "L")


def _to_rgb(frame: Planes) -> tuple[float, ...]:
    """Rows for red, green and blue out of brightness, blue and red difference. Source: ITU-R BT.601-7, BT.709-6."""
    of_red, of_blue = (0.299, 0.114) if frame.is_601 else (0.2126, 0.0722)
    of_green = 1.0 - of_red - of_blue
    light, colour = (1.0, 1.0) if frame.is_full_range else (255 / 219, 255 / 224)
    black = 0.0 if frame.is_full_range else 16.0
    red, blue = 2 * (1 - of_red) * colour, 2 * (1 - of_blue) * colour
    green_b, green_r = -blue * of_blue / of_green, -red * of_red / of_green
    rows = ((0.0, red), (green_b, green_r), (blue, 0.0))
    return tuple(value for b, r in rows for value in (light, b, r, -light * black - 128.0 * (b + r)))


def _still(frame: Image.Image, box_pixels: int) -> tuple[bytes, bool]:
    frame.thumbnail((box_pixels, box_pixels))
    target = io.BytesIO()
    frame.save(target, "JPEG", quality=85)
    return target.getvalue(), ImageStat.Stat(frame.convert("L")).stddev[0] < _BLANK_LEVELS


def png_of(picture: Image.Image) -> bytes:
    """A picture that was drawn here, such as a page, as PNG without anything else in it."""
    target = io.BytesIO()
    picture.info = {}
    picture.convert("RGB").save(target, "PNG")
    return target.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "L"):
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
    return ground


def _exif(picture: Image.Image) -> tuple[tuple[tuple[str, str], ...], str]:
    """The fields as text, with those of the inner directories; and why they are not all that there are."""
    found: list[tuple[str, object]] = []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fields = picture.getexif()
            found += [(ExifTags.TAGS.get(tag, f"0x{tag:04x}"), value) for tag, value in fields.items()]
            for directory, names in ((ExifTags.IFD.Exif, ExifTags.TAGS), (ExifTags.IFD.GPSInfo, ExifTags.GPSTAGS)):
                found += [(names.get(tag, f"0x{tag:04x}"), value) for tag, value in fields.get_ifd(directory).items()]
            why = str(said[0].message) if said else ""
        except _DAMAGE as error:
            why = str(error) or type(error).__name__
    if not found and not why and picture.info.get("exif"):
        why = "no field of it makes sense"
    shown = tuple((name, _text(value)) for name, value in found[:MAX_EXIF_FIELDS] if not isinstance(value, dict))
    return shown, " ".join(why.split())[:MAX_EXIF_TEXT]


def _text(value: object) -> str:
    try:
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    except ZeroDivisionError:
        return ""
    return text.replace("\0", "").strip()[:MAX_EXIF_TEXT]


def byte_entropy(data: bytes) -> float:
    """Shannon entropy of ``data`` in bits per byte; Pillow counts at 1 ns a byte, and Python thirty times slower."""
    return float(_row(data).entropy())


def byte_histogram(data: bytes) -> list[int]:
    """How often each of the 256 values is in ``data``."""
    return list(_row(data).histogram())


def _row(data: bytes) -> Any:
    """The bytes taken for a picture of one row, as Pillow's core has it: ``Image.frombuffer`` costs twice the count."""
    return _imaging.map_buffer(data, (len(data), 1), "raw", 0, ("L", 0, 1))
