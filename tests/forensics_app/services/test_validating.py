"""The validation set: run by the readers in use, signed, in the register, cited by reports (REQ-34, REQ-35)."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chain_of_custody.canonical import canonical
from chain_of_custody.signing import PublicKey
from forensics_app.__main__ import run_command
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.report import ReportRequest
from forensics_app.model.validation import ValidationRun
from forensics_app.services.inspecting import Inspection, Part
from forensics_app.services.program import build_sha256, differs_from_its_list
from forensics_app.services.validating import SIGNED, Validating, signed_record
from forensics_app.services.validation_set import SET_SHA256, run_validation_set
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle

SMALL = "fat12.E01"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped set with its smallest image alone: what is done with one is done with each."""
    folder = tmp_path_factory.mktemp("set")
    told = json.loads(resource("validation/answers.json").read_text("utf-8"))
    told["images"] = [image for image in told["images"] if image["name"] == SMALL]
    (folder / "answers.json").write_text(json.dumps(told), encoding="utf-8")
    for name in (SMALL, told["damaged"]["name"]):
        shutil.copyfile(resource(f"validation/{name}"), folder / name)
    return folder


def changed(small_set: Path, into: Path, change: Callable[[dict[str, Any]], object]) -> ValidationRun:
    """A run of the small set after a change of its answers."""
    shutil.copytree(small_set, into)
    told = json.loads((into / "answers.json").read_text("utf-8"))
    change(told)
    (into / "answers.json").write_text(json.dumps(told), encoding="utf-8")
    return run_validation_set(into, now=now, configuration_sha256=None, known_sha256=answers_sha256(into))


def answers_sha256(folder: Path) -> bytes:
    return hashlib.sha256((folder / "answers.json").read_bytes()).digest()


def differing(run: ValidationRun) -> dict[str, int]:
    return {result.key: result.differing for result in run.results if result.differing}


@pytest.mark.req("REQ-35")
def test_every_answer_of_the_shipped_set_is_the_one_that_the_outside_tools_gave() -> None:
    run = run_validation_set(resource("validation"), now=now, configuration_sha256=None)
    assert json.loads(signed_record(run, None))["signature"] is None
    assert [line for result in run.results for line in result.differences] == []
    compared = {result.key: result.compared for result in run.results}
    assert compared.keys() >= {"container", "digests", "partitions", "listing", "content", "deleted", "times", "damage"}
    assert compared["content"] >= 40
    assert compared["deleted"] >= 7
    assert run.passed


def test_each_answer_that_differs_is_counted_where_it_belongs(small_set: Path, tmp_path: Path) -> None:
    def change(told: dict[str, Any]) -> None:
        image = told["images"][0]
        active, other, *_, deleted = image["files"]
        image["digests"]["sha1"] = "0" * 40
        image["media_bytes"] += 1
        image["partitions"].append([512, 512])
        active.update(sha256="0" * 64, modified_s=1)
        other["path"] = "/absent"
        deleted["size"] += 1
        told["damaged"]["name"] = SMALL

    run = changed(small_set, tmp_path / "set", change)
    assert differing(run) == {
        **{"container": 1, "digests": 1, "partitions": 1, "listing": 2, "content": 2, "deleted": 1, "times": 2},
        "damage": 1,
    }
    assert not run.passed
    told = [line for result in run.results for line in result.differences]
    assert any(line.startswith("fat12.E01:/absent: size: None instead of ") for line in told)


@pytest.mark.req("REQ-35")
def test_a_set_that_is_emptied_or_not_the_one_of_this_version_does_not_pass(small_set: Path, tmp_path: Path) -> None:
    def empty(told: dict[str, Any]) -> None:
        told["images"] = []

    run = changed(small_set, tmp_path / "emptied", empty)
    assert not run.passed
    unanswered = {"container", "digests", "partitions", "listing", "content", "deleted", "times"}
    assert differing(run) == dict.fromkeys(unanswered, 1)
    run = run_validation_set(small_set, now=now, configuration_sha256=None)
    assert (differing(run), run.passed) == ({"set": 1}, False)
    assert answers_sha256(resource("validation")) == SET_SHA256


@pytest.mark.req("REQ-35")
def test_files_and_partitions_that_no_outside_tool_lists_are_told(
    small_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Inventing(Inspection):
        def parts(self) -> Iterator[Part]:
            for part in super().parts():
                if part.key == "volumes":
                    more = {"id": "v0.p9", "kind": "partition", "start": 512, "length": 512}
                    yield replace(part, value=[*part.value, more])
                elif part.key == "files" and part.value:
                    yield replace(part, value=[*part.value, *({**part.value[0], "path": f"/x{n}"} for n in range(100))])
                else:
                    yield part

    monkeypatch.setattr("forensics_app.services.validation_set.Inspection", Inventing)
    known = answers_sha256(small_set)
    run = run_validation_set(small_set, now=now, configuration_sha256=None, known_sha256=known)
    assert differing(run) == {"listing": 1, "partitions": 1}
    assert any("(100, ['/x0'" in line for result in run.results for line in result.differences)


def test_a_packaged_program_without_its_list_says_so(
    small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert differs_from_its_list() is None
    (tmp_path / "forensics-app").write_bytes(b"packaged")
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", str(tmp_path / "forensics-app"))
    assert differs_from_its_list() == ("SHA256SUMS",)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(b'packaged').hexdigest()}  forensics-app\n")
    assert differs_from_its_list() == ()


def test_a_set_that_lacks_an_image_is_refused_in_words(small_set: Path, tmp_path: Path) -> None:
    shutil.copytree(small_set, tmp_path / "set")
    (tmp_path / "set" / SMALL).unlink()
    with pytest.raises(RefusedError, match=f"lacks {SMALL}"):
        run_validation_set(tmp_path / "set", now=now, configuration_sha256=None)
    (tmp_path / "set" / "answers.json").write_text("{")
    with pytest.raises(RefusedError, match="cannot be read"):
        run_validation_set(tmp_path / "set", now=now, configuration_sha256=None)


def validating(bench: Bench, folder: Path) -> Validating:
    own = bench.lab.validating
    return Validating(
        tools=own.tools, lab=own.lab, folder=own.folder, now=own.now, set_folder=folder,
        set_sha256=answers_sha256(folder),
    )  # fmt: skip


@pytest.mark.req("REQ-34", "REQ-35")
def test_a_run_is_signed_entered_in_the_register_and_cited_by_the_report(
    bench: Bench, small_set: Path, tmp_path: Path
) -> None:
    made = validating(bench, small_set).run(bench.supervisor, next_due=date(2099, 1, 1))
    told = json.loads(made.record.read_text("utf-8"))
    key = PublicKey(bytes.fromhex(told["signature"]["public_key"]))
    assert key.raw == bench.supervisor.key.public_key.raw
    assert key.fits(SIGNED + canonical(told["record"]), bytes.fromhex(told["signature"]["ed25519"]))
    told["record"]["passed"] = False
    assert not key.fits(SIGNED + canonical(told["record"]), bytes.fromhex(told["signature"]["ed25519"]))
    assert made.tool.sha256 == build_sha256()
    assert made.validation.passed
    assert made.validation.sha256 == hashlib.sha256(made.record.read_bytes()).digest()
    acts = [event.action for event in bench.lab.custody.lab_history()[-2:]]
    assert acts == ["tool.add", "tool.validate"]
    case = bench.case()
    report = bench.issued(ReportRequest(case_id=case.id, zone="UTC"))
    printed = Oracle(tmp_path).flat(bench.lab.reporting.path(report).read_bytes())
    assert made.validation.sha256 is not None
    assert made.validation.sha256.hex() in printed
    assert "Validationtestpackpassed" in printed
    assert bench.lab.verification.verify().ok
    made.record.write_bytes(made.record.read_bytes().replace(b'"passed": true', b'"passed": null'))
    (finding,) = bench.lab.verification.verify().file_findings
    assert finding.startswith("The record of the validation of 2026-11-20 was changed: ")


def test_a_run_that_fails_is_recorded_as_not_passed_and_the_tool_is_registered_once(
    bench: Bench, small_set: Path, tmp_path: Path
) -> None:
    shutil.copytree(small_set, tmp_path / "set")
    told = json.loads((tmp_path / "set" / "answers.json").read_text("utf-8"))
    told["images"][0]["digests"]["md5"] = "0" * 32
    (tmp_path / "set" / "answers.json").write_text(json.dumps(told))
    registered = bench.lab.tools.add_this_program(bench.supervisor)
    made = validating(bench, tmp_path / "set").run(bench.supervisor)
    assert made.tool.id == registered.id
    assert not made.validation.passed
    assert "1 differ. Differing: digests." in made.validation.result
    recorded = json.loads(made.record.read_text("utf-8"))["record"]
    assert next(one for one in recorded["results"] if one["function"] == "digests")["differing"] == 1


def test_only_who_may_validate_runs_it_and_a_stopped_run_records_nothing(bench: Bench, small_set: Path) -> None:
    before = len(bench.lab.custody.lab_history())
    with pytest.raises(PermissionRefusedError):
        validating(bench, small_set).run(bench.examiner)

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        validating(bench, small_set).run(bench.supervisor, on_progress=stop)
    with pytest.raises(RefusedError, match="due before"):
        validating(bench, small_set).run(bench.supervisor, next_due=date(2000, 1, 1))
    assert len(bench.lab.custody.lab_history()) == before
    assert not list(bench.lab.folder.root.glob("validations/*"))


def test_the_command_line_asks_for_a_lab_and_a_person_or_for_neither(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", "--as", "Ana"]) == 2
    assert "--lab and --as" in capsys.readouterr().err
