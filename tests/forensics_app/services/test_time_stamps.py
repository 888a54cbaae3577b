"""Heads of the lab chain stamped by an authority that the tests run themselves (REQ-16)."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chain_of_custody.command import main
from forensics_app.errors import PermissionRefusedError, RefusedError
from tests.builders import Bench
from tests.time_authority import OPENSSL, Authority, running

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    (tmp_path / "authority").mkdir()
    with running(Authority(tmp_path / "authority")) as authority:
        yield authority


def named(bench: Bench, authority: Authority, url: str = "") -> None:
    bench.lab.time_stamps.set_authority(
        bench.admin, "Test Time Authority", url or authority.url, authority.certificates
    )


@pytest.mark.req("REQ-16")
def test_the_head_of_the_lab_chain_is_stamped_and_a_stranger_sees_it(
    bench: Bench, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = bench.case()
    named(bench, authority)
    bench.lab.custody.anchor(bench.examiner, case.id)
    head = len(bench.lab.custody.lab_history())
    outcome = bench.lab.time_stamps.request(bench.examiner)
    (one,) = outcome.attached
    assert (one.sequence, outcome.waiting, outcome.why) == (head, (), "")
    assert one.head == bench.lab.custody.lab_history()[head - 1].digest
    assert one.authority == "CN=Test Time Authority"
    assert bench.lab.verification.verify().ok

    bench.lab.custody.export(case.id, tmp_path / "custody")
    assert main(["verify", str(tmp_path / "custody"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    lab, of_case = found["chains"]
    assert (lab["stamped_until"]["sequence"], lab["entries"]) == (head, head + 2)
    assert [one["anchored"] for one in lab["by_entry"]] == [True] * head + [False] * 2
    assert of_case["stamped_until"]["authority"] == "CN=Test Time Authority"
    assert found["authorities"] == [*bench.lab.time_stamps.authority().fingerprints]  # type: ignore[union-attr]
    stamps = tmp_path / "custody" / "time-stamps"
    assert OPENSSL is not None
    command = [OPENSSL, "ts", "-verify", "-data", f"{head + 2}.head", "-in", f"{head + 2}.tsr"]
    subprocess.run([*command, "-CAfile", "authorities.pem"], cwd=stamps, check=True, capture_output=True)
    (stamps / f"{head + 2}.tsr").write_bytes(b"x")
    assert main(["verify", str(tmp_path / "custody")]) == 1
    said = capsys.readouterr().out
    assert f"{head + 2}.tsr does not say what the ledger file says" in said
    assert "by CN=Test Time Authority" in said


@pytest.mark.req("REQ-16")
def test_without_a_connection_the_request_waits_and_the_stamp_is_attached_later(
    bench: Bench, authority: Authority
) -> None:
    named(bench, authority, "http://127.0.0.1:9/tsa")
    outcome = bench.lab.time_stamps.request(bench.examiner)
    assert (outcome.attached, len(outcome.waiting)) == ((), 1)
    assert "gave no time stamp" in outcome.why
    outcome = bench.lab.time_stamps.request(bench.custodian)
    assert len(outcome.waiting) == 2
    assert [one.is_waiting for one in bench.lab.time_stamps.list()] == [True, True]
    named(bench, authority)
    outcome = bench.lab.time_stamps.fetch(bench.supervisor)
    assert (len(outcome.attached), outcome.waiting) == (2, ())
    assert bench.lab.time_stamps.fetch(bench.supervisor).attached == ()
    assert authority.asked == 2
    assert [one.requested_by for one in bench.lab.time_stamps.list()] == ["Ana Kovač", "Tomasz Lis"]
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-16")
def test_an_answer_that_is_no_stamp_of_the_authority_is_refused_and_the_request_waits(
    bench: Bench, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "Another")
    bench.lab.time_stamps.set_authority(bench.admin, "Ours", authority.url, other.certificates)
    with pytest.raises(RefusedError, match="is not a time stamp of entry"):
        bench.lab.time_stamps.request(bench.examiner)
    named(bench, authority)
    for answer in (b"", b"<html>maintenance</html>", bytes.fromhex("30053003020102")):
        authority.answer = answer
        with pytest.raises(RefusedError, match="is not a time stamp of entry"):
            bench.lab.time_stamps.fetch(bench.examiner)
    authority.answer = None
    assert len(bench.lab.time_stamps.fetch(bench.examiner).attached) == 1


def test_an_authority_is_named_by_an_administrator_with_url_and_certificates(
    bench: Bench, authority: Authority
) -> None:
    stamps = bench.lab.time_stamps
    assert stamps.authority() is None
    with pytest.raises(RefusedError, match="no time-stamp authority"):
        stamps.request(bench.examiner)
    with pytest.raises(PermissionRefusedError):
        stamps.set_authority(bench.examiner, "T", authority.url, authority.certificates)
    for name, url, certificates in (
        (" ", authority.url, authority.certificates),
        ("T", "ftp://tsa.example/", authority.certificates),
        ("T", "http://me:secret@host/tsa", authority.certificates),
        ("T", authority.url, "no certificate"),
    ):
        with pytest.raises(RefusedError):
            stamps.set_authority(bench.admin, name, url, certificates)
    assert stamps.set_authority(bench.admin, "T", authority.url, authority.certificates) == stamps.authority()
