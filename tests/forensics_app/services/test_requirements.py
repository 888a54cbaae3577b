"""Requirements that no single use case shows."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chain_of_custody.errors import CustodyError
from evidence.errors import EvidenceError
from forensics_app.errors import AppError, PermissionRefusedError, RefusedError, explain
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.report import ReportRequest
from forensics_app.reports.values import grouped
from forensics_app.services.folder import sha256_of
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.services.test_files_and_races import took_in

DATABASES = ("sqlite", "postgresql")

DEMO = resource("demo/demo.E01")
EXPECTED = json.loads(resource("demo/expected.json").read_text())
BLOCKER = WriteBlocker(device="Tableau T8u")


@pytest.mark.req("REQ-30")
def test_a_catalogue_lists_partitions_file_systems_sector_size_and_what_is_not_allocated(bench: Bench) -> None:
    image = took_in(bench)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    assert image.source.sector_bytes == EXPECTED["sector_bytes"]
    with bench.lab.catalogues.open(image) as catalogue:
        volumes = catalogue.volumes()
    partitions = {volume.start_bytes: volume for volume in volumes if volume.kind == "partition"}
    for expected in EXPECTED["partitions"]:
        volume = partitions[expected["start_bytes"]]
        assert volume.length_bytes == expected["length_bytes"]
        assert volume.file_system is not None
        assert expected["volume"][:3] in volume.file_system.type.lower()
    inside = sorted((one.start_bytes, one.length_bytes) for one in volumes if one.parent == "v0")
    at = 0
    for start, length in inside:
        assert start <= at, "no stretch of the media is left out"
        at = max(at, start + length)
    assert at == EXPECTED["media"]["bytes"]
    assert {"unallocated", "metadata"} <= {volume.kind for volume in volumes}


def _everything(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.req("REQ-31")
def test_damaged_images_are_told_in_words_and_nothing_is_written_outside_the_lab(bench: Bench, tmp_path: Path) -> None:
    chance = random.Random(31)
    case = bench.case()
    whole = DEMO.read_bytes()
    outside = tmp_path / "outside"
    outside.mkdir()
    endings: list[str] = []
    failures = 0
    for number in range(8):
        content = bytearray(whole)
        for _ in range(1 << number % 5):
            content[chance.randrange(len(content))] = chance.randrange(256)
        source = outside / f"{number}.E01"
        source.write_bytes(content[: chance.randrange(len(content)) if number % 4 == 3 else len(content)])
        before = _everything(outside)
        try:
            exhibit = bench.exhibit(case, f"LH/{number:02}")
            request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=BLOCKER)
            image = bench.lab.intake.take_in(bench.examiner, request)
            if not image.may_be_examined:
                failures += 1
                image = bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason="to see what happens")
            bench.lab.catalogues.build(bench.examiner, image.id, with_content=number % 4 == 0)
        except (AppError, EvidenceError, CustodyError) as error:
            ended = "told" if explain(error) else "not told"
        else:
            ended = "examined"
        endings.append(ended)
        assert _everything(outside) == before
    assert "not told" not in endings
    assert failures, "the damage does something"
    assert {path.name for path in tmp_path.iterdir()} == {"lab", "outside"}
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-38")
def test_an_auditor_changes_nothing_and_a_supervisor_no_evidence(bench: Bench, tmp_path: Path) -> None:
    image = took_in(bench)
    built = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    with bench.lab.catalogues.open(built) as catalogue:
        entry = catalogue.rows([1])[0]
    lab, case, exhibit = bench.lab, image.case_id, bench.lab.exhibits.get(image.exhibit_id)
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(DEMO,), write_blocker=BLOCKER)
    auditor = bench.admin_as_auditor()
    before = len(lab.custody.case_history(case))
    for person in (auditor, bench.supervisor):
        for act in (
            lambda by: lab.exhibits.add_photo(by, exhibit.id, photo),
            lambda by: lab.exhibits.correct(by, exhibit.id, {"serial": "x"}, "to see"),
            lambda by: lab.intake.take_in(by, request),
            lambda by: lab.catalogues.build(by, image.id),
            lambda by: lab.examine.choose(by, image.id, entry),
            lambda by: lab.examine.exporting.file(by, image.id, entry, tmp_path / "copy.bin"),
            lambda by: lab.drafts.begin(by, ReportRequest(case_id=case, zone="UTC")),
        ):
            with pytest.raises(PermissionRefusedError):
                act(person)
    received = bench.request(exhibit, "receive", outside_party="Sgt. Duarte")
    for act in (
        lambda by: lab.cases.change(by, case, {"title": "x"}, "to see"),
        lambda by: lab.cases.close(by, case, "to see"),
        lambda by: lab.custody.perform(by, received),
        lambda by: lab.intake.recheck(by, image.id),
        lambda by: lab.intake.decide(by, image.id, release=True, reason="to see"),
        lambda by: lab.people.revoke(by, bench.examiner.person.id, "to see"),
    ):
        with pytest.raises(PermissionRefusedError):
            act(auditor)
    attempts = lab.custody.case_history(case)[before:]
    assert [(one.action, one.actor, one.changes) for one in attempts] == [
        ("custody.refused", who, ())
        for who in (*[auditor.person.name] * 2, *[bench.supervisor.person.name] * 2, auditor.person.name)
    ]
    assert not (tmp_path / "copy.bin").exists()


@pytest.mark.req("REQ-16")
def test_an_issued_report_anchors_the_head_of_the_case_in_the_lab_chain(bench: Bench) -> None:
    case = bench.case()
    bench.exhibit(case)
    draft = bench.approved(ReportRequest(case_id=case.id, zone="UTC"))
    head_before = bench.lab.custody.case_history(case.id)[-1].digest
    report = bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    assert report.ledger_head == head_before.hex()
    anchor = bench.lab.custody.lab_history()[-1]
    last = bench.lab.custody.case_history(case.id)[-1]
    assert (anchor.action, anchor.facts["head"]) == ("case.anchor", last.digest.hex())


def test_an_issued_report_stays_as_it_is_and_the_next_one_has_another_number(bench: Bench) -> None:
    case = bench.case()
    first = bench.issued(ReportRequest(case_id=case.id, zone="UTC"))
    path = bench.lab.reporting.path(first)
    before = path.read_bytes()
    bench.exhibit(case)
    second = bench.issued(ReportRequest(case_id=case.id, zone="UTC"))
    assert (first.number, second.number) == ("R-2026-0147-1", "R-2026-0147-2")
    assert path.read_bytes() == before
    path.write_bytes(before + b"x")
    assert f"Report {first.number}" in bench.lab.verification.verify().file_findings[0]


@pytest.mark.req("REQ-67")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
def test_an_issued_report_is_in_the_record_numbered_on_every_page_and_made_from_the_record(bench: Bench) -> None:
    image = took_in(bench)
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE, caption="Front of the drive")
    bench.lab.exhibits.add_photo(bench.custodian, image.exhibit_id, photo)
    report = bench.issued(ReportRequest(case_id=image.case_id, zone="UTC"))
    path = bench.lab.reporting.path(report)
    issued = bench.lab.custody.case_history(image.case_id)[-1]
    assert (issued.action, issued.facts["sha256"]) == ("report.issue", sha256_of(path).hex())
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    pages = done.stdout.split("\f")[:-1]
    assert len(pages) == report.pages
    for number, page in enumerate(pages, 1):
        assert "2026-0147" in page
        assert f"age {number} of {len(pages)}" in page
    text = done.stdout
    events = bench.lab.custody.case_history(image.case_id)
    assert "Tomasz Lis" in text, "the custody record"
    assert any(event.digest.hex()[:8] in text.replace(" ", "") for event in events[:-1])
    assert all(group in text for group in grouped(image.digests["sha256"]).split()), "the list of digests"
    assert "Front of the drive" in text
    assert "sleuthkit" in text.lower()


WRITER = """
import sys
from pathlib import Path
from forensics_app.bootstrap import open_lab
from tests.builders import PASSPHRASE, QUICK
lab = open_lab(Path(sys.argv[1]), key_parameters=QUICK)
actor = lab.people.sign_in(sys.argv[2], PASSPHRASE)
case = lab.cases.list()[0]
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    lab.cases.change(actor, case.id, {"questions": f"{sys.argv[2]} {number}"}, "to see")
lab.close()
"""


@pytest.mark.req("REQ-15")
def test_two_programs_that_write_to_one_chain_at_once_lose_no_entry(bench: Bench) -> None:
    case = bench.case()
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(bench.lab.folder.root), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for name in ("Ana Kovač", "Ingrid Solberg")
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        program.communicate("go\n")
        assert program.returncode == 0
    history = bench.lab.custody.case_history(case.id)
    assert [event.sequence for event in history] == list(range(1, 52))
    assert bench.lab.verification.verify().ok


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no name that is no text")
def test_a_file_whose_name_is_no_text_is_refused_in_words(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / os.fsdecode(b"disk\xff.dd")
    source.write_bytes(os.urandom(1024 * 1024))
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=BLOCKER)
    with pytest.raises(RefusedError, match="no text"):
        bench.lab.intake.take_in(bench.examiner, request)
