"""What a report prints of the custody of an exhibit: everything that the entries state, and what corrects what."""

import shutil
import sqlite3
import subprocess
from dataclasses import replace

import pytest

from forensics_app.errors import RecordDamagedError
from forensics_app.model.corrections import corrected_by
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.disposal import NewDisposal, Way
from forensics_app.model.dossier import Stationery
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.report import ReportRequest
from forensics_app.reports.wording import words_of
from forensics_app.reports.words import as_told, speaking
from forensics_app.services.dossier_custody import remarks
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored

RECEIVED = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact, number agrees", "condition": "Undamaged",
    "seal_number": "0048812",
}  # fmt: skip
TAKEN = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00", "place": "Bench 2"}


def _in_ukrainian(event: CustodyEvent, exhibit: Exhibit) -> list[str]:
    with speaking(words_of(Stationery(language="uk"))):
        return [as_told(one) for one in remarks(event, exhibit)]


@pytest.mark.req("REQ-20")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
def test_a_report_prints_shelf_seal_check_return_and_which_entry_corrects_which(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    perform = bench.lab.custody.perform
    perform(bench.custodian, bench.request(exhibit, "receive", fields=RECEIVED, outside_party="Sgt. Duarte"))
    perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-07-3"}))
    taking = bench.request(exhibit, "check_out", fields=TAKEN)
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, taking)
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "PF-3X7K2N"}, "misread")
    report = bench.issued(ReportRequest(case_id=case.id, zone="Europe/Berlin"))
    path = bench.lab.reporting.path(report)
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    words = " ".join(done.stdout.split())
    assert "Place: shelf A-07-3" in words
    assert "Seal: 0048812: intact, number agrees" in words
    assert "Expected back: 2026-11-24 17:00 +01:00" in words
    assert "STORED to CHECKED OUT" in words
    events = bench.lab.custody.history(exhibit.id)
    first, last = events[0].sequence, events[-1].sequence
    assert corrected_by(events) == {first: last}
    assert f"Corrected by entry {last}" in words
    assert f"Corrects entry {first}" in words
    assert remarks(events[-1], exhibit) == ["Serial was “PF-3X7K2M”, is “PF-3X7K2N”", "Reason: misread"]
    assert _in_ukrainian(events[-1], exhibit) == ["Серійний №: було «PF-3X7K2M», стало «PF-3X7K2N»", "Причина: misread"]


def test_an_entry_that_somebody_stored_as_text_is_damage_in_words(bench: Bench) -> None:
    case = bench.case()
    with sqlite3.connect(bench.lab.folder.database) as connection:
        connection.execute("DROP TRIGGER ledger_entry_no_update")
        connection.execute("UPDATE ledger_entry SET body = CAST(body AS TEXT) WHERE chain = ?", [str(case.id)])
    with pytest.raises(RecordDamagedError, match="are no bytes"):
        bench.lab.custody.case_history(case.id)


def test_the_way_in_which_custody_is_to_end_is_told_in_words(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    new = NewDisposal(
        exhibit_id=exhibit.id, way=Way.RETURN_TO_OWNER, method="At the counter", authority="Order",
        recipient="Erik Owner", occurred_at=bench.clock(),
    )  # fmt: skip
    bench.lab.disposals.propose(bench.custodian, new)
    proposed = bench.lab.custody.history(exhibit.id)[-1]
    assert "Disposal: return to owner" in remarks(proposed, exhibit)
    assert {"Доля доказу: повернути власникові", "Спосіб: At the counter"} <= set(_in_ukrainian(proposed, exhibit))


def test_a_digest_in_a_custody_record_says_of_what_it_is(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    event = bench.lab.custody.history(exhibit.id)[0]
    for action, words in (
        ("exhibit.photo", "SHA-256 of the photograph: "),
        ("file.choose", "SHA-256 of the file: "),
        ("finding.add", "SHA-256 of what is cited: "),
    ):
        told = replace(event, action=action, facts={"sha256": "ab" * 32})
        assert [one for one in remarks(told, exhibit) if one.startswith(words)], action
