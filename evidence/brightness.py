"""Pictures of more than 8 bits a sample, of scanners and microscopes, brought to 8; and in words how."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

from PIL import Image

from evidence import unshown

_MINIMUM_IS_WHITE, _UNSIGNED = 0, 1
_PHOTOMETRIC, _SAMPLE_FORMAT = 262, 339
"""Tags of TIFF 6.0; above, values of them."""
_MOST_UNSIGNED = float((1 << 32) - 1)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the file says of its samples, which copies of a picture no longer carry."""

    is_float: bool
    is_inverted: bool
    is_unsigned: bool


def in_eight_bits(picture: Image.Image, box_pixels: int, *, is_stretched: bool) -> tuple[Image.Image, str]:
    """A picture with 8 bits a sample, and what was done for it; as it is, and an empty text, if it has no more.

    Args:
        picture: Decoded whole.
        box_pixels: It may be made as small as a square of that side.
        is_stretched: Whether its darkest value becomes black and its brightest white, so that all of it is seen. If
            not, 0 becomes black, and white the most that the bits in use can say.
    """
    if not (picture.mode in ("I", "F") or picture.mode.startswith("I;16")):
        return picture, ""
    facts, nonsense = _facts(picture), ""
    if picture.mode not in ("I;16", "I", "F"):  # the other order of bytes
        picture = picture.convert("I")
    if facts.is_float and not math.isfinite(_mean(picture)):
        picture, nonsense = _finite(picture, box_pixels), f"; {unshown.NOT_FINITE}"
    least, most = _extrema(picture)
    if picture.mode == "I" and least < 0 and facts.is_unsigned:
        shown, least, most = _upper_byte(picture), 0.0, _MOST_UNSIGNED
    else:
        if not is_stretched:
            least, most = min(0.0, least), _most_of_bits(most)
        picture.thumbnail((box_pixels, box_pixels))
        shown = _scaled(picture, least, most)
    if facts.is_inverted:
        shown = shown.point([255 - level for level in range(256)])
    return shown, _words(least, most, facts) + nonsense


def bits_not_shown(picture: Image.Image) -> str:
    """In words, that a picture loses the lower bits of its samples when it is decoded; empty where it does not.

    Args:
        picture: Not yet decoded.
    """
    is_deep = any(";16" in str(tile[3]) for tile in getattr(picture, "tile", ())) and picture.mode in (
        "RGB",
        "RGBA",
        "CMYK",
        "LA",
    )
    return unshown.UPPER_BITS if is_deep else ""


def _facts(picture: Image.Image) -> _Facts:
    tags = getattr(picture, "tag_v2", {})
    return _Facts(
        is_float=picture.mode == "F",
        is_inverted=tags.get(_PHOTOMETRIC) == _MINIMUM_IS_WHITE,
        is_unsigned=picture.format == "TIFF" and _UNSIGNED in tuple(tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))),
    )


def _scaled(picture: Image.Image, least: float, most: float) -> Image.Image:
    if most <= least:
        return Image.new("L", picture.size, 128)
    factor = 255.0 / (most - least)
    offset = 0.5 - least * factor
    wide = picture if picture.mode == "F" else picture.convert("I").convert("F")
    return wide.point(lambda value: value * factor + offset).convert("L")


def _upper_byte(picture: Image.Image) -> Image.Image:
    """Of whole numbers without sign, which Pillow holds as ones with sign, the lowest byte first."""
    return Image.frombytes("RGBA", picture.size, picture.tobytes()).getchannel("A")


def _finite(picture: Image.Image, box_pixels: int) -> Image.Image:
    """A small one in which infinities and what is no number are the least of the others."""
    picture.thumbnail((box_pixels, box_pixels), Image.Resampling.NEAREST)
    values = array("f", picture.tobytes())
    least = min((one for one in values if math.isfinite(one)), default=0.0)
    sound = array("f", (one if math.isfinite(one) else least for one in values))
    return Image.frombytes("F", picture.size, sound.tobytes())


def _mean(picture: Image.Image) -> float:
    """Of all values; no finite number where one of them is none."""
    value = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return float(value) if isinstance(value, int | float) else math.nan


def _extrema(picture: Image.Image) -> tuple[float, float]:
    least, most = picture.getextrema()
    return (float(least), float(most)) if not isinstance(least, tuple) and not isinstance(most, tuple) else (0.0, 0.0)


def _most_of_bits(most: float) -> float:
    """1 for values up to 1, else the most that can be said with as many bits as ``most`` needs."""
    return 1.0 if most <= 1 else float((1 << int(most).bit_length()) - 1) if most < _MOST_UNSIGNED else most


def _words(least: float, most: float, facts: _Facts) -> str:
    low, high = (f"{one:,.6g}" if facts.is_float else f"{one:,.0f}" for one in (least, most))
    if most <= least:
        return unshown.EVEN_GREY.format(value=low)
    return (unshown.SCALED_INVERTED if facts.is_inverted else unshown.SCALED).format(low=low, high=high)
