"""The printed custody form: every field of the superset, and how a long one goes on over pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.case import Case
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import Exhibit, SealSeen
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.incident import SealCondition
from forensics_app.model.mark import MarkKind
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import case_chain
from tests.builders import SIGNED_FORM, Bench, UnjudgedWriter
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_files_and_races import took_in
from tests.forensics_app.services.test_possession import DRAWN

DATABASES = ("sqlite", "postgresql")

RECEIVED = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact, number agrees", "condition": "Undamaged",
    "seal_number": "0048812", "packaging": "Evidence bag, antistatic",
}  # fmt: skip
TAKEN = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00", "place": "Bench 2"}
SUPERSET = (
    "Case2026-0147,Lindenhofpaymentfraud", "OffenceFraud", "searchwarrant4Gs812/26,Districtcourt", "Victim", "Suspect",
    "ExhibitLH/01:Laptop,LenovoThinkPadT14", "PF-3X7K2M", "ConditionUndamaged", "Sealnow0048812", "Sgt.Duarte",
    "Insp.Haas",
    "Obtainedfrom(name,address)", "Owner,orother", "Reasonobtained", "Photographsnone:", "Evidenceid",
    "Parent,rootexhibit", "SEIZEDtoRECEIVED", "=2026-11-20", "Clock:astold", "Place:Reception",
    "Rank:Officer", "Org.:Digitallaboratory", "Id:2217", "Purpose:Examination", "Authority:___",
    "Sealbefore:0048812", "Sealafter:0048812", "Itscondition:intact,numberagrees", "Packaging:Evidencebag,antistatic",
    "Transport:___", "Hashverified:___", "Tool:___", "Photographs:___", "Witness:___", "Deviation:___", "Signature:___",
    "EnteredbyTomaszLis,Officer,2026-11-20", "receiverTomaszLis,key", "Entrybeforeit", "Finaldisposal",
    "Signaturesinink",
    "Releasedtothelawfulowner",
)  # fmt: skip


def in_the_lab(bench: Bench, case: Case) -> Exhibit:
    exhibit = bench.exhibit(case)
    perform = bench.lab.custody.perform
    perform(bench.custodian, bench.request(exhibit, "receive", fields=RECEIVED, outside_party="Sgt. Duarte"))
    perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-07-3"}))
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=TAKEN))
    return exhibit


@pytest.mark.req("REQ-21")
def test_the_form_has_every_field_and_a_line_to_write_on_where_nothing_is_recorded(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    exhibit = in_the_lab(bench, case)
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "PF-3X7K2N"}, "misread")
    pdf = bench.lab.custody_forms.pdf(case.id, exhibit.id, "Tomasz Lis")
    oracle = Oracle(tmp_path)
    flat = oracle.flat(pdf)
    assert [words for words in SUPERSET if words not in flat] == []
    entries = bench.lab.custody.history(exhibit.id)
    assert f"LASTITEM.{len(entries)}entriesforLH/01" in flat
    assert all(event.digest.hex() in flat for event in entries)
    assert f"Correctedbyentry{entries[-1].sequence}" in flat
    _, head = bench.lab.custody.case_head(case.id)
    assert head is not None
    assert head.hex() in flat
    assert "reason" in flat.lower()
    assert oracle.check(pdf)


@pytest.mark.req("REQ-21")
def test_the_form_of_an_image_tells_how_it_was_taken_in_and_what_was_done_with_it(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    exhibit = in_the_lab(bench, case)
    disk = tmp_path / "disk.dd"
    disk.write_bytes(bytes(4096))
    seal = SealSeen(condition=SealCondition.INTACT.value, number="0048812")
    blocker = WriteBlocker(device="Tableau T8u")
    take_in = IntakeRequest(exhibit_id=exhibit.id, paths=(disk,), write_blocker=blocker, seal=seal)
    image = bench.lab.intake.take_in(bench.examiner, take_in)
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "PF-3X7K2N"}, "misread")
    (made,) = [one for one in bench.lab.exhibits.list(case.id) if one.number == image.number]
    (taken_in,) = bench.lab.custody.history(made.id)
    assert (taken_in.action, taken_in.object_label) == ("image.intake", "LH/01")
    flat = Oracle(tmp_path).flat(bench.lab.custody_forms.pdf(case.id, made.id, "Tomasz Lis"))
    assert "LASTITEM.1entryforLH/01-I1" in flat
    assert taken_in.digest.hex() in flat
    assert "EntryaboutexhibitLH/01" in flat
    assert "PF-3X7K2N" not in flat


@pytest.mark.req("REQ-21")
def test_pages_are_counted_and_every_continued_page_repeats_the_header(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    exhibit = in_the_lab(bench, case)
    for turn in range(12):
        giver, receiver = (bench.examiner, bench.custodian) if turn % 2 == 0 else (bench.custodian, bench.examiner)
        fields = {"purpose": f"Shift {turn}", "place": "Bench 2", "seal_check": "intact"}
        bench.lab.custody.hand_over(giver, receiver, bench.request(exhibit, "hand_over", fields=fields))
    pages = Oracle(tmp_path).pages(bench.lab.custody_forms.pdf(case.id, exhibit.id), layout=False)
    assert len(pages) > 3
    for at, page in enumerate(pages, 1):
        assert f"Page {at} of\n" in page or f"Page {at} of {len(pages)}" in " ".join(page.split())
        assert "Case 2026-0147 · Chain of custody form · LH/01" in page
    inside = [page for page in pages[1:] if "Shift" in page]
    assert len(inside) > 2
    for page in inside:
        words = " ".join(page.split())
        assert "Custody of exhibit LH/01, Laptop, Lenovo ThinkPad T14, serial PF-3X7K2M, seal 0048812" in words
        assert "continued" in words
        assert "Released by" in words


def test_the_form_of_a_case_lists_its_exhibits_and_closes_the_list(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    in_the_lab(bench, case)
    bench.exhibit(case, "LH/02")
    flat = Oracle(tmp_path).flat(bench.lab.custody_forms.pdf(case.id))
    assert "LASTITEM.2itemsonthisform;nothingfollows." in flat
    assert "Chainofcustodyform·LH/02" in flat
    assert flat.count("LASTITEM.") == 3


@pytest.mark.req("REQ-21")
def test_both_hands_of_every_passage_are_named_and_whoever_sends_something_away_is_its_releaser(bench: Bench) -> None:
    exhibit = in_the_lab(bench, bench.case())
    custody, back = bench.lab.custody, {"shelf": "A-07-3", "seal_number": "0048813", "seal_check": "new seal applied"}
    custody.hand_over(bench.examiner, bench.custodian, bench.request(exhibit, "return_to_store", fields=back))
    sent = {"carrier": "J. Brandt", "departed_at": "2026-11-20T14:00+01:00", "due": "2026-11-25T17:00+01:00",
            "seal_number": "0048813", "seal_check": "intact"}  # fmt: skip
    custody.perform(bench.custodian, bench.request(exhibit, "dispatch", fields=sent))
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
    hands = {event.act: (event.giver, event.receiver) for event in item.events if event.is_step}
    named = {act: (one and one.name, two and two.name) for act, (one, two) in hands.items()}
    assert named["Returned to store"] == (bench.examiner.person.name, bench.custodian.person.name)
    assert named["Dispatched"] == (bench.custodian.person.name, "J. Brandt")
    assert named["Stored"] == (None, None)
    giver, _ = hands["Dispatched"]
    assert giver is not None
    assert (giver.key_id, giver.id_number) == (bench.custodian.person.key_id, bench.custodian.person.id_number)
    assert item.events[-1].transport == "J. Brandt, 2026-11-20 14:00 +01:00"


def test_who_only_records_that_somebody_else_sent_something_away_is_not_its_releaser(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    sent = {"carrier": "J. Brandt", "departed_at": "2026-11-20T11:00+01:00", "seal_number": "0048812",
            "seal_check": "intact"}  # fmt: skip
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "dispatch", fields=sent))
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
    giver = item.events[-1].giver
    assert giver is not None
    assert (giver.name, giver.key_id) == ("Sgt. Duarte", ""), "he held it, and signs in ink"


@pytest.mark.req("REQ-21")
def test_who_only_recorded_a_seizure_is_not_the_one_from_whom_it_was_taken(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
    (seized,) = [one for one in item.events if one.is_step and one.to_state == "SEIZED"]
    assert seized.giver is not None
    assert (seized.giver.name, seized.giver.key_id) == ("", ""), "whoever had it signs in ink"
    assert seized.receiver is not None
    assert seized.receiver.name == "Sgt. Duarte"
    assert bench.custodian.person.name in seized.recorder or bench.examiner.person.name in seized.recorder


def test_a_case_without_exhibits_has_no_form(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="no exhibit"):
        bench.lab.custody_forms.pdf(bench.case().id)


def test_equal_records_give_equal_bytes(bench: Bench) -> None:
    case = bench.case()
    in_the_lab(bench, case)
    form = bench.lab.custody_forms.gather(case.id)
    bench.clock.at = form.made_at - bench.clock.step
    assert bench.lab.custody_forms.gather(case.id) == form


def test_a_signature_of_which_an_entry_states_nonsense_does_not_keep_the_form_from_being_printed(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    with bench.lab.database.writing() as connection:
        facts = {"event": "receive", "signature_sha256": "../zz", "giver": "Nobody"}
        subject = exhibit_subject(exhibit)
        UnjudgedWriter(connection, bench.clock()).append(
            case_chain(case), "custody.receive", subject, facts, (("actor", bench.custodian),)
        )
    assert "TheentrystatesnoSHA-256ofit" in Oracle(tmp_path).flat(bench.lab.custody_forms.pdf(case.id))


@pytest.mark.req("REQ-21", "REQ-40")
def test_a_form_that_goes_with_an_exhibit_names_nothing_that_is_marked(bench: Bench, tmp_path: Path) -> None:
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, took_in(bench).id)
    with lab.catalogues.open(image) as catalogue:
        entry, other = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="image/jpeg"))[:2])
    name, beside = (one.path.rpartition("/")[2] for one in (entry, other))
    lab.exhibits.correct(bench.custodian, image.exhibit_id, {"description": f"Laptop with {name}"}, "said so")
    for one in (entry, other):
        lab.examine.choose(bench.examiner, image.id, one)
    flat = Oracle(tmp_path).flat
    before = flat(lab.custody_forms.pdf(image.case_id))
    assert name in before
    lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.SENSITIVE, "Not for everybody")
    hidden = flat(lab.custody_forms.pdf(image.case_id))
    assert name not in hidden
    assert beside in before
    assert beside in hidden
    assert "(maynamewhatismarkedorconcealed:notprinted)" in hidden
    assert "Itscondition:intact" in hidden or "Purpose:" in hidden, "what a courier needs is there"
    lab.catalogues.path(image).unlink()
    unknown = flat(lab.custody_forms.pdf(image.case_id))
    assert name not in unknown
    assert beside not in unknown, "without the catalogue it may be a copy of what is marked"
    assert "Purpose:" in unknown


@pytest.mark.req("REQ-18", "REQ-21")
@pytest.mark.parametrize(
    ("papers", "said"),
    [(DRAWN, "Signed on the screen, as printed below"), (SIGNED_FORM, "Signed on paper, of which the file is kept")],
)
def test_no_line_is_left_to_sign_on_where_somebody_without_a_key_signed(
    bench: Bench, tmp_path: Path, papers: dict[PaperKind, Path], said: str
) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    request = bench.request(exhibit, "receive", fields=RECEIVED, outside_party="Sgt. Duarte", papers=papers)
    bench.lab.custody.perform(bench.custodian, request)
    (item,) = bench.lab.custody_forms.gather(case.id).items
    received = item.events[-1]
    assert received.giver is not None
    assert received.giver.signed == said
    assert not any("exhibit-photo-laptop.jpg" in one for one in received.remarks)
    assert said.replace(" ", "") in Oracle(tmp_path).flat(bench.lab.custody_forms.pdf(case.id))
