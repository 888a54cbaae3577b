"""How much ink is on a paper: blank ones, blots, signatures, and what is no picture."""

import io

import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from evidence.errors import EvidenceError
from evidence.ink import ink_on
from tests.papers import drawn_png, png, signed_pdf

WHITE = Image.new("RGB", (1120, 360), "white")


def blot(radius: int) -> bytes:
    picture = WHITE.copy()
    ImageDraw.Draw(picture).ellipse((500, 100, 500 + 2 * radius, 100 + 2 * radius), fill="black")
    return png(picture)


def blank_pdf(pages: int) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, invariant=True)
    for _ in range(pages):
        canvas.showPage()
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        png(WHITE),
        png(Image.new("L", (40, 40), 0)),
        png(Image.new("RGBA", (300, 90), (0, 0, 0, 0))),
        png(Image.linear_gradient("L").resize((300, 90)).point([200 + level // 8 for level in range(256)])),
        blank_pdf(3),
    ],
)
def test_a_blank_paper_has_no_ink_whatever_its_colour(content: bytes) -> None:
    ink = ink_on(content)
    assert (ink.of_million, ink.longest_percent) == (0, 0)


def test_a_signature_has_ink_that_reaches_far_and_a_blot_does_not() -> None:
    signed, dot = ink_on(drawn_png(1)), ink_on(blot(8))
    assert signed.of_million > 5000
    assert signed.longest_percent > 15
    assert dot.longest_percent < 4
    on_black = Image.eval(Image.open(io.BytesIO(drawn_png(1))), lambda level: 255 - level)
    assert abs(ink_on(png(on_black)).of_million - signed.of_million) < 500


def test_the_signed_page_of_a_scan_counts() -> None:
    assert ink_on(signed_pdf("Sgt. Duarte")).longest_percent > 10


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7 and no more", drawn_png(2)[:900]])
def test_what_is_no_paper_is_an_error(content: bytes) -> None:
    with pytest.raises(EvidenceError):
        ink_on(content)
