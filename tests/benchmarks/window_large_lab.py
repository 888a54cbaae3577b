"""A lab that is large in every way, whose window is worked at: cases, exhibits, entries, files, pictures, a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import uuid4

from forensics_app.bootstrap import open_lab
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.person import Role
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_parts import Block, FindingKind, ListChoice
from tests.benchmarks.big_contents import contents_image
from tests.benchmarks.big_image import e01_image
from tests.benchmarks.big_lab import make_big_lab
from tests.builders import PASSPHRASE, QUICK, new_person

CHIEF = "Rita Rook"
EXHIBITS, ENTRIES, FILES, CHOSEN, BLOCKS, DIGESTS = 2_000, 5_000, 20_000, 100, 60, 500_000
DISK_MIB = 64


@dataclass(frozen=True, slots=True)
class LargeLab:
    """Where the lab lies, and beside it a list of digests, a disk to be imaged, and a folder that things go to."""

    folder: Path
    digests: Path
    disk: Path
    out: Path


def make_large_lab(base: Path) -> LargeLab:
    """Make the lab in ``base``; its first case has an image of many files and one of large contents.

    Raises:
        OSError: A tool for the images is missing.
        subprocess.CalledProcessError: A tool failed.
    """
    made = LargeLab(base / "lab", base / "digests.txt", base / "disk.raw", base / "out")
    make_big_lab(made.folder, exhibits=EXHIBITS, entries=ENTRIES)
    lab = open_lab(made.folder, key_parameters=QUICK)
    admin = lab.people.sign_in("Ada Admin", PASSPHRASE)
    roles = (Role.EXAMINER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER)
    lab.people.enrol(admin, new_person(CHIEF, *roles), PASSPHRASE)
    chief = lab.people.sign_in(CHIEF, PASSPHRASE)
    case = lab.cases.list()[0]
    many, contents = lab.exhibits.list(case.id)[:2]
    images: list[EvidenceImage] = []
    for exhibit, path in ((many, e01_image(FILES)), (contents, contents_image())):
        blocker = WriteBlocker(device="Tableau T8u")
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=blocker)
        images.append(lab.intake.take_in(chief, request))
        lab.catalogues.build(chief, images[-1].id)
    files, pictures = (lab.intake.get(image.id) for image in images)
    with lab.catalogues.open(pictures) as catalogue:
        found = catalogue.rows(
            catalogue.ids(CatalogueQuery(filter=Words(column="path", text="/pictures/IMG")))[:CHOSEN]
        )
    for entry in found:
        lab.examine.choose(chief, pictures.id, entry)
    texts = "What was found in this place is told here, one sentence after the other. " * 12
    blocks = tuple(
        Block(id=uuid4(), kind=FindingKind.FACT, heading=f"Fact {number}", text=texts) for number in range(BLOCKS)
    )
    lists = (ListChoice(id=uuid4(), title="Texts", image_id=files.id, filter="name:*.txt or name:*.log"),)
    lab.drafts.begin(chief, ReportRequest(case_id=case.id, blocks=blocks, lists=lists))
    lab.close()
    made.digests.write_text(
        "".join(f"{number * 0x9E3779B97F4A7C15 & (1 << 128) - 1:032x}\n" for number in range(DIGESTS))
    )
    noise = Random(DISK_MIB).randbytes(1 << 20)
    made.disk.write_bytes(b"".join(number.to_bytes(512, "big") + noise[512:] for number in range(DISK_MIB)))
    made.out.mkdir()
    return made
