"""A lab in which everything was kept that a lab folder keeps; every text of it that nobody else may read is a mark.

    python -m tests.forensics_app.services.worked_in_lab FOLDER encrypted|plain

fills one and then stays at work until it is killed.
"""

from __future__ import annotations

import io
import sys
import time
import zipfile
from pathlib import Path

from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.hash_set import HashSetKind, NewHashSet
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.note import NewNote
from forensics_app.model.report import ReportRequest
from forensics_app.model.search import SearchRequest
from forensics_app.services.folder import write_whole
from resources import path as resource
from tests.builders import Bench, make_bench

NUMBER, NOTE, PHOTO, PAPER = "ZEPPELIN-0147", "Krokodilsleder", "Papageienfeder", "Walfischknochen"
IN_EVIDENCE, TERM, OWN_SET, UNFINISHED = "elfenbein.txt", "Nashornpulver", "Haifischliste", "Seepferdchen"
SENDING = {
    "carrier": "Carl Courier", "departed_at": "2026-11-20T13:00+01:00", "seal_number": "0048812",
    "seal_check": "intact",
}  # fmt: skip
MARKS = (NUMBER, NOTE, PHOTO, PAPER, IN_EVIDENCE, TERM, OWN_SET, UNFINISHED)


def with_comment(picture: Path, words: str, target: Path) -> Path:
    """A JPEG with words in it."""
    content, said = picture.read_bytes(), words.encode()
    target.write_bytes(content[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said + content[2:])
    return target


def work_in(bench: Bench, sources: Path) -> EvidenceImage:
    """Photograph, paper, note, image with catalogue, search, hash set, thumbnails, timeline and report."""
    sources.mkdir()
    case = bench.case(NUMBER)
    exhibit = bench.exhibit(case)
    shown = with_comment(resource("demo/exhibit-photo-laptop.jpg"), PHOTO, sources / "photo.jpg")
    bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, NewPhoto(path=shown, view=PhotoView.WHOLE))
    bench.lab.notes.add(bench.examiner, NewNote(case_id=case.id, text=NOTE, told_at=bench.clock()))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(IN_EVIDENCE, f"{TERM} at once")
        archive.writestr("picture.jpg", resource("demo/exhibit-photo-drive.jpg").read_bytes())
    (sources / "files.zip").write_bytes(made.getvalue())
    (sources / "set.txt").write_text("d41d8cd98f00b204e9800998ecf8427e\n")
    own = NewHashSet(file=sources / "set.txt", kind=HashSetKind.KNOWN, name=OWN_SET, version="1", source="us")
    bench.lab.hash_sets.add(bench.examiner, own)
    request = IntakeRequest(
        exhibit_id=exhibit.id, paths=(sources / "files.zip",), write_blocker=WriteBlocker(device="T8u"), logical=True
    )
    taken = bench.lab.intake.take_in(bench.examiner, request)
    image = bench.lab.catalogues.build(bench.examiner, taken.id)
    bench.lab.searching.begin(bench.examiner, image.id, SearchRequest(terms=(TERM,)))
    with bench.lab.catalogues.open(image) as catalogue:
        entries = tuple(catalogue.rows([1, 2]))
    assert len(bench.lab.thumbnails.of(image, entries)) == len(entries)
    bench.lab.timelines.make(bench.examiner, case.id)
    scan = with_comment(resource("demo/exhibit-photo-drive.jpg"), PAPER, sources / "scan.jpg")
    form = bench.lab.folder.scratch / "form.jpg"
    write_whole(form, [scan.read_bytes()])
    step = bench.request(exhibit, "dispatch", fields=SENDING, papers={PaperKind.FORM: form})
    bench.lab.custody.perform(bench.custodian, step)
    bench.issued(ReportRequest(case_id=case.id, zone="UTC"))
    write_whole(bench.lab.folder.scratch / "unfinished", [UNFINISHED.encode()])
    return image


if __name__ == "__main__":
    at_work = make_bench(Path(sys.argv[1]), of_its_own=True, encrypted=sys.argv[2] == "encrypted")
    work_in(at_work, Path(sys.argv[1]).with_name("sources"))
    with at_work.lab.database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE never_committed (words TEXT)")
        print("at work", flush=True)
        while True:
            time.sleep(1)
