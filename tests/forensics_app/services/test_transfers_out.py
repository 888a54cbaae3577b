"""Exhibits that go to another agency: the signed receipt, what is called back, what is late."""

import hashlib
from datetime import datetime
from pathlib import Path

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import State
from tests.builders import SIGNED_FORM, Bench
from tests.forensics_app.services.end_of_custody import RECEIPT, RECEIVING, SENDING, stored, transferred
from tests.papers import signed_pdf

DATABASES = ("sqlite", "postgresql")


def kept(bench: Bench) -> list[Path]:
    """Files of papers, but the form that somebody outside signs in every test."""
    form = hashlib.sha256(SIGNED_FORM[PaperKind.FORM].read_bytes()).hexdigest()
    return sorted(path for path in (bench.lab.folder.root / "cases").glob("*/papers/*") if path.stem != form)


def events(bench: Bench, exhibit_id: object) -> set[str]:
    return {one.event.value for one in bench.lab.custody.possible(exhibit_id)}  # type: ignore[arg-type]


@pytest.mark.req("REQ-22")
def test_a_transfer_names_the_agency_and_when_its_receipt_is_due(bench: Bench) -> None:
    exhibit = transferred(bench, bench.case())
    assert (exhibit.state, exhibit.holder, exhibit.holder_id) == (State.TRANSFERRED, "Customs laboratory", None)
    assert exhibit.expected_back == datetime.fromisoformat(SENDING["due"])
    assert events(bench, exhibit.id) == {"confirm_receipt", "call_back", "receive", "report_lost"}


@pytest.mark.req("REQ-18")
def test_the_signed_receipt_is_kept_and_its_digest_stands_in_the_entry(bench: Bench) -> None:
    exhibit = transferred(bench, bench.case())
    with pytest.raises(RefusedError, match="Attach the signed receipt"):
        bench.lab.custody.perform(
            bench.custodian, bench.request(exhibit, "confirm_receipt", fields={"receipt": "they have it"})
        )
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "confirm_receipt", papers=RECEIPT))
    entry = bench.lab.custody.history(exhibit.id)[-1]
    digest = hashlib.sha256(RECEIPT[PaperKind.RECEIPT].read_bytes()).hexdigest()
    assert (entry.fact("receipt"), entry.fact("receipt_sha256")) == ("exhibit-photo-laptop.jpg", digest)
    assert [path.stem for path in kept(bench)] == [digest]
    after = bench.lab.exhibits.get(exhibit.id)
    assert (after.state, after.holder, after.holder_id) == (State.RECEIVED, "Customs laboratory", None)
    assert after.expected_back is None
    assert bench.lab.verification.verify().ok
    kept(bench)[0].write_bytes(b"%PDF-1.7 another")
    assert "receipt of LH/01 was changed" in bench.lab.verification.verify().file_findings[0]


def test_what_an_agency_received_is_not_put_on_our_shelf_but_called_back_and_received(bench: Bench) -> None:
    exhibit = transferred(bench, bench.case())
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "confirm_receipt", papers=RECEIPT))
    assert events(bench, exhibit.id) == {"call_back"}
    with pytest.raises(RefusedError, match="is with Customs laboratory"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A"}))
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "call_back", fields={"reason": "Needed again"}))
    assert bench.lab.exhibits.get(exhibit.id).state is State.RETURN_IN
    back = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Courier of the customs laboratory")
    bench.lab.custody.perform(bench.custodian, back)
    assert bench.lab.exhibits.get(exhibit.id).holder == "Tomasz Lis"
    assert "call_back" not in events(bench, exhibit.id)
    with pytest.raises(RefusedError, match="nothing to call back"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "call_back", fields={"reason": "x"}))
    assert bench.lab.verification.verify().ok


def test_a_refused_step_keeps_no_paper(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    with pytest.raises(RefusedError, match="not possible"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "confirm_receipt", papers=RECEIPT))
    assert kept(bench) == []


def test_only_scans_are_kept_as_papers(bench: Bench, tmp_path: Path) -> None:
    exhibit = transferred(bench, bench.case())
    other = tmp_path / "receipt.txt"
    other.write_text("received")
    for path in (other, tmp_path / "absent.pdf"):
        with pytest.raises(RefusedError, match=path.name):
            bench.lab.custody.perform(
                bench.custodian, bench.request(exhibit, "confirm_receipt", papers={PaperKind.RECEIPT: path})
            )


@pytest.mark.req("REQ-18")
def test_the_form_that_somebody_without_a_key_signed_is_kept_with_the_step(bench: Bench, tmp_path: Path) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(signed_pdf("Sgt. Duarte"))
    exhibit = bench.exhibit(bench.case())
    request = bench.request(
        exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte", papers={PaperKind.FORM: form}
    )
    bench.lab.custody.perform(bench.custodian, request)
    entry = bench.lab.custody.history(exhibit.id)[-1]
    assert entry.fact("giver") == "Sgt. Duarte (on paper)"
    assert entry.fact("form_sha256") == hashlib.sha256(form.read_bytes()).hexdigest()
    assert bench.lab.verification.verify().files_compared == 1


@pytest.mark.req("REQ-13", "REQ-22")
@pytest.mark.parametrize("told", ["tomorrow", "2026-11-24", "2026-11-24T17:00"])
def test_a_due_time_without_its_offset_is_refused_before_it_is_recorded(bench: Bench, told: str) -> None:
    exhibit = stored(bench, bench.case())
    taking = {"purpose": "Imaging", "expected_return": told}
    with pytest.raises(RefusedError, match="no time with its offset"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=taking))
    assert bench.lab.exhibits.get(exhibit.id).state is State.STORED


@pytest.mark.req("REQ-22")
def test_what_is_out_stays_due_when_it_changes_hands_or_is_opened(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=taking))
    due = bench.lab.exhibits.get(exhibit.id).expected_back
    assert due is not None
    handing = {"purpose": "Second look", "place": "Bench 3", "seal_check": "intact"}
    bench.lab.custody.hand_over(bench.examiner, bench.supervisor, bench.request(exhibit, "hand_over", fields=handing))
    opening = {"write_blocker": "Tableau T8u", "seal_number": "0048812", "seal_check": "intact"}
    bench.lab.custody.perform(bench.supervisor, bench.request(exhibit, "begin_examination", fields=opening))
    assert bench.lab.exhibits.get(exhibit.id).expected_back == due
    back = {"hash_pair": "none: not imaged", "shelf": "A-1", "seal_number": "0049001", "seal_check": "new seal applied"}
    bench.lab.custody.perform(bench.supervisor, bench.request(exhibit, "return_to_store", fields=back))
    assert bench.lab.exhibits.get(exhibit.id).expected_back is None
