"""Certificates, signed reports and their verification on the command line; a certificate from outside, too."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from forensics_app.errors import RefusedError
from forensics_app.model.proof import Answer
from forensics_app.model.report import ReportRequest
from forensics_app.services.report_verifying import check_report
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.cli.calls import run
from tests.forensics_app.services.signed_reports import approved_draft, certified, dossier_on
from tests.time_authority import Pair, certificate

PKCS12_PASSPHRASE = "a passphrase of the file"


def outside(folder: Path, name: str, issuer: str = "Outside CA") -> tuple[Path, Pair]:
    """A file of PKCS #12 of somebody whom an authority outside certified."""
    root = certificate(issuer, None)
    mine, key = certificate(name, root)
    path = folder / "outside.p12"
    encryption = BestAvailableEncryption(PKCS12_PASSPHRASE.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"one", key, mine, [root[0]], encryption))
    return path, root


@pytest.mark.req("REQ-64", "REQ-66", "REQ-67")
def test_certificates_are_made_on_the_command_line_and_the_report_is_verified_without_the_lab(tmp_path: Path) -> None:
    lab, secret, opens = tmp_path / "lab", tmp_path / "secret", tmp_path / "opens"
    bench = make_bench(lab)
    bench.clock.at = datetime.now(UTC) - timedelta(minutes=5)
    case = bench.case()
    bench.lab.close()
    secret.write_text(PASSPHRASE)
    opens.write_text(PKCS12_PASSPHRASE)

    def by(name: str) -> tuple[object, ...]:
        return ("--lab", lab, "--as", name, "--passphrase-file", secret)

    assert "signed in the ledger alone" in run("certificate", "list", "--lab", lab).stdout
    run("certificate", "request", *by("Ingrid Solberg"), status=2)
    assert "certifies who signs reports" in run("certificate", "authority", *by("Ada Admin")).stdout
    run("certificate", "authority", *by("Ana Kovač"), status=2)
    run("certificate", "request", *by("Ingrid Solberg"))
    assert "Issued to Ingrid Solberg" in run("certificate", "issue", *by("Ada Admin")).stdout
    path, root = outside(tmp_path, "KOVAČ,ANA,38001085718")
    taken = ("certificate", "import", *by("Ana Kovač"), "--pkcs12", path, "--pkcs12-passphrase-file")
    run(*taken, secret, status=2)
    assert "certified by Outside CA" in run(*taken, opens).stdout
    listed = json.loads(run("certificate", "list", "--lab", lab, "--json").stdout)["people"]
    assert {one["person"]["name"] for one in listed if one["certificate"]} == {"Ana Kovač", "Ingrid Solberg"}
    run("certificate", "show", "--lab", lab, tmp_path / "ca.pem")
    assert x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes()).subject.rfc4514_string()

    report = tmp_path / "report.pdf"
    number = issued(lab, case.id, report)
    for kept in (lab / "signing-keys").iterdir():
        assert PKCS12_PASSPHRASE not in kept.read_text()
    alone = json.loads(run("verify", report, "--json", status=3).stdout)
    assert not alone["ok"]
    assert [one["answer"] for one in alone["signatures"]] == ["cannot tell", "good"]
    assert "certified by Outside CA" not in run("verify", report, status=3).stdout
    (tmp_path / "outside.pem").write_bytes(root[0].public_bytes(Encoding.PEM))
    trusting = ("--authority", tmp_path / "outside.pem")
    found = json.loads(run("verify", report, "--json", *trusting).stdout)
    assert found["ok"]
    assert [one["answer"] for one in found["signatures"]] == ["good", "good"]
    said = run("verify", report, *trusting).stdout
    assert "Signature of Ana Kovač, Digital laboratory as author, certified by Outside CA" in said
    assert "Issued as" in run("verify", report, "--lab", lab, *trusting).stdout
    run("verify", report, "--lab", lab, status=3)
    run("verify", report, "--root", "00" * 32, status=1)
    run("verify", report, "--authority", secret, status=2)
    whole = report.read_bytes()
    report.write_bytes(whole[:9000] + bytes([whole[9000] ^ 4]) + whole[9001:])
    assert "does NOT prove itself" in run("verify", report, status=1).stdout
    told = run("report", "signatures", "--lab", lab, "--case", case.number, "--number", number, status=3).stdout
    assert "Digital signatures: PAdES B-B." in told
    copy = tmp_path / "copy.pdf"
    run("report", "copy", "--lab", lab, "--case", case.number, "--number", number, copy)
    assert copy.read_bytes() == whole
    run("report", "upgrade", *by("Ana Kovač"), "--case", case.number, "--number", number, status=2)


def issued(lab: Path, case_id: object, target: Path) -> str:
    from tests.builders import reopened

    bench = reopened(lab, datetime.now(UTC) - timedelta(seconds=30))
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case_id, zone="UTC"))  # type: ignore[arg-type]
    draft = bench.lab.drafts.submit(bench.examiner, draft.id)
    bench.lab.drafts.approve(bench.supervisor, draft.id, "Read.", seen=draft.content_sha256)
    report = bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    bench.lab.reporting.save_copy(bench.lab.reporting.path(report).read_bytes(), target)
    bench.lab.close()
    return report.number


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_certificate_in_somebody_else_s_name_is_refused_and_found_where_a_changed_program_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.clock.at = datetime.now(UTC) - timedelta(minutes=5)
    case = bench.case()
    certificates = bench.lab.certificates
    for name in ("Ana Kovač-Solberg", "Ana Kovac", "Ana", "Ingrid Solberg"):
        with pytest.raises(RefusedError, match=f"it names {name}, and the record knows you as Ana Kovač"):
            certificates.import_pkcs12(bench.examiner, outside(tmp_path, name)[0].read_bytes(), PKCS12_PASSPHRASE)
    path, root = outside(tmp_path, "Ingrid Solberg", "D-TRUST")
    with monkeypatch.context() as changed:
        changed.setattr("forensics_app.proof.certificates.is_of", lambda *_: True)
        certificates.import_pkcs12(bench.examiner, path.read_bytes(), PKCS12_PASSPHRASE)
    certified(bench, bench.supervisor)
    approved_draft(bench, case)
    dossier, sign = dossier_on(bench, case, "Report"), bench.lab.report_proof.finished
    for authorities in ((), (root[0].public_bytes(Encoding.DER),)):
        pdf = sign(dossier, bench.examiner, bench.examiner)
        for one in check_report(pdf, at=bench.clock.at, authorities=authorities).signatures:
            assert (one.signer, one.answer) == ("Ana Kovač, Digital laboratory", Answer.BAD)
            assert one.words == "The certificate names Ingrid Solberg, and the ledger records it for Ana Kovač."
    bench.lab.close()


@pytest.mark.req("REQ-67")
def test_a_certificate_from_a_file_signs_on_after_its_owner_got_another_key(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.clock.at = datetime.now(UTC) - timedelta(minutes=5)
    certificates, content = bench.lab.certificates, outside(tmp_path, "Ana Kovač")[0].read_bytes()
    certificates.import_pkcs12(bench.examiner, content, PKCS12_PASSPHRASE)
    (kept,) = (tmp_path / "lab/signing-keys").iterdir()
    before = certificates.identity(bench.examiner)
    kept.rename(kept.with_name(f"{kept.name.partition('-')[0]}.json"))
    assert certificates.identity(bench.examiner) == before, "as it was named by earlier versions"
    bench.lab.person_keys.replace(bench.admin, bench.examiner.person.id, "another passphrase of hers", "Forgot it")
    again = bench.lab.people.sign_in("Ana Kovač", "another passphrase of hers")
    assert certificates.identity(again) is None
    certificates.import_pkcs12(again, content, PKCS12_PASSPHRASE)
    assert certificates.identity(again) == before
    bench.lab.close()
