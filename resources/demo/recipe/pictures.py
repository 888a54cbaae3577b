"""The photographs of the story, drawn."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from resources.demo.recipe.canvas import Point, developed, font, place, shadow, wash

SIZE = (1280, 960)
INK = (38, 40, 46)
PAPER = (244, 241, 232)


def desk(invoice: list[str]) -> Image.Image:
    """An office desk from above: an open laptop, a cup, and an invoice under a pen."""
    picture = _wood(SIZE, (132, 92, 60), seed=11)
    keyboard: list[Point] = [(150, 300), (760, 250), (800, 610), (130, 640)]
    shadow(picture, keyboard, offset=(18, 30), blur=22)
    place(picture, _keyboard(), keyboard)
    lid: list[Point] = [(180, -60), (735, -90), (760, 250), (150, 300)]
    place(picture, _screen(), lid)
    sheet: list[Point] = [(800, 330), (1190, 390), (1110, 930), (690, 850)]
    shadow(picture, sheet, offset=(8, 12), blur=9, strength=90)
    place(picture, _printed("INVOICE", invoice, (620, 860)), sheet)
    _pen(picture, (860, 700), (1140, 560))
    _cup(picture, (1040, 190), 96)
    return developed(picture, seed=1, warmth=1.06)


def receipt(lines: list[str]) -> Image.Image:
    """A bank transfer slip close up, a little askew, on a blue folder."""
    picture = wash(SIZE, (44, 66, 108), (30, 46, 80)).filter(ImageFilter.GaussianBlur(2))
    paper: list[Point] = [(330, 40), (960, 80), (900, 930), (250, 880)]
    shadow(picture, paper, offset=(14, 18), blur=14)
    place(picture, _slip(lines), paper)
    return developed(picture, seed=2, light=(0.6, 0.35), warmth=1.02)


def whiteboard(lines: list[str]) -> Image.Image:
    """A whiteboard with accounts and arrows, photographed from the side."""
    picture = wash(SIZE, (176, 172, 162), (140, 134, 124))
    board = wash((1000, 640), (250, 250, 248), (232, 234, 236))
    draw = ImageDraw.Draw(board)
    dice = random.Random(5)
    for number, line in enumerate(lines):
        color = ((24, 60, 140), (160, 30, 30), (20, 110, 60))[number % 3]
        x, y = 70 + 330 * (number % 2) + dice.randrange(40), 60 + number * 92
        draw.text((x, y), line, font=font(34), fill=color)
        if number:
            draw.line([(x - 20, y - 44), (x + 40, y - 6)], fill=(60, 60, 60), width=4)
            draw.polygon([(x + 40, y - 6), (x + 20, y - 10), (x + 32, y - 24)], fill=(60, 60, 60))
    frame: list[Point] = [(110, 110), (1210, 190), (1190, 800), (130, 850)]
    edge = [
        (x + dx, y + dy) for (x, y), (dx, dy) in zip(frame, [(-14, -14), (14, -14), (14, 14), (-14, 14)], strict=True)
    ]
    shadow(picture, edge, offset=(10, 22), blur=18)
    ImageDraw.Draw(picture).polygon(edge, fill=(190, 192, 196))
    place(picture, board, frame)
    return developed(picture, seed=3, light=(0.75, 0.25), warmth=0.97)


def street() -> Image.Image:
    """A street at dusk with lit windows: where the money was drawn."""
    picture = wash(SIZE, (38, 44, 86), (206, 128, 92))
    draw = ImageDraw.Draw(picture)
    dice = random.Random(8)
    x = -20
    while x < SIZE[0]:
        width, top = dice.randrange(120, 230), dice.randrange(160, 420)
        tone = dice.randrange(24, 46)
        draw.rectangle([x, top, x + width, 760], fill=(tone, tone - 4, tone + 10))
        for wx in range(x + 18, x + width - 24, 36):
            for wy in range(top + 24, 700, 52):
                lit = dice.random() < 0.34
                draw.rectangle(
                    [wx, wy, wx + 18, wy + 28], fill=(246, 206, 120) if lit else (tone - 8, tone - 8, tone + 4)
                )
        x += width + dice.randrange(0, 14)
    draw.rectangle([0, 740, *SIZE], fill=(40, 38, 44))
    draw.rectangle([520, 560, 760, 744], fill=(226, 232, 238))
    draw.rectangle([540, 640, 620, 720], fill=(30, 70, 130))
    draw.text((548, 580), "24h CASH", font=font(38), fill=(20, 50, 110))
    blurred = picture.filter(ImageFilter.GaussianBlur(1.6))
    glow = blurred.filter(ImageFilter.GaussianBlur(26)).point(lambda value: round(value * 0.45))
    return developed(Image.blend(blurred, glow, 0.25), seed=4, light=(0.5, 0.55), warmth=1.05)


def window_of_bank(rows: list[tuple[str, str, str]]) -> Image.Image:
    """A picture of a screen: the transfers of an online account."""
    picture = Image.new("RGB", (1100, 520), (246, 248, 250))
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, 0, 1100, 64], fill=(22, 74, 92))
    draw.text((28, 16), "Sarvik Savings  |  Transfers", font=font(26), fill=(255, 255, 255))
    for number, (when, to, amount) in enumerate([("Date", "To account", "Amount"), *rows]):
        y = 92 + number * 52
        tone = INK if number else (110, 118, 128)
        draw.text((28, y), when, font=font(22), fill=tone)
        draw.text((240, y), to, font=font(22, mono=number > 0), fill=tone)
        draw.text((860, y), amount, font=font(22), fill=tone)
        draw.line([(28, y + 40), (1072, y + 40)], fill=(214, 220, 226))
    return picture


def exhibit_laptop(label: list[str]) -> Image.Image:
    """A closed laptop on grey paper with a scale and an evidence label."""
    picture = wash((1600, 1200), (168, 172, 174), (132, 136, 140))
    body: list[Point] = [(230, 250), (1330, 210), (1400, 920), (190, 960)]
    shadow(picture, body, offset=(22, 34), blur=30)
    lid = wash((1100, 740), (92, 96, 104), (58, 61, 68))
    draw = ImageDraw.Draw(lid)
    draw.rounded_rectangle([4, 4, 1095, 735], 34, outline=(120, 124, 132), width=5)
    draw.ellipse([510, 320, 590, 400], outline=(150, 154, 160), width=6)
    draw.line([(160, 120), (420, 180)], fill=(118, 122, 130), width=2)
    place(picture, lid, body)
    place(picture, _label(label), [(880, 560), (1290, 545), (1305, 800), (885, 818)])
    place(picture, _scale_bar(), [(220, 1040), (1240, 1030), (1240, 1100), (220, 1110)])
    return developed(picture, seed=6, light=(0.35, 0.25), warmth=1.0)


def exhibit_drive(label: list[str]) -> Image.Image:
    """A bare 2.5 inch drive with its label, beside an evidence bag label and a scale."""
    picture = wash((1600, 1200), (162, 166, 168), (126, 130, 134))
    body: list[Point] = [(250, 170), (830, 150), (860, 1000), (230, 1010)]
    shadow(picture, body, offset=(20, 26), blur=24)
    drive = wash((560, 820), (196, 200, 204), (150, 154, 160))
    draw = ImageDraw.Draw(drive)
    for x, y in ((28, 28), (532, 28), (28, 792), (532, 792)):
        draw.ellipse([x - 14, y - 14, x + 14, y + 14], fill=(96, 98, 104))
    draw.rectangle([50, 80, 510, 560], fill=(236, 238, 236))
    text = ["CORVANE STORAGE", 'Model CS-500 2.5"', "500 GB  SATA III", "S/N CS5K-0081-7742", "5 V  0.7 A"]
    for number, line in enumerate(text):
        draw.text((74, 104 + number * 62), line, font=font(38 if number == 0 else 32), fill=INK)
    _bars(draw, (74, 440, 480, 530))
    place(picture, drive, body)
    place(picture, _label(label), [(960, 300), (1440, 290), (1450, 600), (965, 612)])
    place(picture, _scale_bar(), [(220, 1080), (1240, 1070), (1240, 1140), (220, 1150)])
    return developed(picture, seed=7, light=(0.4, 0.3), warmth=1.01)


def _wood(size: tuple[int, int], tone: tuple[int, int, int], *, seed: int) -> Image.Image:
    dice = random.Random(seed)
    picture = wash(size, tone, tuple(round(part * 0.8) for part in tone))  # type: ignore[arg-type]
    draw = ImageDraw.Draw(picture)
    for _ in range(240):
        y, shift = dice.randrange(size[1]), dice.randrange(-14, 12)
        color = tuple(max(0, part + shift) for part in tone)
        waves = [(x, y + 5 * math.sin(x / 170 + y)) for x in range(0, size[0] + 40, 40)]
        draw.line(waves, fill=color, width=dice.randrange(1, 4))
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def _keyboard() -> Image.Image:
    sheet = wash((620, 380), (70, 73, 80), (52, 54, 60))
    draw = ImageDraw.Draw(sheet)
    for row in range(5):
        for column in range(14):
            x, y = 26 + column * 41, 22 + row * 42
            draw.rounded_rectangle([x, y, x + 34, y + 34], 5, fill=(26, 27, 30))
    draw.rounded_rectangle([210, 252, 410, 362], 8, fill=(62, 65, 71), outline=(40, 42, 47))
    return sheet


def _screen() -> Image.Image:
    sheet = Image.new("RGB", (560, 350), (16, 17, 19))
    sheet.paste(wash((528, 318), (214, 226, 238), (176, 196, 216)), (16, 16))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle([60, 50, 500, 300], fill=(252, 252, 252))
    for number in range(13):
        draw.line([(80, 76 + number * 16), (200 + 37 * number % 260, 76 + number * 16)], fill=(120, 126, 134), width=4)
    return sheet


def _printed(title: str, lines: list[str], size: tuple[int, int]) -> Image.Image:
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((50, 46), title, font=font(44), fill=INK)
    draw.line([(50, 110), (size[0] - 50, 110)], fill=INK, width=3)
    for number, line in enumerate(lines):
        draw.text((50, 140 + number * 44), line, font=font(26), fill=INK)
    for number in range(len(lines), 14):
        draw.line([(50, 160 + number * 44), (size[0] - 90, 160 + number * 44)], fill=(176, 176, 172), width=2)
    return sheet


def _slip(lines: list[str]) -> Image.Image:
    sheet = Image.new("RGB", (620, 840), (250, 249, 245))
    draw = ImageDraw.Draw(sheet)
    draw.text((150, 40), "SARVIK SAVINGS", font=font(34), fill=INK)
    for number, line in enumerate(lines):
        draw.text((46, 130 + number * 56), line, font=font(27, mono=True), fill=(62, 60, 66))
    draw.line([(46, 700), (574, 700)], fill=(120, 120, 120), width=2)
    _bars(draw, (120, 730, 500, 800))
    return sheet


def _label(lines: list[str]) -> Image.Image:
    sheet = Image.new("RGB", (520, 330), (252, 250, 240))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle([0, 0, 519, 66], fill=(168, 34, 26))
    draw.text((24, 10), "EVIDENCE", font=font(40), fill=(255, 255, 255))
    for number, line in enumerate(lines):
        draw.text((24, 84 + number * 46), line, font=font(32), fill=INK)
    _bars(draw, (330, 84, 496, 150))
    return sheet


def _scale_bar() -> Image.Image:
    sheet = Image.new("RGB", (1020, 70), (250, 250, 250))
    draw = ImageDraw.Draw(sheet)
    for centimetre in range(19):
        x = 10 + centimetre * 50
        draw.rectangle([x, 0, x + 50, 24], fill=(20, 20, 20) if centimetre % 2 == 0 else (250, 250, 250))
        draw.text((x + 2, 30), str(centimetre), font=font(24), fill=(20, 20, 20))
    draw.text((960, 30), "cm", font=font(24), fill=(20, 20, 20))
    return sheet


def _bars(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    dice, x = random.Random(9), box[0]
    while x < box[2]:
        width = dice.choice((2, 3, 5))
        draw.rectangle([x, box[1], x + width, box[3]], fill=INK)
        x += width + dice.choice((2, 4, 6))


def _pen(picture: Image.Image, start: Point, end: Point) -> None:
    shadow(picture, [start, end, (end[0] + 6, end[1] + 14), (start[0] + 6, start[1] + 14)], offset=(6, 10), blur=5)
    draw = ImageDraw.Draw(picture)
    draw.line([start, end], fill=(24, 42, 96), width=15)
    draw.line([(start[0], start[1] - 3), (end[0], end[1] - 3)], fill=(96, 118, 180), width=4)


def _cup(picture: Image.Image, centre: Point, radius: int) -> None:
    x, y = centre
    ring: list[Point] = [
        (x + radius * math.cos(turn / 20 * math.tau), y + radius * math.sin(turn / 20 * math.tau)) for turn in range(20)
    ]
    shadow(picture, ring, offset=(20, 26), blur=18)
    draw = ImageDraw.Draw(picture)
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(226, 224, 218))
    draw.ellipse([x - radius + 12, y - radius + 12, x + radius - 12, y + radius - 12], fill=(70, 42, 24))
    draw.ellipse([x - radius + 26, y - radius + 22, x + radius - 40, y + radius - 44], fill=(92, 58, 34))
    draw.ellipse([x + radius - 8, y - 26, x + radius + 44, y + 26], outline=(222, 220, 214), width=14)
