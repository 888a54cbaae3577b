"""Chains and images are verified again at intervals, and what is due is listed (REQ-29)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forensics_app.__main__ import run_command
from forensics_app.bootstrap import create_lab
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.lab import NewLab
from forensics_app.model.person import Role
from forensics_app.model.schedule import DueKind
from tests.builders import PASSPHRASE, QUICK, Bench, new_person

DATABASES = ("sqlite", "postgresql")


def took_in(bench: Bench, path: Path) -> EvidenceImage:
    path.write_bytes(b"\xeb\x52\x90" + bytes(range(253)) * 64)
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=WriteBlocker(device="T8u"))
    return bench.lab.intake.take_in(bench.examiner, request)


@pytest.mark.req("REQ-29")
def test_everything_is_due_when_the_interval_is_over_and_not_after_it_was_verified(
    bench: Bench, tmp_path: Path
) -> None:
    image = took_in(bench, tmp_path / "disk.dd")
    schedule = bench.lab.schedule
    assert (schedule.interval_days(), schedule.all(), schedule.due()) == (None, (), ())
    schedule.set_interval(bench.supervisor, 30)
    assert schedule.due() == ()
    assert [one.kind for one in schedule.all()] == [DueKind.CHAINS, DueKind.IMAGE]

    bench.clock.at += timedelta(days=31)
    chains, found = schedule.due()
    assert (chains.last_agreed, chains.checks, chains.last_at) == (None, 0, bench.lab.info.created_at)
    assert (found.subject, found.image_id, found.case) == (image.number, image.id, "2026-0147")
    assert (found.last_at, found.last_agreed, found.checks) == (image.ended_at, True, 1)
    assert found.due_at == image.ended_at + timedelta(days=30)

    bench.lab.intake.recheck(bench.examiner, image.id)
    assert [one.kind for one in schedule.due()] == [DueKind.CHAINS]
    bench.lab.verification.sign_off(bench.examiner, bench.lab.verification.verify())
    assert schedule.due() == ()
    assert [(one.checks, one.last_agreed) for one in schedule.all()] == [(2, True), (1, True)]
    (verified,) = schedule.verifications()
    assert (verified.by, verified.ok, verified.finding_count) == ("Ana Kovač", True, 0)


@pytest.mark.req("REQ-29")
def test_an_image_that_differed_is_due_again_with_what_was_found(bench: Bench, tmp_path: Path) -> None:
    image = took_in(bench, tmp_path / "disk.dd")
    bench.lab.schedule.set_interval(bench.admin, 1)
    (tmp_path / "disk.dd").write_bytes(b"\xeb\x52\x91" + bytes(range(253)) * 64)
    assert not bench.lab.intake.recheck(bench.examiner, image.id).agrees
    bench.clock.at += timedelta(days=2)
    found = next(one for one in bench.lab.schedule.due() if one.image_id == image.id)
    assert (found.last_agreed, found.checks) == (False, 2)
    assert len(bench.lab.intake.checks(image.id)) == 2


@pytest.mark.req("REQ-29")
def test_the_interval_is_an_entry_of_the_lab_chain_and_its_history_stays(bench: Bench) -> None:
    with pytest.raises(PermissionRefusedError):
        bench.lab.schedule.set_interval(bench.examiner, 30)
    for days in (0, -1, 3651):
        with pytest.raises(RefusedError, match="from 1 to 3650 days"):
            bench.lab.schedule.set_interval(bench.admin, days)
    bench.lab.schedule.set_interval(bench.admin, 30)
    with pytest.raises(RefusedError, match="already"):
        bench.lab.schedule.set_interval(bench.admin, 30)
    bench.lab.schedule.set_interval(bench.supervisor, 90)
    said = [event.facts for event in bench.lab.custody.lab_history() if event.action == "schedule.set"]
    assert said == [{"interval_days": 30, "before": None}, {"interval_days": 90, "before": 30}]
    assert bench.lab.schedule.interval_days() == 90
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-29")
def test_the_command_lists_what_is_due_and_its_status_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_lab(
        NewLab(folder=tmp_path / "lab", name="Digital laboratory"),
        new_person("Ada Admin", Role.ADMINISTRATOR),
        PASSPHRASE,
        now=lambda: datetime.now(UTC) - timedelta(days=40),
        key_parameters=QUICK,
    ).close()
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    place = ["--lab", str(tmp_path / "lab")]
    signs = [*place, "--as", "Ada Admin", "--passphrase-file", str(tmp_path / "passphrase")]
    assert run_command(["recheck", "--due", *place]) == 0
    assert "No interval is set" in capsys.readouterr().out
    assert run_command(["recheck", "--every", "30", *signs]) == 0
    assert run_command(["recheck", "--due", *place]) == 1
    assert "every chain" in capsys.readouterr().out
    assert run_command(["recheck", "--chains", *signs]) == 0
    assert run_command(["recheck", "--due", *place]) == 0
    assert "Nothing is due; everything was verified within the last 30 days." in capsys.readouterr().out
    assert run_command(["recheck", *place]) == 2
    assert run_command(["recheck", *signs]) == 2


@pytest.mark.req("REQ-29")
def test_what_is_due_is_verified_in_one_run_and_what_cannot_be_read_stays_due_and_stops_nothing(
    bench: Bench, tmp_path: Path
) -> None:
    image = took_in(bench, tmp_path / "disk.dd")
    bench.lab.schedule.set_interval(bench.supervisor, 30)
    bench.clock.at += timedelta(days=31)
    with pytest.raises(PermissionRefusedError):
        bench.lab.due_checks.run(bench.admin)
    (tmp_path / "disk.dd").rename(tmp_path / "away.dd")
    found = bench.lab.due_checks.run(bench.examiner)
    assert {one.due.kind: one.agrees for one in found} == {DueKind.CHAINS: True, DueKind.IMAGE: None}
    assert [one.image_id for one in bench.lab.schedule.due()] == [image.id]

    (tmp_path / "away.dd").rename(tmp_path / "disk.dd")
    told: list[tuple[int, int]] = []
    (one,) = bench.lab.due_checks.run(bench.examiner, on_progress=lambda done, total: told.append((done, total)))
    assert (one.agrees, told[-1]) == (True, (1000, 1000))
    assert bench.lab.schedule.due() == ()
    assert bench.lab.due_checks.run(bench.admin) == ()


@pytest.mark.req("REQ-29")
def test_a_run_that_is_stopped_keeps_what_it_recorded_before(bench: Bench, tmp_path: Path) -> None:
    took_in(bench, tmp_path / "disk.dd")
    bench.lab.schedule.set_interval(bench.supervisor, 30)
    bench.clock.at += timedelta(days=31)
    first, second = bench.lab.schedule.due()

    def stop(done: int, total: int) -> None:
        if done > 1000:
            raise CancelledError

    with pytest.raises(CancelledError):
        bench.lab.due_checks.run(bench.examiner, on_progress=stop)
    assert bench.lab.schedule.due() == (second,)
    assert (first.kind, bench.lab.verification.verify().ok) == (DueKind.CHAINS, True)
