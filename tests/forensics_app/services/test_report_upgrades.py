"""Issued reports grow behind their signatures: with an authority, without one, and with one that lies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forensics_app.errors import LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.proof import Answer, Level
from forensics_app.model.report import IssuedReport, ReportRequest
from forensics_app.services.report_verifying import check_report
from tests.builders import Bench, make_bench
from tests.forensics_app.reports.archive_rules import breaches
from tests.forensics_app.services.signed_reports import certified
from tests.time_authority import OPENSSL, Authority, running

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed (Debian: openssl)")


def certified_bench(folder: Path) -> Bench:
    made = make_bench(folder / "lab")
    made.clock.at = datetime.now(UTC)  # the authority's certificates are of now
    made.case()
    certified(made, made.examiner, made.supervisor)
    return made


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = certified_bench(tmp_path_factory.mktemp("upgrades"))
    yield made
    made.lab.close()


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Bench]:
    """A lab that never had a time-stamp authority."""
    made = certified_bench(tmp_path)
    yield made
    made.lab.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with running(Authority(tmp_path_factory.mktemp("authority"))) as made:
        yield made


def issued(bench: Bench) -> IssuedReport:
    case = bench.lab.cases.list()[0]
    return issue(bench, ReportRequest(case_id=case.id, zone="UTC"))


def issue(bench: Bench, request: ReportRequest) -> IssuedReport:
    lab = bench.lab
    draft = lab.drafts.begin(bench.examiner, request)
    draft = lab.drafts.submit(bench.examiner, draft.id)
    lab.drafts.approve(bench.supervisor, draft.id, "Read.", seen=draft.content_sha256)
    return lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)


def name(bench: Bench, authority: Authority, url: str = "") -> None:
    bench.lab.time_stamps.set_authority(bench.admin, "Authority", url or authority.url, authority.certificates)


def test_a_report_issued_without_an_authority_grows_to_the_highest_level_later(
    offline: Bench, authority: Authority
) -> None:
    report, lab = issued(offline), offline.lab
    first = lab.report_upgrades.path(report).read_bytes()
    assert lab.report_upgrades.check(report).level is Level.B
    with pytest.raises(RefusedError, match="no time-stamp authority") as refused:
        lab.report_upgrades.upgrade(offline.examiner, report)
    assert "stamp authority" in refused.value.then
    name(offline, authority, "http://127.0.0.1:9/tsa")
    with pytest.raises(RefusedError, match="gave no time stamp"):
        lab.report_upgrades.upgrade(offline.examiner, report)
    name(offline, authority)
    done = lab.report_upgrades.upgrade(offline.examiner, report)
    assert (done.before, done.after, done.why) == (Level.B, Level.LTA, "")
    now = lab.report_upgrades.path(report).read_bytes()
    assert now.startswith(first)
    assert lab.reporting.path(report).read_bytes() == first
    alone = check_report(now, at=offline.clock.at)
    assert alone.is_signed_well, "the people's signatures hold without the time stamps"
    assert (alone.ok, alone.bad) == (False, False), "nobody whom the file knows vouches for the time stamps"
    assert alone.level is Level.B
    found = check_report(now, at=offline.clock.at, time_authorities=lab.report_upgrades.time_authorities())
    assert found.ok
    assert [one.is_time_stamp for one in found.signatures] == [False, False, True, True]
    assert all(one.answer is Answer.GOOD for one in found.signatures)
    assert found.signatures[0].stamped_at is not None
    assert breaches(now) == []
    assert lab.verification.verify().ok
    again = lab.report_upgrades.upgrade(offline.supervisor, report)
    assert again.after is Level.LTA
    assert lab.report_upgrades.path(report).read_bytes().startswith(now)
    assert len(lab.report_upgrades.digests(report)) == 3
    file = lab.report_upgrades.file(report)
    assert (file.sha256, file.upgraded_to) == (lab.report_upgrades.digests(report)[-1], Level.LTA.value)
    assert hashlib.sha256(file.pdf).digest() == file.sha256
    lab.report_upgrades.path(report).write_bytes(file.pdf[:-1] + b"X")
    with pytest.raises(LabUnusableError, match="does not have the recorded SHA-256"):
        lab.report_upgrades.file(report)


def test_a_report_is_stamped_at_its_issue_and_outlives_its_certificates(bench: Bench, authority: Authority) -> None:
    name(bench, authority)
    report = issued(bench)
    pdf = bench.lab.report_upgrades.path(report).read_bytes()
    for later in (timedelta(), timedelta(days=366 * 8)):
        found = check_report(pdf, at=bench.clock.at + later)
        assert found.ok
        assert found.level is Level.T
    assert found.signatures[0].stamped_at == found.signatures[2].stamped_at


def test_an_authority_that_lies_or_falls_silent_keeps_no_report_from_being_issued(
    bench: Bench, authority: Authority, tmp_path: Path
) -> None:
    name(bench, authority)
    other = Authority(tmp_path, "Another")
    authority.answer = b"no response"
    try:
        assert bench.lab.report_upgrades.check(issued(bench)).level is Level.B
    finally:
        authority.answer = None
    with running(other):
        bench.lab.time_stamps.set_authority(bench.admin, "Other", other.url, authority.certificates)
        report = issued(bench)
    assert bench.lab.report_upgrades.check(report).level is Level.B
    name(bench, authority)


def test_an_upgraded_file_that_was_changed_is_found_and_not_upgraded(bench: Bench, authority: Authority) -> None:
    name(bench, authority)
    report = issued(bench)
    bench.lab.report_upgrades.upgrade(bench.examiner, report)
    path = bench.lab.report_upgrades.path(report)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100] + b"x" + whole[-99:])
    try:
        with pytest.raises(LabUnusableError, match="was changed"):
            bench.lab.report_upgrades.upgrade(bench.examiner, report)
        findings = bench.lab.verification.verify().file_findings
        assert any("upgraded to PAdES B-LTA was changed" in one for one in findings)
    finally:
        path.write_bytes(whole)


def test_a_custodian_upgrades_nothing(bench: Bench) -> None:
    with pytest.raises(PermissionRefusedError):
        bench.lab.report_upgrades.upgrade(bench.custodian, issued(bench))


def test_whose_key_ended_is_on_the_list_of_ended_certificates(bench: Bench) -> None:
    lab = bench.lab
    person = bench.enrol("Paul Gone", *bench.examiner.person.roles)
    gone = bench.sign_in("Paul Gone")
    lab.certificates.request(gone)
    lab.certificates.issue(bench.admin)
    identity = lab.certificates.identity(gone)
    assert identity is not None
    lab.people.revoke(bench.admin, person.id, "Left the laboratory")
    lab.certificates.issue(bench.admin)
    from cryptography import x509

    ended = x509.load_der_x509_crl(lab.certificates.revocation_lists()[-1])
    serial = x509.load_der_x509_certificate(identity.certificate).serial_number
    assert ended.get_revoked_certificate_by_serial_number(serial) is not None
