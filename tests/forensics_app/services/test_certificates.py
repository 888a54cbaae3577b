"""Authorities one after another: what each certified ends with the key of its owner, and only they certify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from chain_of_custody.ledger import Json, Subject
from forensics_app.model.case import Case
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.proof import Answer
from forensics_app.proof import certificates as proof
from forensics_app.services.certificate_record import CERTIFICATES_ID, recorded_ends
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.report_verifying import check_report
from tests.builders import Bench, make_bench
from tests.forensics_app.services.signed_reports import certified, dossier_on


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("certificates"))
    made.case()
    certified(made, made.examiner, made.supervisor)
    yield made
    made.lab.close()


def certify(bench: Bench, name: str, *roles: Role) -> SignedIn:
    bench.enrol(name, *roles)
    person = bench.sign_in(name)
    bench.lab.certificates.request(person)
    bench.lab.certificates.issue(bench.admin)
    return person


def case_of(bench: Bench) -> Case:
    return bench.lab.cases.list()[0]


def ends(bench: Bench) -> dict[str, Any]:
    certificates = bench.lab.certificates
    with bench.lab.database.reading() as connection:
        return dict(recorded_ends(certificates._contents(connection)))


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_certificate_of_an_authority_whose_key_is_gone_ends_with_the_key_of_its_owner(bench: Bench) -> None:
    lab = bench.lab
    gone, moved = certify(bench, "Paul Gone", Role.EXAMINER), certify(bench, "Mira Moved", Role.EXAMINER)
    pdf = lab.report_proof.finished(dossier_on(bench, case_of(bench), "Report"), gone, bench.supervisor)
    assert check_report(pdf, at=bench.clock.at).signatures[0].answer is Answer.GOOD
    bench.enrol("Nora Next", Role.ADMINISTRATOR)
    following = bench.sign_in("Nora Next")
    lab.people.revoke(bench.admin, gone.person.id, "Left the laboratory")
    lab.person_keys.replace(moved, moved.person.id, "another passphrase of hers", "A new key")
    lab.certificates.create_authority(following)
    lab.certificates.issue(following)
    first, second = lab.certificates.authorities()
    ended = ends(bench)
    assert len(ended) == 2, "of those who go on having their keys nothing ends"
    signature = check_report(pdf, at=bench.clock.at).signatures[0]
    assert signature.certificate_sha256 in ended
    assert signature.answer is Answer.GOOD, "the ledger in the file is older than the end of the key"
    later = lab.report_proof.finished(dossier_on(bench, case_of(bench), "Report"), gone, bench.supervisor)
    found = check_report(later, at=bench.clock.at)
    assert not found.ok
    assert (found.signatures[0].answer, found.signatures[1].answer) == (Answer.BAD, Answer.GOOD)
    assert found.signatures[0].words.startswith("The certificate was ended on 20")
    assert lab.verification.verify().ok
    lists = [x509.load_der_x509_crl(one) for one in lab.certificates.revocation_lists()]
    subjects = [x509.load_der_x509_certificate(one.certificate.der).subject for one in (first, second)]
    assert [one.issuer for one in lists] == subjects, "the newest list of each authority"
    lab.certificates.create_authority(bench.admin)
    lists = [x509.load_der_x509_crl(one) for one in lab.certificates.revocation_lists()]
    assert sorted(len(one) for one in lists) == [0, 0, 2], (
        "who has the key of an earlier authority renews its list, too"
    )


@pytest.mark.req("REQ-67", "REQ-68")
def test_a_report_does_not_hold_whose_people_were_certified_by_who_is_no_administrator(tmp_path: Path) -> None:
    made = make_bench(tmp_path / "forged")
    case = made.case()
    forger = made.supervisor
    lab = made.lab
    salt = proof.new_salt()
    key = proof.derived_key(forger.key.derive, "certificate-authority", salt)
    authority = proof.read_certificate(proof.make_authority(key, lab.info.name, proof.utc(made.clock())))
    facts: dict[str, Json] = {
        "certificate": proof.pem_of(authority.der),
        "sha256": authority.sha256,
        "valid_until": authority.valid_until.isoformat(),
        "person": str(forger.person.id),
        "key": forger.key.key_id,
        "salt": salt.hex(),
    }
    with lab.database.writing() as connection:
        subject = Subject(kind="certificate", id=CERTIFICATES_ID, label=authority.subject)
        writer = Writer(connection, made.clock())
        writer.append(lab_chain(lab.info), "certificate.authority", subject, facts, [("actor", forger)])
    for person in (made.examiner, forger):
        lab.certificates.request(person)
    roles = frozenset((*forger.person.roles, Role.ADMINISTRATOR))
    lab.certificates.issue(SignedIn(person=replace(forger.person, roles=roles), key=forger.key))
    pdf = lab.report_proof.finished(dossier_on(made, case, "Report"), made.examiner, forger)
    found = check_report(pdf, at=made.clock.at)
    assert not found.ok
    ledger = next(one for one in found.checks if one.what == "Custody ledger inside")
    assert ledger.answer is Answer.BAD
    assert "signs certificate.authority and did not hold the role for it then" in ledger.words
    assert all(one.answer is not Answer.GOOD for one in found.signatures if not one.is_time_stamp)
    chain = next(one for one in lab.verification.verify().chains if one.kind == "lab")
    assert any("certificate.issue" in one for one in chain.not_allowed)
    lab.close()
