"""A lab with the demonstration disk, chosen files, and the defence kit of its case."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evidence.images.opening import open_image
from forensics_app.bootstrap import Lab
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.kit import MadeKit
from forensics_app.model.mark import MarkKind
from forensics_app.model.report import ReportRequest
from resources import path as resource
from tests.builders import Bench, make_bench


@dataclass
class Made:
    bench: Bench
    folder: Path
    raw: Path
    made: MadeKit
    plain: CatalogueEntry
    marked: CatalogueEntry
    first_at: int


def start_of(lab: Lab, image: EvidenceImage, entry: CatalogueEntry, data: bytes) -> int:
    """Where the content begins on the media; 0 where it does not lie there as it is, or twice."""
    some = lab.examine.read_file(image, entry.volume_id, entry.address, 0, 512)
    at = data.find(some)
    return at if at > 0 and data.find(some, at + 1) < 0 else 0


@contextmanager
def made_kit(*, archives: bool = False) -> Iterator[Made]:
    """A lab with the demonstration disk, three chosen files, one of them marked, and the kit of it."""
    with TemporaryDirectory() as name:
        root = Path(name)
        bench = make_bench(root / "lab")
        lab, exhibit = bench.lab, bench.exhibit(bench.case())
        source = Path(shutil.copy(resource("demo/demo.E01"), root / "demo.E01"))
        blocker = WriteBlocker(device="Tableau T8u")
        image = lab.intake.take_in(
            bench.examiner, IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
        )
        lab.catalogues.build(bench.examiner, image.id, archives=archives)
        with lab.catalogues.open(image) as catalogue:
            rows = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",)))[:400])
        hashed = [row for row in rows if row.sha256 is not None and row.size_bytes > 0]
        raw = root / "demo.raw"
        with closing(open_image((source,))) as opened, raw.open("wb") as out:
            for offset in range(0, opened.media_bytes, 1 << 20):
                out.write(opened.read_at(offset, min(1 << 20, opened.media_bytes - offset)))
        data = raw.read_bytes()
        plain = next(
            row for row in hashed if row.allocated and row.size_bytes > 2_048 and start_of(lab, image, row, data)
        )
        other = next(row for row in hashed if row.allocated and row.name not in (plain.name, "holiday.jpg"))
        entries = [plain, other, next(row for row in hashed if not row.allocated)]
        for entry in entries:
            lab.examine.choose(bench.examiner, image.id, entry, "")
        lab.examine.marks.add(bench.examiner, image.id, entries[1], MarkKind.SENSITIVE, "Contraband")
        kit = lab.kits.make(bench.examiner, ReportRequest(case_id=exhibit.case_id), root / "kit")
        yield Made(bench, root / "kit", raw, kit, plain, other, start_of(lab, image, plain, data))
        lab.close()
