"""Values that the parts of the sample dossier share."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

from forensics_app.model.dossier import Person

NS = 1_000_000_000
DAY = datetime(2026, 11, 20, 7, 41, 5, tzinfo=UTC)
HOSTILE_NAME = "/Users/k.brandt/счета/საქმე/<b>bold<br>&amp;\u202egpj.exe 发票 🙂 (1).pdf"


def digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def key_of(name: str) -> bytes:
    return digest(f"key of {name}")


def picture(words: str, size: tuple[int, int] = (640, 420)) -> bytes:
    image = Image.new("RGB", size, (228, 230, 226))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((60, 50, size[0] - 60, size[1] - 90), 18, fill=(72, 78, 84), outline=(30, 30, 30), width=4)
    pen.rectangle((90, 78, size[0] - 90, size[1] - 120), fill=(120, 140, 160))
    pen.text((size[0] // 2 - 60, size[1] - 60), words, fill=(20, 20, 20), font_size=26)
    written = BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()


KOVAC = Person(
    name="Ana Kovač",
    function="Forensic examiner",
    organisation="Digital Forensics Laboratory",
    id_number="DF-114",
    part="author of this report; imaged LH/01",
    qualification="MSc computer science 2014; vendor training on NTFS 2023; 9 years of practice, 212 reports",
    key_id=key_of("Kovač"),
)
LIS = Person(
    name="Tomasz Łukasz Lis",
    function="Exhibits officer",
    organisation="Digital Forensics Laboratory",
    id_number="DF-031",
    part="received and stored LH/01 and LH/02",
    qualification="Exhibits handling course 2021",
    key_id=key_of("Lis"),
)
BERIDZE = Person(
    name="ნინო ბერიძე (Nino Beridze)",
    function="Head of laboratory",
    organisation="Digital Forensics Laboratory",
    id_number="DF-002",
    part="reviewer",
    qualification="PhD forensic informatics; authorised to issue reports since 2019",
    key_id=key_of("Beridze"),
)
SHEVCHENKO = Person(
    name="Олена Шевченко",
    function="Investigator, captain",
    organisation="Cyber Police Department, Kyiv",
    id_number="4471",
    part="seized LH/01 and LH/02",
)
