"""Who is named as giving, taking and having an exhibit, under the fifth rules: both verifiers name the same entries."""

from collections.abc import Callable
from typing import Any

import pytest

from chain_of_custody.ledger import Change, breaches
from chain_of_custody.rule_sets import BEGIN, Begun, begun_in
from tests.chain_of_custody.chains import ADA, CASE, LAB, OTHER_CASE, Chain, Member, ring_of
from tests.chain_of_custody.test_possession_rules import BRANDT, FORM
from tests.chain_of_custody.test_rules import EMMA, LAW, OLGA, OTTO, SUSI, Custody, put_down, the_lab
from tests.second_verifier import acts
from tests.second_verifier.on_the_way import (
    AS_EMMA,
    RECEIPT,
    Act,
    accepted,
    another,
    answered,
    at_the_scene,
    back,
    begun,
    both_received,
    carried,
    clock_set_back,
    come_back_and_sent_again,
    confirmed,
    left,
    lost,
    nobodys,
    of,
    offered,
    out,
    put_back_and_taken_again,
    sent,
    step_of_another,
    taken_in,
    two_seized,
)
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import lines_of
from tests.second_verifier.test_forged_hands import named

RIGHT: dict[str, tuple[Callable[[int], Custody], Act]] = {
    "an offer that is accepted": (out, lambda case: accepted(case, offered(case))),
    "one that is refused": (out, lambda case: answered(case, offered(case), "refuse", OTTO)),
    "one that is withdrawn": (out, lambda case: answered(case, offered(case), "withdraw", EMMA)),
    "one that lapsed and is refused": (
        out,
        lambda case: [offer := offered(case), put_back_and_taken_again(case), answered(case, offer, "refuse", OTTO)],
    ),
    "one that a note names": (
        out,
        lambda case: [
            offer := offered(case),
            case.add("note.add", (OLGA, "actor"), facts={"offer": offer.digest.hex()}),
            accepted(case, offer),
        ],
    ),
    "one that an entry about another exhibit names": (
        out,
        lambda case: [
            offer := offered(case),
            another(case),
            step_of_another(
                case, "seize", ("IDENTIFIED", "SEIZED"), "actor", {"seizing_officer": BRANDT}, **nobodys(BRANDT)
            ),
            case.add("custody.refused", (OLGA, "actor"), facts={"offer": offer.digest.hex()}),
            accepted(case, offer),
        ],
    ),
    "two exhibits by one drawing": (at_the_scene, lambda case: [two_seized(case), both_received(case)]),
    "the same where another took a step meanwhile": (
        at_the_scene,
        lambda case: [
            two_seized(case),
            both_received(case, lambda of: of.add("custody.refused", (OTTO, "actor"), facts={})),
        ],
    ),
    "a receipt, and one of the next transfer": (
        sent,
        lambda case: [confirmed(case), come_back_and_sent_again(case), confirmed(case, receipt_sha256="5d" * 32)],
    ),
    "lost with who carried it": (carried, lambda case: lost(case, OTTO.name)),
    "left with the tenant": (begun, lambda case: left(case, "Max Crook", outside_party="Max Crook")),
    "seized by somebody of the laboratory who signs when they hand it in": (
        lambda rules: at_the_scene(rules, EMMA.name),
        lambda case: case.step("receive", "RECEIVED", (EMMA, "giver"), (OTTO, "receiver"), **of(OTTO)),
    ),
    "an image in the store": (out, lambda case: taken_in(case, "Police laboratory North")),
    "another number": (begun, another),
}
WRONG: dict[str, tuple[str, Callable[[int], Custody], Act]] = {
    "an offer to another": (
        "Susi Supervisor accepts an offer of LH/01 that was made to another",
        out,
        lambda case: accepted(case, offered(case), SUSI),
    ),
    "an offer from before it was put back": (
        "an offer of LH/01 that lapsed",
        out,
        lambda case: [offer := offered(case), put_back_and_taken_again(case), accepted(case, offer)],
    ),
    "an offer of another state": (
        "an offer of LH/01 that lapsed",
        out,
        lambda case: accepted(case, offered(case, from_state="IMAGED")),
    ),
    "an offer refused by somebody else": (
        "transfer.refuse of an offer of LH/01 is not signed by the one to whom it was made",
        out,
        lambda case: answered(case, offered(case), "refuse", OLGA),
    ),
    "an offer refused by who made it": (
        "is not signed by the one to whom",
        out,
        lambda case: answered(case, offered(case), "refuse", EMMA),
    ),
    "an offer withdrawn by whom it was made to": (
        "is not signed by the one who made it",
        out,
        lambda case: answered(case, offered(case), "withdraw", OTTO),
    ),
    "an offer refused by two": (
        "is not signed by the one to whom",
        out,
        lambda case: answered(case, offered(case), "refuse", OTTO, EMMA),
    ),
    "an offer refused twice": (
        "that was not made, or was answered",
        out,
        lambda case: [offer := offered(case), *(answered(case, offer, "refuse", OTTO) for _ in range(2))],
    ),
    "two who sign and name an offer": (
        "names an offer, and is not signed by its receiver alone",
        out,
        lambda case: case.step(
            "hand_over", "CHECKED_OUT", (EMMA, "giver"), (OTTO, "receiver"), told={"offer": "x"}, **of(OTTO)
        ),
    ),
    "somebody gives under another's name": (
        "it names Emma Examiner as who acts or signs, with the key of who was enrolled as Otto Officer",
        lambda rules: at_the_scene(rules, EMMA.name),
        lambda case: case.step("receive", "RECEIVED", (AS_EMMA, "giver"), (SUSI, "receiver"), **of(SUSI)),
    ),
    "somebody takes under another's name": (
        "it names Emma Examiner",
        carried,
        lambda case: case.step(
            "receive",
            "RECEIVED",
            (OTTO, "giver"),
            (Member(SUSI.person, EMMA.name, SUSI.key), "receiver"),
            holder_id=SUSI.person,
            holder=EMMA.name,
        ),
    ),
    "a note under another's name": (
        "it names Emma Examiner",
        begun,
        lambda case: case.add("note.add", (AS_EMMA, "actor")),
    ),
    "lost, and with a colleague from then on": (
        "leaves it with Emma Examiner, who has a key of the laboratory and does not sign for it",
        carried,
        lambda case: lost(case, EMMA.name, outside_party=EMMA.name),
    ),
    "left with a colleague": (
        "leaves it with Susi Supervisor, who has a key",
        begun,
        lambda case: left(case, SUSI.name, agency=SUSI.name),
    ),
    "confirmed by a colleague": (
        "leaves it with Supervisor, Susi, who has a key",
        sent,
        lambda case: case.step(
            "confirm_receipt",
            "RECEIVED",
            (EMMA, "actor"),
            told={"agency": "Supervisor, Susi", **RECEIPT},
            **nobodys("Supervisor, Susi"),
        ),
    ),
    "called back from a colleague": (
        "leaves it with Susi Supervisor, who has a key",
        sent,
        lambda case: case.step(
            "call_back", "RETURN_IN", (EMMA, "actor"), told={"agency": SUSI.name, **RECEIPT}, **nobodys(SUSI.name)
        ),
    ),
    "an image of a colleague's": (
        "into being in the hands of Susi Supervisor, who does not sign",
        out,
        lambda case: taken_in(case, SUSI.name),
    ),
    "a number twice": (
        "gives another exhibit the number LH/01, which this chain has",
        begun,
        lambda case: another(case, "LH/01"),
    ),
    "no number": ("brings an exhibit into being without a number", begun, lambda case: another(case, " ")),
    "two exhibits by one drawing, a week apart by a clock set back": (
        "it states the drawn signature of another act again",
        at_the_scene,
        lambda case: [two_seized(case), both_received(case, clock_set_back)],
    ),
    "two exhibits by one drawing, and something else between": (
        "it states the drawn signature of another act again",
        at_the_scene,
        lambda case: [two_seized(case), both_received(case, lambda of: of.step("store", "STORED", (OTTO, "actor")))],
    ),
    "a receipt that is the form of the transfer": (
        "it states as a receipt what was stated as a signed form",
        sent,
        lambda case: confirmed(case, receipt_sha256="2f" * 32),
    ),
    "a receipt of an earlier transfer": (
        "it states a receipt again that was signed before",
        sent,
        lambda case: [confirmed(case), come_back_and_sent_again(case), confirmed(case)],
    ),
    "a receipt as a form": (
        "it states as a signed form what was stated as a receipt",
        sent,
        lambda case: [
            confirmed(case),
            case.step("call_back", "RETURN_IN", (EMMA, "actor")),
            case.step("receive", "RECEIVED", (EMMA, "receiver"), told=back("1d"), **of(EMMA)),
        ],
    ),
    "handed over to nobody": (
        "leaves it with nobody: it names no one in words",
        out,
        lambda case: case.step(
            "hand_over", "CHECKED_OUT", (EMMA, "giver"), told={"receiver": "", "form_sha256": "6f" * 32}, **nobodys("")
        ),
    ),
    "a carrier whom nobody reads": (
        "leaves it with nobody",
        at_the_scene,
        lambda case: case.step(
            "dispatch",
            "IN_TRANSIT",
            (OTTO, "actor"),
            told={"carrier": "\u200b", "outside_party": BRANDT, **FORM},
            **nobodys("\u200b"),
        ),
    ),
}
IN_ANY = ("a number twice",)
"""What no program ever wrote, and no rules allow."""


@pytest.mark.req("REQ-09", "REQ-18", "REQ-68")
@pytest.mark.parametrize(("made", "act"), RIGHT.values(), ids=[*RIGHT])
def test_who_is_named_as_the_ledger_has_them_is_named_by_neither(made: Callable[[int], Custody], act: Act) -> None:
    case = made(5)
    act(case)
    assert named(case) == []


@pytest.mark.req("REQ-09", "REQ-18", "REQ-68")
@pytest.mark.parametrize(("words", "made", "act"), WRONG.values(), ids=[*WRONG])
def test_who_is_named_otherwise_is_named_by_both_and_was_not_before(
    words: str, made: Callable[[int], Custody], act: Act, request: pytest.FixtureRequest
) -> None:
    for rules in (4, 5):
        case = made(rules)
        assert named(case) == []
        act(case)
        found = named(case)
        if rules == 4 and request.node.callspec.id not in IN_ANY:
            assert found == [], "ledgers of before are judged by the rules of before"
        else:
            assert any(words in one for one in found), found


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize(
    "told",
    [
        {"exhibit_id": OTHER_CASE},
        {"event": "check_out"},
        {"from_state": "STORED"},
        {"giver_id": SUSI.person},
        {"receiver_id": EMMA.person},
        {"receiver_id": None},
        {"receiver_id": (SUSI.person, OTTO.person)},
    ],
    ids=str,
)
def test_an_offer_says_who_offers_what_to_whom(told: dict[str, Any]) -> None:
    case = out(5)
    offered(case, **told)
    assert any("does not say who offers it to whom" in what for what in named(case))
    by_two = out(5)
    offered(by_two, (EMMA, "giver"), (OTTO, "receiver"))
    assert len(named(by_two)) == 1


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize("rules", [2, 3, 4, 5])
@pytest.mark.parametrize("offer", [None, "zz", "ab" * 32])
def test_a_fact_that_names_an_offer_stands_for_no_signature_from_outside(rules: int, offer: str | None) -> None:
    case = out(rules)
    told = {"receiver": "Max Crook", "offer": offer}
    case.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), told=told, **nobodys("Max Crook"))
    found = named(case)
    assert any("states no signature of who gave or took it outside" in one for one in found)
    signed = out(rules)
    signed.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), told={**told, **FORM}, **nobodys("Max Crook"))
    assert any("names an offer" in one for one in named(signed))


@pytest.mark.req("REQ-18", "REQ-68")
def test_somebody_outside_with_the_name_of_a_colleague_is_told_apart_by_the_register() -> None:
    for writer, holder, found in ((ADA, EMMA.name, 0), (OTTO, EMMA.name, 1), (ADA, SUSI.name, 1)):
        case = carried(5)
        lost(case, holder, outside_party=holder, outsider=OTHER_CASE)
        assert len(named(case, put_down(the_lab(), EMMA.name, writer))) == found
    case = carried(5)
    lost(case, EMMA.name, outside_party=EMMA.name, outsider=OTHER_CASE)
    assert len(named(case)) == 1, "the register knows nobody of this id"


@pytest.mark.req("REQ-18", "REQ-68")
def test_nobody_is_born_into_the_hands_of_a_colleague() -> None:
    for row in ({"holder": EMMA.name}, {"holder": None}, {"holder": "Otto"}):
        assert named(begun(4, **row)) == []
        (what,) = named(begun(5, **row))
        assert f"into being in the hands of {row['holder']}, who does not sign" in what


@pytest.mark.req("REQ-18", "REQ-56", "REQ-68")
def test_what_is_registered_out_of_an_export_is_told_to_be_with_the_laboratory_of_the_export_alone() -> None:
    source = {"laboratory": "Police laboratory North", "imported_from_sha256": "2f" * 32}
    for facts, holder, found in (
        (source, "Police laboratory North, not received here", 0),
        (source, OTTO.name, 0),
        (source, "Police laboratory North", 1),
        (source, f"{EMMA.name}, not received here", 1),
        (source | {"imported_from_sha256": "2F" * 32}, "Police laboratory North, not received here", 1),
        ({"laboratory": "Police laboratory North"}, "Police laboratory North, not received here", 1),
        (source | {"laboratory": None}, "None, not received here", 1),
    ):
        case = Custody()
        new = {"state": "IDENTIFIED", "holder_id": OTTO.person, "holder": holder, "number": "LH/01", "case_id": CASE}
        case.put("exhibit.add", (OTTO, "actor"), facts={"custody_rules": 5, **facts}, **new)
        assert len(named(case)) == found, (facts, holder)


def in_lab(lab: Chain) -> list[str]:
    """What both verifiers name in the chain of a lab, by its own rules."""
    ring, lines = ring_of(lab), lines_of(lab.entries)
    ours = breaches(lab.entries, ring, begun_in(lab.entries, ring))
    assert sorted({one.entry_index for one in ours}) == acts.breaches(lines, people_of(lines, set(), None), lines)
    return [one.what.partition(": ")[2] for one in ours]


@pytest.mark.req("REQ-18", "REQ-38", "REQ-68")
def test_nobody_is_enrolled_again_under_another_name_and_nobody_signs_under_one_in_the_chain_of_the_lab() -> None:
    for rules, found in ((4, 0), (5, 1)):
        for act in (
            lambda lab: lab.enrol(AS_EMMA.with_key("new"), "exhibits officer", action="key.replace", named=True),
            lambda lab: lab.enrol(AS_EMMA, "exhibits officer", named=True),
            lambda lab: lab.add("lab.verify", (AS_EMMA, "actor")),
        ):
            lab = the_lab()
            lab.add(BEGIN, about=("lab", LAB), facts={"custody_rules": rules, "chains": []})
            lab.enrol(OTTO, "exhibits officer", "examiner", named=True)
            assert in_lab(lab) == []
            act(lab)
            assert len(in_lab(lab)) == found


@pytest.mark.req("REQ-68")
@pytest.mark.parametrize("rules", [1, 5])
@pytest.mark.parametrize("value", [{}, [], {"a": 1}, [None]], ids=str)
@pytest.mark.parametrize("column", ["state", "type", "holder", "holder_id", "parent_id", "number", "place"])
def test_an_array_or_object_in_a_column_is_named_and_stops_no_verifier(column: str, value: Any, rules: int) -> None:
    case = begun(rules, type="computer", holder=OTTO.name)
    was = case.row.get(column)
    case.put("exhibit.correct", (OTTO, "actor"), **{column: value})
    case.put("exhibit.correct", (OTTO, "actor"), **{column: was})
    hold = {"exhibit_id": (None, value), "lifted_at": (None, None)}
    case.add("hold.place", (SUSI, "actor"), changes=(Change(table="legal_hold", id=OTHER_CASE, set=hold),))
    case.step("seize", "SEIZED", (OTTO, "actor"), told={"seizing_officer": BRANDT}, **nobodys(BRANDT))
    case.add("disposal.approve", (SUSI, "actor"))
    found = [one for one in named(case) if "what is no text and no number" in one]
    assert [one.partition(":")[0] for one in found] == ["Entry 2", "Entry 3", "Entry 4"]


@pytest.mark.req("REQ-18", "REQ-68")
def test_of_people_whom_the_lab_chain_does_not_know_no_name_is_asked() -> None:
    case = begun(5)
    case.add("note.add", (Member(OTHER_CASE, "Nobody Knows", OLGA.key), "actor"))
    assert named(case) == []
    assert [one for one in breaches(case.entries, ring_of(Chain(LAB, "lab")), Begun()) if "names" in one.what] == []
    assert LAW.entries
