"""The register of tools, and what every act done with this program states of it (REQ-33, REQ-34)."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from forensics_app import __version__
from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.report import ReportRequest
from forensics_app.model.tool import NewTool, NewValidation, Tool, standing_of
from forensics_app.services.program import NAME, PACKAGES, TOOL, build_sha256
from tests.builders import Bench
from tests.forensics_app.services.scene_of_a_search import go_to_a_scene

DATABASES = ("sqlite", "postgresql")

ROOT = Path(__file__).parents[3]
DAY = date(2026, 11, 20)
AVML = NewTool(name="avml", version="0.14", vendor="Microsoft", sha256=bytes(range(32)))


def validation(on: date = date(2026, 3, 2), *, passed: bool = True, next_due: date | None = None) -> NewValidation:
    return NewValidation(
        validated_on=on,
        scope="Memory of Linux",
        passed=passed,
        result="Equal to the memory of a virtual machine in 20 of 20 runs",
        validated_by="Dr. Noor",
        next_due=next_due,
    )


def known(bench: Bench, *validations: NewValidation) -> Tool:
    tool = bench.lab.tools.add(bench.examiner, AVML)
    for one in validations:
        tool = bench.lab.tools.validate(bench.supervisor, tool.id, one)
    return tool


@pytest.mark.req("REQ-34")
def test_a_tool_and_its_validation_are_kept_on_the_lab_chain_with_digests(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "imager.exe").write_bytes(b"program")
    (tmp_path / "report.pdf").write_bytes(b"report")
    told = NewTool(name="Imager", version="4.7", vendor="Example", program=tmp_path / "imager.exe")
    tool = bench.lab.tools.add(bench.examiner, told)
    assert tool.sha256 == hashlib.sha256(b"program").digest()
    new = NewValidation(
        validated_on=date(2026, 3, 2), scope="SATA to E01", passed=True, result="As expected", validated_by="Dr. Noor",
        next_due=date(2027, 3, 2), document=tmp_path / "report.pdf",
    )  # fmt: skip
    (kept,) = bench.lab.tools.validate(bench.supervisor, tool.id, new).validations
    assert (kept.scope, kept.validated_by, kept.recorded_by) == ("SATA to E01", "Dr. Noor", "Ingrid Solberg")
    assert (kept.document, kept.sha256) == ("report.pdf", hashlib.sha256(b"report").digest())
    acts = [(event.action, event.object_label) for event in bench.lab.custody.lab_history()[-2:]]
    assert acts == [("tool.add", "Imager 4.7"), ("tool.validate", "Imager 4.7")]
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-34")
@pytest.mark.parametrize(
    ("validations", "version", "sha256", "said"),
    [
        ((), "0.14", bytes(range(32)), "no validation is recorded up to 2026-11-20"),
        ((validation(),), "0.15", None, "not in the register of tools"),
        ((validation(),), "0.14", bytes(32), "another build than the registered one: its SHA-256 differs"),
        ((validation(date(2026, 11, 21)),), "0.14", None, "no validation is recorded up to 2026-11-20"),
        ((validation(next_due=date(2026, 11, 19)),), "0.14", None, "validation of 2026-03-02 lapsed on 2026-11-19"),
        ((validation(), validation(date(2026, 4, 1), passed=False)), "0.14", None, "not passed on 2026-04-01"),
    ],
)
def test_what_is_not_validated_on_the_day_of_its_use_is_told_with_the_reason(
    bench: Bench, validations: tuple[NewValidation, ...], version: str, sha256: bytes | None, said: str
) -> None:
    bench.clock.at = bench.clock.at.replace(year=2027)
    known(bench, *validations)
    standing = standing_of(bench.lab.tools.list(), "avml", version, sha256, DAY)
    assert not standing.is_validated
    assert standing.words.startswith(said)


def test_a_validation_counts_to_its_last_day_and_a_later_one_follows_a_failed_one(bench: Bench) -> None:
    known(bench, validation(passed=False), validation(date(2026, 4, 1), next_due=DAY))
    standing = standing_of(bench.lab.tools.list(), "AVML", "0.14", bytes(range(32)), DAY)
    assert (standing.is_validated, standing.words) == (
        True, "2026-04-01 by Dr. Noor: Memory of Linux; next due 2026-11-20",
    )  # fmt: skip


def test_what_cannot_stand_in_the_register_is_refused(bench: Bench, tmp_path: Path) -> None:
    tool = known(bench)
    for said, told in (
        ("name, version and vendor", NewTool(name="a", version=" ", vendor="b")),
        ("is in the register", AVML),
        ("cannot be read", NewTool(name="a", version="1", vendor="b", program=tmp_path / "gone")),
    ):
        with pytest.raises(RefusedError, match=said):
            bench.lab.tools.add(bench.examiner, told)
    for said, new in (
        ("has been made", validation(date(2027, 1, 1))),
        ("is due before", validation(next_due=date(2026, 1, 1))),
    ):
        with pytest.raises(RefusedError, match=said):
            bench.lab.tools.validate(bench.supervisor, tool.id, new)
    with pytest.raises(PermissionRefusedError):
        bench.lab.tools.validate(bench.examiner, tool.id, validation())
    assert bench.lab.tools.list() == (tool,)


@pytest.mark.req("REQ-33")
def test_the_digest_of_the_build_is_that_of_a_list_of_its_files_as_sha256sum_writes_it() -> None:
    if not all((ROOT / package).is_dir() for package in PACKAGES):
        pytest.skip("the packages are not beside the tests")
    script = (
        f"find {' '.join(PACKAGES)} -type f -not -path '*/__pycache__/*' | LC_ALL=C sort | xargs -d '\\n' sha256sum "
        "| sha256sum"
    )
    if sys.platform != "linux":
        pytest.skip("sha256sum and find are those of Linux here")
    told = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.split()[0] == build_sha256().hex()


def test_the_digest_of_the_build_is_not_computed_at_the_start() -> None:
    words = "import forensics_app.bootstrap, forensics_app.services.program as p; print(p.build_sha256.cache_info())"
    told = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "currsize=0" in told


@pytest.mark.req("REQ-33", "REQ-34")
def test_every_act_states_tool_parameters_inputs_and_outputs_and_the_report_flags_what_is_not_validated(
    bench: Bench, tmp_path: Path
) -> None:
    source = tmp_path / "disk.dd"
    source.write_bytes(bytes(range(256)) * 4096)
    media = hashlib.sha256(source.read_bytes()).hexdigest()
    case = bench.case()
    exhibit = bench.exhibit(case)
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))
    image = bench.lab.intake.take_in(bench.examiner, request)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    bench.lab.intake.recheck(bench.examiner, image.id)
    catalogue = bench.lab.intake.get(image.id).catalogue_sha256
    assert catalogue is not None
    acts = {event.action: event for event in bench.lab.custody.case_history(case.id) if event.fact("tool")}
    for action, name, outputs in (
        ("image.intake", "media", []),
        ("image.check", image.number, []),
        ("image.catalogue", image.number, [{"name": "catalogue", "sha256": catalogue.hex()}]),
    ):
        facts = acts[action].facts
        assert (acts[action].actor, facts["tool"], facts["tool_sha256"]) == ("Ana Kovač", TOOL, build_sha256().hex())
        assert facts["inputs"] == [{"name": name, "sha256": media}]
        assert facts["outputs"] == outputs
        assert facts["parameters"]
    go_to_a_scene(bench, case.id)
    known(bench, validation())
    used = {one.label: one for one in bench.lab.tools.used(case.id)}
    assert set(used) == {TOOL, "avml 0.14"}
    assert used["avml 0.14"].sha256 == bytes(range(32))
    dossier = bench.lab.reporting.dossier(
        bench.examiner.person, ReportRequest(case_id=case.id, zone="Europe/Berlin"), issued_at=None
    )
    tools = {(tool.name, tool.version): tool for tool in dossier.tools}
    assert tools["avml", "0.14"].flag is None
    assert tools[NAME, __version__].flag == "not in the register of tools"
    assert f"{TOOL} was used and was not validated in this laboratory: not in the register of tools." in (
        dossier.limitations
    )
    bench.lab.tools.validate(bench.supervisor, bench.lab.tools.add_this_program(bench.admin).id, validation())
    dossier = bench.lab.reporting.dossier(
        bench.examiner.person, ReportRequest(case_id=case.id, zone="Europe/Berlin"), issued_at=None
    )
    assert all(tool.flag is None for tool in dossier.tools)
    assert not any("not validated" in words for words in dossier.limitations)
