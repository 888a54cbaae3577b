import io
import struct
import zlib

import pytest
from PIL import Image

from evidence.errors import UnreadablePictureError
from evidence.ink import ink_on
from evidence.isolation import Child, run_isolated
from evidence.pictures import MAX_PIXELS, decode_picture
from evidence.views import Picture


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def photograph() -> bytes:
    picture = Image.new("RGB", (400, 100), "red")
    exif = Image.Exif()
    exif[0x010F] = "Canon"
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    return encoded(picture, "JPEG", exif=exif)


def shown(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.encoded))


def test_a_photograph_is_turned_scaled_and_its_exif_told_across_the_process() -> None:
    with Child() as child:
        picture = child.call("picture", {"content": photograph(), "width_pixels": 50, "height_pixels": 80})
    assert (picture.width_pixels, picture.height_pixels, picture.format) == (400, 100, "JPEG")
    assert shown(picture).format == "PNG"
    assert shown(picture).size == (20, 80)
    assert picture.remark == ("turned as its EXIF says (orientation 6): 400 x 100 pixels as stored, 100 x 400 as shown")
    exif = dict(picture.exif)
    assert exif["Make"] == "Canon"
    assert exif["GPSLatitudeRef"] == "N"
    assert exif["DateTimeOriginal"] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("value", [0, 1, 2, 3, 5, 8, 9])
def test_that_exif_turns_or_mirrors_a_picture_is_told_and_no_other_value(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    picture = decode_picture(encoded(Image.new("RGB", (1_200, 30)), "JPEG", exif=exif), 2_000, 2_000)
    across, down = shown(picture).size
    sizes = f"1,200 x 30 pixels as stored, {across:,} x {down:,} as shown"
    told = f"turned as its EXIF says (orientation {value}): {sizes}" if 2 <= value <= 8 else ""
    assert picture.remark == told


def test_what_is_encoded_anew_carries_nothing_of_the_original_along() -> None:
    picture = decode_picture(photograph(), 500, 500)
    assert b"Canon" not in picture.encoded
    assert not shown(picture).getexif()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        (kind, mode)
        for kind in ("PNG", "GIF", "BMP", "TIFF", "WEBP", "ICO", "PPM")
        for mode in ("RGB", "RGBA", "P", "L", "1")
        if (kind, mode) not in {("PPM", "P"), ("BMP", "RGBA")}  # which do not exist
    ],
)
@pytest.mark.parametrize("encoding", ["PNG", "JPEG"])
def test_pictures_of_every_kind_are_shown(kind: str, mode: str, encoding: str) -> None:
    content = encoded(Image.new(mode, (64, 32)), kind)
    picture = decode_picture(content, 1000, 1000, encoding)
    assert picture.format == kind
    assert shown(picture).format == encoding


@pytest.mark.parametrize("cut", [10, 100, 300])
def test_a_damaged_picture_is_refused_in_words(cut: int) -> None:
    content = encoded(Image.effect_noise((200, 200), 50), "PNG")
    with pytest.raises(UnreadablePictureError):
        decode_picture(content[:cut], 100, 100)


@pytest.mark.parametrize("content", [b"", b"text", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", bytes(5000)])
def test_what_is_no_picture_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UnreadablePictureError):
        decode_picture(content, 100, 100)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(UnreadablePictureError, match=str(MAX_PIXELS)):
        run_isolated("picture", {"content": bomb, "width_pixels": 100, "height_pixels": 100})


def test_every_byte_of_a_photograph_can_be_changed_without_harm() -> None:
    content = bytearray(photograph())
    for place in range(0, len(content), 7):
        changed = bytes(content[:place]) + bytes([content[place] ^ 0xFF]) + bytes(content[place + 1 :])
        try:
            picture = decode_picture(changed, 50, 50)
        except UnreadablePictureError:
            continue
        assert shown(picture).format == "PNG"


@pytest.mark.parametrize("kept_percent", [50, 90, 99])
def test_of_a_cut_off_photograph_what_can_be_decoded_is_shown_and_called_damaged(kept_percent: int) -> None:
    photo = Image.new("RGB", (640, 480), "red")
    photo.paste("white", (0, 460, 640, 480))
    photo = Image.blend(photo, Image.effect_noise((640, 480), 60).convert("RGB"), 0.3)
    content = encoded(photo, "JPEG", quality=90)
    content = content[: len(content) * kept_percent // 100]
    with pytest.raises(UnreadablePictureError, match="damaged"):
        decode_picture(content, 640, 480)
    asked = {"content": content, "width_pixels": 640, "height_pixels": 480, "partly": True}
    with Child() as child:
        picture = child.call("picture", asked)
        with pytest.raises(UnreadablePictureError):  # the next one is not taken for whole
            child.call("picture", {**asked, "partly": False})
    assert picture.damage.startswith("it is damaged")
    reds = shown(picture).convert("RGB").crop((0, 0, 640, 480 * (kept_percent - 10) // 100)).getpixel((320, 100))
    assert isinstance(reds, tuple)
    assert reds[0] > reds[1] + 60


def test_every_page_of_a_file_can_be_shown_and_their_number_is_told() -> None:
    pages = [Image.new("RGB", (60, 40), colour) for colour in ("red", "lime", "blue")]
    for kind in ("TIFF", "GIF", "WEBP", "PNG", "AVIF"):
        content = encoded(pages[0], kind, save_all=True, append_images=pages[1:])
        for number, page in enumerate(pages):
            picture = decode_picture(content, 60, 40, page=number)
            assert picture.pages == 3
            wanted, got = page.getpixel((30, 20)), shown(picture).convert("RGB").getpixel((30, 20))
            assert isinstance(wanted, tuple)
            assert isinstance(got, tuple)
            assert all(abs(one - other) < 12 for one, other in zip(wanted, got, strict=True)), (kind, number)
        with pytest.raises(UnreadablePictureError):
            decode_picture(content, 60, 40, page=3)
    assert decode_picture(encoded(pages[0], "TIFF"), 60, 40).pages == 1


def test_heic_is_refused_by_its_name_and_avif_is_decoded() -> None:
    heic = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(200)
    with pytest.raises(UnreadablePictureError, match="HEIC, which this version does not decode"):
        decode_picture(heic, 100, 100)
    assert decode_picture(encoded(Image.new("RGB", (64, 32)), "AVIF"), 100, 100).format == "AVIF"


@pytest.mark.parametrize("broken", [b"Exif\0\0II*\0" + bytes([8, 0, 0, 0, 9, 0, 15]), b"Exif\0\0nothing of sense"])
def test_exif_that_is_there_and_cannot_be_read_is_told(broken: bytes) -> None:
    picture = decode_picture(encoded(Image.new("RGB", (40, 40)), "JPEG", exif=broken), 40, 40)
    assert picture.exif == ()
    assert picture.exif_damage
    assert not decode_picture(encoded(Image.new("RGB", (40, 40)), "JPEG"), 40, 40).exif_damage
    assert not decode_picture(photograph(), 40, 40).exif_damage


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def deep_png(rows: list[list[int]], colours: int = 0) -> bytes:
    """A PNG of 16 bits a sample, made byte by byte: its samples are known without a decoder."""
    lines = b"".join(b"\0" + b"".join(value.to_bytes(2) for value in row) for row in rows)
    width = len(rows[0]) // {0: 1, 2: 3}[colours]
    header = struct.pack(">IIBBBBB", width, len(rows), 16, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def deep_tiff(order: str, samples: bytes, size: tuple[int, int], bits: int, sample_format: int, ink: int) -> bytes:
    """An uncompressed grey TIFF, made byte by byte; ``ink`` is its PhotometricInterpretation."""
    tags = [(256, size[0]), (257, size[1]), (258, bits), (259, 1), (262, ink), (273, 8), (277, 1), (278, size[1])]
    tags += [(279, len(samples)), (339, sample_format)]
    directory = struct.pack(f"{order}H", len(tags))
    for tag, value in tags:
        directory += struct.pack(f"{order}HHI", tag, 4, 1) + struct.pack(f"{order}I", value)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(samples))
    return head + samples + directory + bytes(4)


def levels(picture: Picture) -> list[int]:
    seen = shown(picture).convert("L")
    return [int(value) for x in range(seen.width) if isinstance(value := seen.getpixel((x, 0)), int)]


GREYS = [20_000, 24_725, 29_450, 34_175, 38_900]


@pytest.mark.parametrize(
    "content",
    [
        deep_png([GREYS, GREYS]),
        deep_tiff("<", struct.pack("<5H", *GREYS), (5, 1), 16, 1, 1),
        deep_tiff(">", struct.pack(">5H", *GREYS), (5, 1), 16, 1, 1),
        deep_tiff("<", struct.pack("<5h", *(one - 32_768 for one in GREYS)), (5, 1), 16, 2, 1),
        deep_tiff("<", struct.pack("<5i", *(one * 50_000 for one in GREYS)), (5, 1), 32, 2, 1),
        deep_tiff("<", struct.pack("<5f", *(one / 65_535 for one in GREYS)), (5, 1), 32, 3, 1),
        deep_tiff(">", struct.pack(">5f", *(one * 1e9 for one in GREYS)), (5, 1), 32, 3, 1),
        b"P5 5 1 65535\n" + struct.pack(">5H", *GREYS),
    ],
)
@pytest.mark.parametrize("encoding", ["PNG", "JPEG"])
def test_brightness_of_more_than_eight_bits_is_scaled_to_what_is_there_and_that_is_said(
    content: bytes, encoding: str
) -> None:
    picture = decode_picture(content, 100, 100, encoding)
    wanted = [round((one - GREYS[0]) * 255 / (GREYS[-1] - GREYS[0])) for one in GREYS]
    assert all(abs(one - other) <= 3 for one, other in zip(levels(picture), wanted, strict=True)), levels(picture)
    assert picture.remark.startswith("its brightness is scaled: the value ")
    assert not picture.damage


def test_brightness_is_told_with_its_values_and_not_stretched_where_ink_is_looked_for() -> None:
    assert decode_picture(deep_png([GREYS]), 9, 9).remark == (
        "its brightness is scaled: the value 20,000 is shown black, 38,900 white"
    )
    blank = deep_png([[65_300 + (x * 37 + y * 91) % 200 for x in range(64)] for y in range(64)])
    assert ink_on(blank).of_million == 0
    written = deep_png([[300 if 20 < x < 40 and y % 7 == 0 else 4_000 for x in range(64)] for y in range(64)])
    assert ink_on(written).of_million > 10_000


def test_values_without_sign_white_at_the_least_even_ones_and_no_numbers_are_shown_and_told() -> None:
    top = deep_tiff("<", struct.pack("<3I", 0, 1 << 31, (1 << 32) - 1), (3, 1), 32, 1, 1)
    assert levels(decode_picture(top, 9, 9)) == [0, 128, 255]
    turned = decode_picture(deep_tiff("<", struct.pack("<3H", 0, 500, 1000), (3, 1), 16, 1, 0), 9, 9)
    assert levels(turned) == [255, 127, 0]
    assert "the value 0 is shown white, 1,000 black" in turned.remark
    even = decode_picture(deep_png([[7, 7]]), 9, 9)
    assert (levels(even), even.remark) == ([128, 128], "every value is 7; an even grey stands for it")
    floats = struct.pack("<4f", float("nan"), 1.0, 3.0, float("inf"))
    strange = decode_picture(deep_tiff("<", floats, (4, 1), 32, 3, 1), 9, 9)
    assert levels(strange) == [0, 0, 255, 0]
    assert "no finite number is shown as the least" in strange.remark


def test_colours_of_sixteen_bits_cmyk_lab_and_palettes_keep_their_colours() -> None:
    deep = decode_picture(deep_png([[0xFFFF, 0x8000, 0x0000]], colours=2), 9, 9)
    assert shown(deep).convert("RGB").getpixel((0, 0)) == (255, 128, 0)
    assert deep.remark == "of the 16 bits of each sample the upper 8 are shown"
    for kind in ("TIFF", "JPEG"):
        cmyk = decode_picture(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), kind), 16, 16)
        red = shown(cmyk).convert("RGB").getpixel((8, 8))
        assert isinstance(red, tuple)
        assert red[0] > 250
        assert max(red[1:]) < 5
    lab = decode_picture(encoded(Image.new("LAB", (4, 4), (136, 208, 195)), "TIFF"), 9, 9)
    red = shown(lab).convert("RGB").getpixel((1, 1))  # CIE L* 53, a* 80, b* 67 is red
    assert isinstance(red, tuple)
    assert red[0] > 240
    assert max(red[1:]) < 40
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 255, 255, 0, 0])
    clear = decode_picture(encoded(palette, "PNG", transparency=0), 9, 9)
    assert shown(clear).convert("RGBA").getpixel((1, 1)) == (255, 0, 0, 255)


def test_a_png_with_one_wrong_byte_is_called_damaged_and_no_exif_is_invented() -> None:
    whole = encoded(Image.effect_noise((200, 200), 50), "PNG")
    assert decode_picture(whole, 200, 200).damage == ""
    start = whole.index(b"IDAT") + 4
    for place in (start + 200, len(whole) // 2, len(whole) - 40, len(whole) - 20):
        broken = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        picture = decode_picture(broken, 200, 200, partly=True)
        assert "damaged" in picture.damage, place
        assert picture.exif_damage == ""
        try:
            assert "checksum of its part IDAT" in decode_picture(broken, 200, 200).damage
        except UnreadablePictureError as error:
            assert "damaged" in str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize("is_progressive", [False, True])
def test_wrong_bytes_in_the_scan_of_a_photograph_are_told_in_the_child_process(*, is_progressive: bool) -> None:
    whole = encoded(Image.effect_noise((320, 240), 60).convert("RGB"), "JPEG", progressive=is_progressive)
    middle = len(whole) // 2
    broken = whole[:middle] + bytes(range(1, 201)) + whole[middle + 200 :]
    with Child() as child:
        told = [
            child.call("picture", {"content": one, "width_pixels": 100, "height_pixels": 100}).damage
            for one in (whole, broken, whole)
        ]
    assert told[0] == told[2] == ""
    assert "compressed data make no sense" in told[1]
