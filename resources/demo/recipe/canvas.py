"""What makes a drawn scene look photographed: light, grain, blur, and the record that a camera writes."""

import io
import math
import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, TiffImagePlugin
from PIL.ExifTags import GPS, IFD, Base

Color = tuple[int, int, int]
Point = tuple[float, float]
FONTS = Path(__file__).parents[2] / "fonts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What the camera writes beside the picture; degrees are decimal, north and east positive."""

    taken_at: datetime
    make: str = "Aravel"
    model: str = "Aravel K7"
    exposure_s: tuple[int, int] = (1, 60)
    f_number: float = 1.8
    iso: int = 200
    place: tuple[float, float] | None = None


def font(size: int, *, mono: bool = False) -> ImageFont.FreeTypeFont:
    """A typeface of the project at `size` pixels."""
    wanted = "Mono" if mono else "Sans"
    found = sorted(path for path in FONTS.rglob("*-Regular.ttf") if wanted in path.name)
    return ImageFont.truetype(found[0] if found else next(iter(sorted(FONTS.rglob("*.ttf")))), size)


def wash(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    """A ground that goes from one colour to another, top to bottom."""
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        part = y / max(1, size[1] - 1)
        column.putpixel((0, y), tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)))
    return column.resize(size)


def shadow(picture: Image.Image, outline: list[Point], *, offset: Point, blur: int, strength: int = 120) -> None:
    """Darkens the picture softly where an object with this outline would throw its shadow."""
    mask = Image.new("L", picture.size, 0)
    moved = [(x + offset[0], y + offset[1]) for x, y in outline]
    ImageDraw.Draw(mask).polygon(moved, fill=strength)
    picture.paste((12, 10, 10), mask=mask.filter(ImageFilter.GaussianBlur(blur)))


def place(picture: Image.Image, sheet: Image.Image, corners: list[Point]) -> None:
    """Lays a flat sheet into the picture so that its corners (from top left, clockwise) fall on `corners`."""
    width, height = sheet.size
    source: list[Point] = [(0, 0), (width, 0), (width, height), (0, height)]
    coefficients = _perspective(corners, source)
    warped = sheet.convert("RGBA").transform(
        picture.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    mask = ImageChops.multiply(mask.filter(ImageFilter.GaussianBlur(0.8)), warped.getchannel("A"))
    picture.paste(warped.convert("RGB"), mask=mask)


def developed(picture: Image.Image, *, seed: int, light: Point = (0.4, 0.3), warmth: float = 1.0) -> Image.Image:
    """Adds light that falls off, a colour cast and sensor grain, as a small camera indoors would."""
    width, height = picture.size
    falloff = Image.radial_gradient("L").resize((width * 2, height * 2))
    left, top = round(width * (1 - light[0])), round(height * (1 - light[1]))
    falloff = ImageChops.invert(falloff).crop((left, top, left + width, top + height))
    lit = ImageChops.multiply(picture, Image.merge("RGB", [falloff.point(_lift)] * 3))
    red, green, blue = lit.split()
    cast = Image.merge("RGB", [red.point(_scale(warmth)), green, blue.point(_scale(1 / warmth))])
    grained = ImageChops.overlay(cast, Image.merge("RGB", [_grain(picture.size, seed)] * 3))
    return ImageEnhance.Contrast(grained.filter(ImageFilter.GaussianBlur(0.6))).enhance(1.06)


def jpeg(picture: Image.Image, shot: Shot, *, quality: int = 78) -> bytes:
    """The picture as a JPEG file with the camera's record in it."""
    exif = Image.Exif()
    told = shot.taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif.update({Base.Make: shot.make, Base.Model: shot.model, Base.DateTime: told, Base.Orientation: 1})
    exif[Base.Software] = f"{shot.model} 4.2.1"
    zone = shot.taken_at.strftime("%z")
    details = exif.get_ifd(IFD.Exif)
    details.update(
        {
            Base.DateTimeOriginal: told,
            Base.DateTimeDigitized: told,
            Base.OffsetTimeOriginal: f"{zone[:3]}:{zone[3:]}",
            Base.ExposureTime: TiffImagePlugin.IFDRational(*shot.exposure_s),
            Base.FNumber: TiffImagePlugin.IFDRational(round(shot.f_number * 10), 10),
            Base.ISOSpeedRatings: shot.iso,
            Base.FocalLength: TiffImagePlugin.IFDRational(43, 10),
        }
    )
    if shot.place is not None:
        exif.get_ifd(IFD.GPSInfo).update(_gps(shot.place))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, exif=exif)
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _gps(where: tuple[float, float]) -> dict[int, object]:
    latitude, longitude = where
    return {
        GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        GPS.GPSLatitude: _sexagesimal(latitude),
        GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        GPS.GPSLongitude: _sexagesimal(longitude),
    }


def _sexagesimal(degrees: float) -> tuple[TiffImagePlugin.IFDRational, ...]:
    whole, rest = divmod(abs(degrees), 1)
    minutes, rest = divmod(rest * 60, 1)
    parts = ((int(whole), 1), (int(minutes), 1), (round(rest * 6000), 100))
    return tuple(TiffImagePlugin.IFDRational(*part) for part in parts)


def _lift(value: int) -> int:
    return min(255, round(70 + 185 * math.sqrt(value / 255)))


def _scale(factor: float) -> list[int]:
    return [min(255, round(value * factor)) for value in range(256)]


def _grain(size: tuple[int, int], seed: int) -> Image.Image:
    grain = Image.frombytes(
        "L", (size[0] // 2, size[1] // 2), random.Random(seed).randbytes(size[0] // 2 * (size[1] // 2))
    )
    return grain.resize(size, Image.Resampling.BICUBIC).point(lambda value: 128 + (value - 128) // 9)


def _perspective(target: list[Point], source: list[Point]) -> list[float]:
    """Solves the eight coefficients that map points of the picture back onto the sheet (Gauss-Jordan)."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):
        pivot = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for other in range(8):
            if other != column:
                factor = rows[other][column]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[column], strict=True)]
    return [row[8] for row in rows]
