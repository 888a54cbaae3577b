"""Papers that people without a key sign: drawn signatures as PNG, and forms as PDF."""

import io
import random

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas


def drawn_png(seed: int, *, size: tuple[int, int] = (1120, 360)) -> bytes:
    """A signature as the pad of the window draws it: a curve on white paper, another one for each seed."""
    by, at = random.Random(seed), (size[0] // 6, size[1] // 2)
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        to = (min(at[0] + by.randrange(24), size[0] - 5), size[1] // 2 + by.randrange(-size[1] // 4, size[1] // 4))
        pen.line((at, to), fill="#101418", width=4)
        at = to
    return png(picture)


def png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def signed_pdf(name: str) -> bytes:
    """A sheet with a line and a name on it."""
    target = io.BytesIO()
    canvas = Canvas(target, invariant=True)
    canvas.drawString(72, 700, f"Received by {name}")
    canvas.line(72, 690, 300, 690)
    canvas.save()
    return target.getvalue()
