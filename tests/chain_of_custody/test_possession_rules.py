"""The third rules of custody, in forged chains: who gives signs, who takes signs, and what is told is what there is."""

from typing import Any

import pytest

from chain_of_custody.anchors import anchors_in, held_against
from chain_of_custody.ledger import breaches
from chain_of_custody.rule_sets import BEGIN, Begun, begun_in
from tests.chain_of_custody.chains import CASE, OTHER_CASE, Chain, ring_of
from tests.chain_of_custody.test_rules import EMMA, LAW, OTTO, RING, Custody, checked_out, registered, stored, the_lab

FORM = {"form_sha256": "0f" * 32}
DRAWN = {"signature_sha256": "ab" * 32}
BRANDT, COURIER = "Jonas Brandt", "Petra Vogel"


def third(made: Custody, **told: Any) -> Custody:
    made.stated = {"custody_rules": 3, **told}
    return made


def seized(holder: str = BRANDT, holder_id: str | None = None, **told: Any) -> Custody:
    case = third(registered(), seizing_officer=holder, **told)
    case.step("seize", "SEIZED", (OTTO, "actor"), holder=holder, holder_id=holder_id)
    return case


def in_transit(carrier: str = COURIER) -> Custody:
    case = third(seized(), **FORM)
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), told={"carrier": carrier}, holder_id=None, holder=carrier)
    assert case.found() == []
    return case


def refused() -> Custody:
    case = third(seized(), **DRAWN, giver=BRANDT)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person, holder=OTTO.name)
    case.stated = {"custody_rules": 3}
    case.step("refuse", "REFUSED", (OTTO, "actor"))
    assert case.found() == []
    return case


def only(case: Custody) -> str:
    (found,) = case.found()
    return found


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize(
    ("told", "allowed"), [({}, False), (DRAWN, True), (FORM, True), ({"unsigned_reason": "Dead"}, True)]
)
def test_who_of_the_laboratory_carries_it_from_the_scene_takes_it_by_a_signature_of_the_officer(
    told: dict[str, Any], allowed: bool
) -> None:
    case = third(seized(), **told, outside_party=BRANDT, carrier=OTTO.name)
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=OTTO.person, holder=OTTO.name)
    assert [one.split(" states ")[1][:12] for one in case.found()] == ([] if allowed else ["no signature"])
    older = registered()
    older.stated = {"custody_rules": 2}
    older.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
    older.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=OTTO.person)
    assert older.found() == [], "what the second rules let pass stays as it was judged then"


@pytest.mark.req("REQ-18")
def test_from_officer_to_courier_both_sign_the_form_or_it_is_said_why_not() -> None:
    for told, found in ((FORM, 0), (DRAWN, 1), (DRAWN | {"unsigned_reason": "The officer was called away"}, 0)):
        case = third(seized(), **told)
        case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), told={"carrier": COURIER}, holder_id=None, holder=COURIER)
        assert len(case.found()) == found, told
    himself = third(seized(), **DRAWN)
    himself.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), told={"carrier": BRANDT}, holder_id=None, holder=BRANDT)
    assert himself.found() == [], "the officer carries it on"


@pytest.mark.req("REQ-18", "REQ-19")
def test_who_is_told_to_carry_it_is_who_has_it_and_hands_it_over() -> None:
    words = "names Petra Vogel as who", "leaves it with Jonas Brandt, whom it does not name"
    for holder, held, found in ((OTTO.name, OTTO.person, words[0]), (BRANDT, None, words[1])):
        case = third(seized(), **FORM, outside_party=BRANDT)
        case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), told={"carrier": COURIER}, holder_id=held, holder=holder)
        assert found in only(case)
    for giver, incident, count in (
        (COURIER, "", 0),
        ("Vogel, Petra", "", 0),
        (BRANDT, "", 1),
        (BRANDT, "He came.", 0),
        ("", "", 1),
    ):
        case = third(in_transit(), **DRAWN, **({"incident": incident} if incident else {}), giver=giver)
        case.step("receive", "RECEIVED", (EMMA, "receiver"), holder_id=EMMA.person, holder=EMMA.name)
        assert len(case.found()) == count, (giver, incident)
    carried = third(seized(), **DRAWN, outside_party=BRANDT, carrier=OTTO.name)
    carried.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=OTTO.person, holder=OTTO.name)
    third(carried, **DRAWN, giver=BRANDT)
    carried.step("receive", "RECEIVED", (EMMA, "receiver"), holder_id=EMMA.person, holder=EMMA.name)
    assert "was held by somebody of the laboratory, who does not sign" in only(carried)


@pytest.mark.req("REQ-18")
def test_an_officer_with_a_key_whom_the_record_names_alone_signs_with_it_and_no_namesake_does() -> None:
    case = third(seized(EMMA.name))
    case.step("receive", "RECEIVED", (EMMA, "giver"), (OTTO, "receiver"), holder_id=OTTO.person, holder=OTTO.name)
    assert case.found() == []
    own = third(seized(EMMA.name), carrier=EMMA.name)
    own.step("dispatch", "IN_TRANSIT", (EMMA, "actor"), holder_id=EMMA.person, holder=EMMA.name)
    assert own.found() == []
    other = third(seized(EMMA.name, outsider=OTHER_CASE))
    other.step("receive", "RECEIVED", (EMMA, "giver"), (OTTO, "receiver"), holder_id=OTTO.person, holder=OTTO.name)
    assert "Emma Examiner gives LH/01 and did not hold it." in other.found()[0]
    by_officer = third(registered(), seizing_officer=OTTO.name)
    by_officer.step("seize", "SEIZED", (OTTO, "actor"), holder_id=OTTO.person, holder=OTTO.name)
    assert by_officer.found() == []
    kept = third(registered(), seizing_officer=BRANDT)
    kept.step("seize", "SEIZED", (OTTO, "actor"), holder_id=OTTO.person, holder=OTTO.name)
    assert "leaves it with Otto Officer, and names Jonas Brandt" in only(kept)


@pytest.mark.req("REQ-18")
def test_a_receipt_is_confirmed_by_the_digest_of_what_was_signed_and_it_is_gone_then() -> None:
    sent = third(stored(), **FORM, carrier=COURIER, agency="Customs laboratory")
    sent.step("transfer_out", "TRANSFERRED", (OTTO, "actor"), holder_id=None, holder="Customs laboratory")
    for told, holder, found in (
        ({"receipt_sha256": "1d" * 32}, None, []),
        ({}, None, ["no receipt that was signed."]),
        ({"receipt_sha256": "1D" * 32}, None, ["no receipt that was signed."]),
    ):
        case = third(stored(), **FORM, carrier=COURIER, agency="Customs laboratory")
        case.step("transfer_out", "TRANSFERRED", (OTTO, "actor"), holder_id=None, holder="Customs laboratory")
        third(case, **told).step("confirm_receipt", "RECEIVED", (OTTO, "actor"), holder_id=holder)
        assert [one.split(" states ")[1] for one in case.found()] == found
    third(sent, receipt_sha256="1d" * 32, **FORM)
    sent.step("confirm_receipt", "RECEIVED", (OTTO, "actor"), holder_id=OTTO.person)
    assert "leaves it in the hands of somebody of the laboratory" in sent.found()[0]


@pytest.mark.req("REQ-17")
def test_out_of_a_refusal_it_goes_back_by_a_signature_or_is_accepted_after_all() -> None:
    back = third(refused(), **DRAWN, carrier=BRANDT, agency="Police, Jonas Brandt")
    back.step("send_back", "TRANSFERRED", (OTTO, "actor"), holder_id=None, holder="Police, Jonas Brandt")
    assert back.found() == []
    unsigned = third(refused(), carrier=BRANDT, agency="Police")
    unsigned.step("send_back", "TRANSFERRED", (OTTO, "actor"), holder_id=None, holder="Police")
    assert "states no signature" in only(unsigned)
    after_all = third(refused())
    after_all.step("accept_refused", "RECEIVED", (OTTO, "actor"))
    after_all.step("store", "STORED", (OTTO, "actor"))
    assert after_all.found() == []
    for event, to in (
        ("store", "STORED"),
        ("check_out", "CHECKED_OUT"),
        ("receive", "RECEIVED"),
        ("dispatch", "IN_TRANSIT"),
    ):
        wrong = third(refused(), **FORM, giver=BRANDT)
        wrong.step(event, to, (OTTO, "actor"))
        assert "is not possible for LH/01, which is REFUSED." in wrong.found()[0]
    out = third(refused(), **DRAWN, receiver=BRANDT)
    out.step("hand_over", "REFUSED", (OTTO, "giver"), holder_id=None, holder=BRANDT)
    assert "nobody outside takes it" in only(out)


def test_who_is_told_to_have_it_is_changed_by_a_step_alone() -> None:
    case = seized()
    case.put("exhibit.correct", (OTTO, "actor"), holder=OTTO.name)
    assert only(case).endswith("changes who is told to have LH/01, and is no step of its custody.")


@pytest.mark.req("REQ-15")
@pytest.mark.parametrize(
    ("told", "what"),
    [
        (6, "the rules 6, which are not known"),
        ("3", "the rules '3'"),
        (True, "the rules True"),
        (2, "rules 2, and rules 3 hold"),
        (1, "rules 1, and rules 3 hold"),
    ],
)
def test_unknown_rules_and_smaller_ones_than_before_are_named_and_switch_nothing_off(told: Any, what: str) -> None:
    case = seized()
    case.stated = {"custody_rules": told, "carrier": OTTO.name, "outside_party": BRANDT}
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=OTTO.person, holder=OTTO.name)
    assert [what in case.found()[0], "states no signature" in case.found()[1]] == [True, True]
    silent = seized()
    silent.stated = {}
    silent.step(
        "dispatch", "IN_TRANSIT", (OTTO, "actor"), told=FORM | {"carrier": BRANDT}, holder_id=None, holder=BRANDT
    )
    assert only(silent).endswith("states no rules, and rules 3 hold, by which each step states them.")


def begins(lab: Chain, *cases: Custody, rules: Any = 3, chains: Any = None) -> Chain:
    heads = [{"chain": one.chain, "head": one.entries[-1].digest.hex(), "sequence": len(one.entries)} for one in cases]
    lab.add(BEGIN, (OTTO, "actor"), facts={"custody_rules": rules, "chains": heads if chains is None else chains})
    return lab


@pytest.mark.req("REQ-15", "REQ-16")
def test_the_lab_chain_says_from_which_entry_on_the_rules_hold_whatever_the_clocks_say() -> None:
    old = stored()
    lab = begins(the_lab(), old)
    begun = begun_in(lab.entries, ring_of(lab))
    assert breaches(old.entries, RING, begun) == (), "what was there before is judged by its own rules"
    assert breaches(lab.entries, RING, Begun()) == ()
    old.at -= old.at - lab.entries[0].content.recorded_at  # the clock of the workstation was set back
    old.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None)
    first, *_ = breaches(old.entries, RING, begun)
    assert (first.sequence, "states no rules" in first.what) == (5, True)
    new = registered()
    at_once = begun_in(begins(the_lab()).entries, RING)
    assert [one.sequence for one in breaches(stored().entries, RING, at_once)][:1] == [2]
    assert breaches(new.entries, RING, at_once) == ()


@pytest.mark.req("REQ-16")
def test_the_entry_that_begins_rules_anchors_every_chain_so_that_none_is_shortened_or_lengthened_for_it() -> None:
    old = stored()
    lab = begins(the_lab(), old)
    (anchor,) = anchors_in(lab.entries)
    assert held_against(old.entries, [anchor]) == (anchor, ())
    assert held_against(old.entries[:-1], [anchor])[1][0].what.startswith("Entry 4 was anchored by entry 6")
    other = checked_out()
    other.entries[3:4] = []
    assert held_against(other.entries, [anchor])[1][0].what.startswith("Entry 4 is not the one")
    assert anchors_in(lab.entries, doubted={len(lab.entries) - 1}) == ()


@pytest.mark.req("REQ-15")
@pytest.mark.parametrize(
    ("rules", "chains"),
    [(6, []), (1, []), ("3", []), (3, {}), (3, [{"chain": CASE, "head": "", "sequence": 0}]), (3, [{"chain": CASE}]),
     (3, [{"chain": CASE, "head": "", "sequence": 1}] * 2)],
)  # fmt: skip
def test_an_entry_that_begins_rules_wrongly_is_named_and_begins_none(rules: Any, chains: Any) -> None:
    lab = begins(the_lab(), rules=rules, chains=chains)
    (found,) = breaches(lab.entries, RING, Begun())
    assert found.what.startswith("Entry 6: lab.rules begins no rules")
    assert begun_in(lab.entries, ring_of(lab)).at(CASE, 1) == 1
    again = begins(begins(the_lab()))
    assert breaches(again.entries, RING, Begun())[0].what.endswith("begins no rules: rules 3 hold already.")
    case = Chain(CASE)
    case.add(BEGIN, (OTTO, "actor"), facts={"custody_rules": 3, "chains": []})
    assert breaches(case.entries, RING, Begun())[0].what.endswith("it does not stand in the lab chain.")
    assert breaches(LAW.entries, RING, Begun()) == ()
