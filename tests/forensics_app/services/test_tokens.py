"""Reports signed by keys that never leave a token (PKCS #11), judged by our check and by pdfsig."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chain_of_custody.ledger import Subject
from forensics_app.errors import RefusedError
from forensics_app.model.proof import Answer, TokenPlace
from forensics_app.services.certificate_record import CERTIFICATES_ID
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.report_verifying import check_report
from tests.builders import Bench, make_bench
from tests.forensics_app.services.signed_reports import approved_draft, certified, dossier_on
from tests.forensics_app.services.test_report_proof import pdfsig, run
from tests.soft_token import MISSING, MODULE, PIN, Private, SoftToken, soft_token
from tests.soft_token import certified as certificate_of

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
AUTHORITY = ec.generate_private_key(ec.SECP256R1())


def place(**more: object) -> TokenPlace:
    assert MODULE is not None
    return TokenPlace(module=MODULE, **more)  # type: ignore[arg-type]


def equip(token: SoftToken, name: str, private: Private, key: str = "signing", id_: str = "a1") -> bytes:
    """Put a key, its certificate and that of who issued it onto a token; return the last."""
    token.add_key(private, key, id_)
    token.add_certificate(certificate_of(name, private, ("State CA", AUTHORITY)), key, id_)
    return certificate_of("State CA", AUTHORITY, is_authority=True)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("tokens"))
    certified(made, made.examiner, made.supervisor)
    made.case()
    yield made
    made.lab.close()


@pytest.mark.req("REQ-64", "REQ-67")
@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA"])
def test_a_report_is_signed_by_a_key_on_a_token(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    private: Private = rsa.generate_private_key(65537, 2048)
    if kind != "RSA":
        private = ec.generate_private_key(ec.SECP256R1() if kind == "P-256" else ec.SECP384R1())
    made = make_bench(tmp_path / "lab")
    certified(made, made.examiner, made.supervisor)
    case, lab = made.case(), made.lab
    with soft_token(tmp_path / "token") as token:
        issuer = equip(token, "KOVAČ,ANA,38001085718", private)
        taken = lab.certificates.import_token(made.examiner, place(), PIN)
        assert taken.issuer == "State CA"
        draft = approved_draft(made, case)
        with pytest.raises(RefusedError, match="Ana Kovač signs with a token, and its PIN was not given"):
            lab.reporting.issue(made.examiner, made.supervisor, draft.id)
        assert lab.certificates.token_of(made.examiner.person) == place()
        assert lab.certificates.token_of(made.supervisor.person) is None
        report = lab.reporting.issue(made.examiner, made.supervisor, draft.id, {made.examiner.person.id: PIN})
    pdf = lab.reporting.path(report).read_bytes()
    assert check_report(pdf, at=made.clock.at).signatures[0].answer is Answer.UNKNOWN, "nobody here knows who issued it"
    found = check_report(pdf, at=made.clock.at, authorities=[issuer])
    assert found.ok, [one for one in (*found.signatures, *found.checks) if one.answer is not Answer.GOOD]
    assert found.signatures[0].certificate_sha256 == taken.sha256
    assert found.signatures[0].signer == "Ana Kovač, Digital laboratory"
    assert lab.verification.verify().ok
    if all(shutil.which(tool) for tool in ("pdfsig", "certutil")):
        (tmp_path / "nss").mkdir()
        run("certutil", "-N", "-d", f"sql:{tmp_path / 'nss'}", "--empty-password")
        said = pdfsig(tmp_path, pdf)
        assert said.count("Signature is Valid.") == 2, said
        at = pdf.index(b"/Length") + 9
        assert "Signature is Valid." not in pdfsig(tmp_path, pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])
    told = b"".join(path.read_bytes() for path in lab.folder.root.rglob("*") if path.is_file())
    assert PIN not in caplog.text
    assert PIN.encode() not in told
    lab.close()


@pytest.mark.req("REQ-67")
def test_a_module_that_the_record_names_is_not_loaded_where_nobody_chose_it(tmp_path: Path) -> None:
    made = make_bench(tmp_path / "lab")
    certified(made, made.examiner, made.supervisor)
    dossier, lab = dossier_on(made, made.case(), "Report"), made.lab
    pins = {made.examiner.person.id: PIN}
    with soft_token(tmp_path / "token") as token:
        equip(token, "Ana Kovač", ec.generate_private_key(ec.SECP256R1()))
        lab.certificates.import_token(made.examiner, place(), PIN)
        imported = next(one for one in reversed(lab.custody.lab_history()) if one.action == "certificate.import")
        told = imported.facts["token"]
        assert isinstance(told, dict)
        facts = {**imported.facts, "token": {**told, "module": str(tmp_path / "evil.so")}}
        (tmp_path / "evil.so").write_bytes(b"code")
        subject = Subject(kind="certificate", id=CERTIFICATES_ID, label="Ana Kovač")
        with lab.database.writing() as connection:
            writer = Writer(connection, made.clock())
            writer.append(lab_chain(lab.info), "certificate.import", subject, facts, [("actor", made.examiner)])
        recorded = lab.certificates.token_of(made.examiner.person)
        assert recorded is not None
        assert recorded.module == tmp_path / "evil.so"
        assert lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins), "by the one that was chosen"
        kept = tmp_path / "token/computer/forensics-app/token-modules.json"
        for words in ("[]", json.dumps(["/one.so", "/other.so"])):
            kept.write_text(words)
            with pytest.raises(RefusedError, match=r"evil\.so for this token, and nobody chose it on this computer"):
                lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins)
        kept.write_text("{")
        with pytest.raises(RefusedError, match="cannot be read"):
            lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins)
        kept.unlink()
        lab.certificates.import_token(made.examiner, place(), PIN)
        assert lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins)
    lab.close()


def refusal(bench: Bench, where: TokenPlace, pin: str = PIN) -> str:
    with pytest.raises(RefusedError) as refused:
        bench.lab.certificates.import_token(bench.examiner, where, pin)
    chain: BaseException | None = refused.value
    while chain is not None:
        assert pin not in str(chain)
        chain = chain.__cause__ or chain.__context__
    return str(refused.value)


@pytest.mark.req("REQ-67")
def test_what_keeps_a_token_from_signing_is_said_and_nothing_is_recorded(bench: Bench, tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    before = len(bench.lab.custody.lab_history())
    with soft_token(tmp_path / "token") as token:
        assert "the token has no private key that signs" in refusal(bench, place())
        token.add_key(private, "signing", "a1")
        assert "the token has no certificate for its key 'signing'" in refusal(bench, place())
        token.add_certificate(certificate_of("Somebody Else", private), "signing", "a1")
        assert "it names Somebody Else, and the record knows you as Ana Kovač" in refusal(bench, place())
        assert "the PIN is wrong" in refusal(bench, place(), "135790")
        assert "the PIN is wrong" in refusal(bench, place(), "1")
        assert "no token with the label Another" in refusal(bench, place(token="Another"))
        assert "in slot 4242" in refusal(bench, place(slot=4242))
        assert "no private key with the label other" in refusal(bench, place(key="other"))
        assert "is not there" in refusal(bench, TokenPlace(module=tmp_path / "none.so"))
        (tmp_path / "text.so").write_text("no library")
        assert "cannot be used" in refusal(bench, TokenPlace(module=tmp_path / "text.so"))
        equip(token, "Ana Kovač", private, "second", "b2")
        assert "several keys with certificates, 'second', 'signing'" in refusal(bench, place())
        other = ec.generate_private_key(ec.SECP256R1())
        token.add_key(private, "wrong", "c3")
        token.add_certificate(certificate_of("Ana Kovač", other), "wrong", "c3")
        assert "its private key is not that of its certificate" in refusal(bench, place(key="wrong"))
        token.run("--init-token", "--free", "--label", "Another", "--so-pin", "86421357", "--pin", PIN)
        assert "there are several tokens" in refusal(bench, place())
        assert bench.lab.certificates.token_of(bench.examiner.person) is None
        assert len(bench.lab.custody.lab_history()) == before
        bench.lab.certificates.import_token(bench.examiner, place(token="Ana's card", key="second"), PIN)


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_token_that_is_gone_or_another_one_issues_no_report(tmp_path: Path) -> None:
    made = make_bench(tmp_path / "lab")
    certified(made, made.examiner, made.supervisor)
    case, lab = made.case(), made.lab
    pins = {made.examiner.person.id: PIN}
    with soft_token(tmp_path / "token") as token:
        equip(token, "Ana Kovač", ec.generate_private_key(ec.SECP256R1()))
        lab.certificates.import_token(made.examiner, place(), PIN)
        dossier = dossier_on(made, case, "Report")
        assert lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins)
        with pytest.raises(RefusedError, match="The token of Ana Kovač does not sign: the PIN is wrong") as refused:
            lab.report_proof.finished(dossier, made.examiner, made.supervisor, {made.examiner.person.id: "999999"})
        assert refused.value.kept == "No report was issued."
        token.take_out()
        with pytest.raises(RefusedError, match="there is no token: it was taken out, or is another one"):
            lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins)
        token.run("--init-token", "--free", "--label", "Ana's card", "--so-pin", "86421357", "--pin", PIN)
        equip(token, "Ana Kovač", ec.generate_private_key(ec.SECP256R1()))
        with pytest.raises(RefusedError, match="its certificate is not the one that the record has"):
            lab.report_proof.finished(dossier, made.examiner, made.supervisor, pins)
    lab.close()
