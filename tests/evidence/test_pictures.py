import io
import struct
import zlib

import pytest
from PIL import Image

from evidence.errors import UnreadablePictureError
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
    exif = dict(picture.exif)
    assert exif["Make"] == "Canon"
    assert exif["GPSLatitudeRef"] == "N"
    assert exif["DateTimeOriginal"] == "2020:01:02 03:04:05"


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
