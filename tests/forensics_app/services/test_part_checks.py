"""Digests of the parts of a media: where damage lies, and checks that are read in parts."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.image import EvidenceImage, IntakeRequest, Integrity, Region, WriteBlocker
from forensics_app.model.lab import JobState
from forensics_app.services.comparison import stretches, stretches_words
from forensics_app.services.intake import Intake
from forensics_app.services.part_checks import PartChecks
from tests.builders import PASSPHRASE, Bench

PART = 1 << 16
MEDIA = 10 * PART - 4096


def intake_of(bench: Bench) -> Intake:
    return replace(bench.lab.intake, part_bytes=PART)


def checks_in_parts(bench: Bench) -> PartChecks:
    return replace(bench.lab.part_checks, part_bytes=PART)


def took_in(bench: Bench, folder: Path) -> tuple[EvidenceImage, Path]:
    source = folder / "disk.dd"
    source.write_bytes(os.urandom(MEDIA))
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
    return intake_of(bench).take_in(bench.examiner, request), source


def damage(source: Path, *offsets: int) -> None:
    with source.open("r+b") as file:
        for offset in offsets:
            file.seek(offset)
            byte = file.read(1)
            file.seek(offset)
            file.write(bytes([byte[0] ^ 0x80]))


def actions(bench: Bench, image: EvidenceImage) -> list[str]:
    return [event.action for event in bench.lab.custody.case_history(image.case_id)]


@pytest.mark.req("REQ-29")
def test_a_whole_reading_says_in_which_parts_the_damage_lies(bench: Bench, tmp_path: Path) -> None:
    image, source = took_in(bench, tmp_path)
    first = bench.lab.intake.checks(image.id)[0]
    assert (first.part_bytes, len(first.parts)) == (PART, 10)
    assert intake_of(bench).recheck(bench.examiner, image.id).what == "equal to the intake"
    damage(source, 3 * PART + 7, 4 * PART, MEDIA - 1)
    check = intake_of(bench).recheck(bench.examiner, image.id)
    assert check.differing == (
        Region(offset_bytes=3 * PART, length_bytes=2 * PART),
        Region(offset_bytes=9 * PART, length_bytes=PART - 4096),
    )
    assert "differs from the intake in MD5, SHA-1, SHA-256: damage lies in 192 KiB to 320 KiB, 576 KiB to 636 KiB" in (
        check.what
    )
    event = bench.lab.custody.case_history(image.case_id)[-1]
    assert event.action == "image.check"
    assert event.facts["differing"] == [[3 * PART, 2 * PART], [9 * PART, PART - 4096]]
    assert bench.lab.intake.get(image.id).integrity is Integrity.FAILED
    assert bench.lab.verification.verify().ok


def test_a_reading_is_compared_with_the_one_before_it(bench: Bench, tmp_path: Path) -> None:
    image, source = took_in(bench, tmp_path)
    damage(source, 5)
    assert "the reading of" not in intake_of(bench).recheck(bench.examiner, image.id).what
    assert "; the same as the reading of 2026-11-20" in intake_of(bench).recheck(bench.examiner, image.id).what
    damage(source, 2 * PART)
    assert "; not the same as the reading of" in intake_of(bench).recheck(bench.examiner, image.id).what
    damage(source, 5, 2 * PART)
    healed = intake_of(bench).recheck(bench.examiner, image.id)
    assert healed.agrees
    assert "was not" in healed.what


def test_parts_become_one_check_when_the_last_of_them_was_read(bench: Bench, tmp_path: Path) -> None:
    image, _ = took_in(bench, tmp_path)
    checking = checks_in_parts(bench)
    outcome = checking.read(bench.examiner, image.id, numbers=(0, 1, 2, 9))
    assert outcome.check is None
    assert sorted(outcome.status.done) == [0, 1, 2, 9]
    assert actions(bench, image)[-1] == "image.check_part"
    outcome = checking.read(bench.custodian, image.id)
    assert outcome.check is not None
    assert outcome.check.agrees
    assert outcome.check.what == "equal to the intake in each of 10 parts"
    assert outcome.check.digests == {}
    checks = bench.lab.intake.checks(image.id)
    assert checks[1].parts == checks[0].parts
    read_by = bench.lab.custody.case_history(image.case_id)[-1].facts["read_by"]
    assert [(one["name"], one["stretches"]) for one in read_by] == [  # type: ignore[index, union-attr, call-overload]
        ("Ana Kovač", [[0, 3 * PART], [9 * PART, PART - 4096]]),
        (bench.custodian.person.name, [[3 * PART, 6 * PART]]),
    ]
    assert checking.status(image.id).done == frozenset()
    assert bench.lab.verification.verify().ok


def test_a_damaged_part_is_recorded_as_soon_as_it_was_read(bench: Bench, tmp_path: Path) -> None:
    image, source = took_in(bench, tmp_path)
    damage(source, 6 * PART + 100)

    status = checks_in_parts(bench).read(bench.examiner, image.id, numbers=(5, 6)).status
    assert status.differing == (Region(offset_bytes=6 * PART, length_bytes=PART),)
    assert bench.lab.intake.get(image.id).integrity is Integrity.FAILED
    event = next(one for one in bench.lab.custody.case_history(image.case_id) if one.action == "image.check_part")
    assert event.fact("result") == "differs from the intake: damage lies in 384 KiB to 448 KiB"
    check = checks_in_parts(bench).read(bench.examiner, image.id).check
    assert check is not None
    assert check.what.startswith("differs from the intake in parts: damage lies in 384 KiB to 448 KiB")
    assert bench.lab.verification.verify().ok


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID
from forensics_app.bootstrap import open_lab
from tests.builders import PASSPHRASE, QUICK

lab = open_lab(Path(sys.argv[1]), key_parameters=QUICK)
actor = lab.people.sign_in("Ana Kovač", PASSPHRASE)
checks = replace(lab.part_checks, part_bytes=int(sys.argv[3]))
image_id = UUID(sys.argv[2])

def tell(done, total):
    print(len(checks.status(image_id).done), flush=True)
    if checks.status(image_id).done:
        sys.stdin.read()

checks.read(actor, image_id, on_progress=tell)
"""


def test_what_was_read_before_a_kill_is_kept_and_the_next_start_offers_to_go_on(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "disk.dd"
    source.write_bytes(os.urandom(12 << 20))
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
    size = 1 << 20
    image = replace(bench.lab.intake, part_bytes=size).take_in(bench.examiner, request)
    command = [sys.executable, "-c", KILLED, str(bench.lab.folder.root), str(image.id), str(size)]
    program = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3], text=True
    )
    assert program.stdout is not None
    while (line := program.stdout.readline()) and line.strip() == "0":
        pass
    program.send_signal(signal.SIGKILL)
    program.wait()
    for stream in (program.stdout, program.stdin):
        assert stream is not None
        stream.close()
    checking = replace(bench.lab.part_checks, part_bytes=size)
    kept = checking.status(image.id).done
    assert 0 < len(kept) < 12
    (job,) = bench.lab.journal.interrupted()
    assert (job.kind, job.state, job.parameters["parts"]) == ("recheck", JobState.INTERRUPTED, "")
    bench.lab.journal.settle(bench.examiner, job.id, again=True)
    seen: list[int] = []
    outcome = checking.read(bench.examiner, image.id, on_progress=lambda done, total: seen.append(total))
    assert outcome.check is not None
    assert outcome.check.agrees
    assert set(seen) == {(12 - len(kept)) * size}, "only what was missing is read"
    assert bench.lab.verification.verify().ok


def test_a_kept_part_that_was_forged_counts_as_not_read(bench: Bench, tmp_path: Path) -> None:
    image, source = took_in(bench, tmp_path)
    damage(source, 0)
    checking = checks_in_parts(bench)
    assert checking.read(bench.examiner, image.id, numbers=(0, 1)).status.differing
    true = bench.lab.intake.checks(image.id)[0].parts[0].hex()
    with bench.lab.database.writing() as connection:
        connection.execute(text("UPDATE check_part SET sha256 = :digest WHERE number = 0"), {"digest": true})
    assert checking.status(image.id).done == frozenset({1})
    check = checking.read(bench.examiner, image.id).check
    assert check is not None
    assert not check.agrees


def test_changed_digests_of_parts_are_found_by_verification(bench: Bench, tmp_path: Path) -> None:
    image, _ = took_in(bench, tmp_path)
    with bench.lab.database.writing() as connection:
        connection.execute(text("UPDATE image_check SET parts = :parts"), {"parts": "00" * 320})
    findings = bench.lab.verification.verify().row_findings
    assert any("parts of image_check" in finding for finding in findings)
    assert bench.lab.intake.get(image.id).number == image.number


def test_parts_that_are_not_there_and_people_who_may_not_are_refused(bench: Bench, tmp_path: Path) -> None:
    image, _ = took_in(bench, tmp_path)
    with pytest.raises(RefusedError, match="parts 0 to 9; asked for: 10, 12"):
        checks_in_parts(bench).read(bench.examiner, image.id, numbers=(3, 10, 12))
    with pytest.raises(PermissionRefusedError):
        checks_in_parts(bench).read(bench.admin, image.id)


def test_an_image_of_an_older_program_is_first_read_whole(bench: Bench, tmp_path: Path) -> None:
    image, _ = took_in(bench, tmp_path)
    with bench.lab.database.writing() as connection:
        connection.execute(text("UPDATE image_check SET parts = NULL, part_bytes = NULL, differing = NULL"))
    with pytest.raises(RefusedError, match="before digests of parts were kept"):
        checks_in_parts(bench).read(bench.examiner, image.id)
    assert intake_of(bench).recheck(bench.examiner, image.id).agrees
    check = checks_in_parts(bench).read(bench.examiner, image.id).check
    assert check is not None
    assert check.agrees


def test_stretches_are_named_as_people_say_them() -> None:
    gib = 1 << 30
    assert stretches_words(stretches([3], gib, 10 * gib)) == "3 GiB to 4 GiB"
    assert stretches_words(stretches([0, 1, 4], gib, 5 * gib - 1)) == "0 to 2 GiB, 4 GiB to 5,368,709,119 bytes"
    assert stretches_words(stretches(range(0, 24, 2), gib, 30 * gib)).endswith("and 2 stretches more")


def test_parts_that_were_signed_with_a_key_that_was_replaced_are_read_again(bench: Bench, tmp_path: Path) -> None:
    image, _ = took_in(bench, tmp_path)
    checks_in_parts(bench).read(bench.examiner, image.id, numbers=(0, 1))
    bench.lab.person_keys.replace(bench.examiner, bench.examiner.person.id, PASSPHRASE, "Somebody looked on")
    assert checks_in_parts(bench).status(image.id).done == frozenset()
    outcome = checks_in_parts(bench).read(bench.sign_in("Ana Kovač"), image.id)
    assert outcome.check is not None
    assert outcome.check.agrees
    assert bench.lab.verification.verify().ok
