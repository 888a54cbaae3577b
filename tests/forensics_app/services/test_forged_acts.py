"""A program of somebody's own, signing with keys that are enrolled: rows and entries agree, and the act is named."""

import json
from pathlib import Path

import pytest

from chain_of_custody.command import main
from chain_of_custody.ledger import Json, SignerRole
from chain_of_custody.rule_sets import RULES, STATED
from forensics_app.db.tables import EXHIBIT
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.report import ReportRequest
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import case_chain
from tests.builders import Bench, UnjudgedWriter
from tests.forensics_app.services.end_of_custody import stored

DATABASES = ("sqlite", "postgresql")


def forge(
    bench: Bench,
    exhibit: Exhibit,
    event: str,
    to: str,
    *signers: tuple[SignerRole, SignedIn],
    holder: SignedIn,
    states_rules: bool = True,
) -> int:
    """Write a step that nobody was asked about, rows and all; return its number."""
    case = bench.lab.cases.get(exhibit.case_id)
    facts: dict[str, Json] = {"event": event, "from_state": exhibit.state.value, "to_state": to}
    if states_rules:
        facts[STATED] = RULES
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        hands = {"holder_id": str(holder.person.id), "holder": holder.person.name}
        writer.update(EXHIBIT, exhibit.id, {"state": to, **hands})
        entry = writer.append(case_chain(case), f"custody.{event}", exhibit_subject(exhibit), facts, signers)
    return entry.content.sequence


def not_allowed(bench: Bench) -> tuple[str, ...]:
    """What the verification names, after seeing that it finds nothing else."""
    report = bench.lab.verification.verify()
    assert (report.row_findings, report.file_findings) == ((), ())
    chain = next(one for one in report.chains if one.kind == "case")
    assert (chain.intact, chain.signed, chain.trusted, chain.ok, report.ok) == (True, True, True, False, False)
    assert chain.findings == tuple(f"Not allowed: {one}" for one in chain.not_allowed)
    return chain.not_allowed


@pytest.mark.req("REQ-17")
def test_an_illegal_step_is_named_though_everything_else_verifies(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    number = forge(bench, exhibit, "go_to_court", "IN_COURT", ("actor", bench.custodian), holder=bench.custodian)
    assert not_allowed(bench) == (f"Entry {number}: go to court is not possible for LH/01, which is STORED.",)


@pytest.mark.req("REQ-18")
def test_a_missing_second_signature_is_named(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    number = forge(bench, exhibit, "check_out", "CHECKED_OUT", ("actor", bench.examiner), holder=bench.examiner)
    (found,) = not_allowed(bench)
    assert found.startswith(f"Entry {number}: Ana Kovač takes LH/01 out of the hands of somebody who does not sign")


@pytest.mark.req("REQ-38")
def test_a_signer_without_the_role_is_named_in_the_report_too(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    bench.enrol("Olga Auditor", Role.AUDITOR)
    olga = bench.sign_in("Olga Auditor")
    by: tuple[tuple[SignerRole, SignedIn], ...] = (("giver", bench.custodian), ("receiver", olga))
    number = forge(bench, exhibit, "check_out", "CHECKED_OUT", *by, holder=olga)
    (found,) = not_allowed(bench)
    assert found == f"Entry {number}: Olga Auditor signs custody.check_out and did not hold the role for it then."
    request = ReportRequest(case_id=exhibit.case_id, zone="Europe/Berlin")
    dossier = bench.lab.reporting.dossier(bench.examiner.person, request, issued_at=None)
    assert f"An act of custody was not allowed: {found}" in dossier.limitations
    assert [head.trusted for head in dossier.ledger_heads] == [True, False]


@pytest.mark.req("REQ-68")
def test_whoever_gets_the_custody_folder_finds_the_act_with_nothing_else(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit = stored(bench, bench.case())
    number = forge(bench, exhibit, "retain_by_court", "STORED", ("actor", bench.custodian), holder=bench.custodian)
    bench.lab.custody.export(exhibit.case_id, tmp_path / "folder", bench.custodian)
    assert main(["verify", str(tmp_path / "folder"), "--json"]) == 1
    case = json.loads(capsys.readouterr().out)["chains"][1]
    assert [one["sequence"] for one in case["breaches"]] == [number]
