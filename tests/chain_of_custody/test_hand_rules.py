"""Rules about hands outside the laboratory, in forged chains: good signatures under acts that nobody may do."""

from typing import Any

import pytest

from chain_of_custody.ledger import breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import CASE, OTHER_CASE, Member, ring_of
from tests.chain_of_custody.test_rules import (
    EMMA,
    OLGA,
    OTTO,
    SUSI,
    Custody,
    checked_out,
    put_down,
    registered,
    stored,
    the_lab,
)

SIGNED = {"signature_sha256": "ab" * 32}
NOT_SIGNED = "states no signature of who gave or took it outside, neither drawn nor on a form."


def under_the_second_rules(made: Custody, **told: Any) -> Custody:
    made.stated = {"custody_rules": 2, **told}
    return made


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("digest", [{}, {"form_sha256": "AB" * 32}, {"receipt_sha256": "ab" * 32}, {"form_sha256": 7}])
def test_what_meets_somebody_outside_without_their_signature_is_named(digest: dict[str, Any]) -> None:
    for begun, event, to, by, new in (
        (registered, "receive", "RECEIVED", (OTTO, "receiver"), {"holder_id": OTTO.person}),
        (stored, "dispatch", "IN_TRANSIT", (OTTO, "actor"), {"holder_id": None}),
        (stored, "transfer_out", "TRANSFERRED", (OTTO, "actor"), {"holder_id": None}),
        (checked_out, "go_to_court", "IN_COURT", (EMMA, "actor"), {"holder_id": None}),
        (checked_out, "hand_over", "CHECKED_OUT", (EMMA, "giver"), {"holder_id": None}),
    ):
        for told, found in ((digest, 1), (SIGNED, 0)):
            case = begun()
            if event == "receive":
                case.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
            under_the_second_rules(case, **told).step(event, to, by, **new)
            assert [one.endswith(NOT_SIGNED) for one in case.found()] == [True] * found, event
    for told, found in ((digest, 1), (SIGNED, 0)):
        ended = under_the_second_rules(stored(), **told)
        new = {"exhibit_id": CASE, "proposed_by": OTTO.person, "way": "archive"}
        ended.dispose("custody.propose_disposal", (OTTO, "actor"), state="proposed", to="DISPOSAL_PENDING", **new)
        ended.dispose("disposal.approve", (SUSI, "actor"), state="approved", decided_by=SUSI.person)
        ended.dispose("custody.archive", (OTTO, "actor"), (OLGA, "witness"), state="carried out", to="ARCHIVED")
        assert len(ended.found()) == found


@pytest.mark.req("REQ-18")
def test_what_is_kept_by_somebody_of_the_laboratory_on_the_way_needs_no_signature_from_outside() -> None:
    case = under_the_second_rules(stored())
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), told={"carrier": "Otto Officer"})
    case.step("receive", "RECEIVED", (OTTO, "giver"), (EMMA, "receiver"), holder_id=EMMA.person)
    assert case.found() == []


@pytest.mark.req("REQ-18", "REQ-19")
@pytest.mark.parametrize("told", ["Otto Officer", " OTTO  officer, Sgt. (on paper)", "Otto Officer (on the screen)"])
def test_a_signer_who_is_named_as_somebody_outside_is_named(told: str) -> None:
    case = registered()
    case.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
    under_the_second_rules(case, **SIGNED, giver=told)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert case.found() == [
        f"Entry 3: receive of LH/01 names {told} as somebody outside, who signs it for the laboratory."
    ]
    namesake = registered()
    namesake.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
    under_the_second_rules(namesake, **SIGNED, giver=told, outsider=OTHER_CASE)
    namesake.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert namesake.found() == []


@pytest.mark.req("REQ-18")
def test_what_somebody_outside_has_comes_back_by_a_signature_of_theirs() -> None:
    for digest, found in (({}, 2), (SIGNED, 0)):
        case = under_the_second_rules(checked_out(), **SIGNED)
        case.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), holder_id=None)
        case.stated = {"custody_rules": 2, **digest}
        case.step("hand_over", "CHECKED_OUT", (EMMA, "receiver"), holder_id=EMMA.person)
        under_the_second_rules(case, **SIGNED)
        case.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), holder_id=None)
        case.stated = {"custody_rules": 2, **digest}
        case.step("return_to_store", "STORED", (OTTO, "actor"), holder_id=OTTO.person)
        assert len(case.found()) == found


def test_nobody_outside_takes_what_another_holds_or_what_was_only_received() -> None:
    case = under_the_second_rules(checked_out(), **SIGNED)
    case.step("hand_over", "CHECKED_OUT", (OTTO, "giver"), holder_id=None)
    assert case.found() == ["Entry 6: Otto Officer gives LH/01 and did not hold it."]
    case = registered()
    case.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    under_the_second_rules(case, **SIGNED).step("hand_over", "RECEIVED", (OTTO, "giver"), holder_id=None)
    assert case.found() == ["Entry 4: LH/01 was received and neither stored nor checked out; nobody outside takes it."]


def test_the_second_rules_hold_from_the_entry_on_that_states_them_and_not_before() -> None:
    case = stored()
    assert case.found() == [], "it was received without a signature, by the first rules"
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None)
    assert case.found() == []
    case.step("receive", "RECEIVED", (OTTO, "receiver"), told={"custody_rules": 2, **SIGNED}, holder_id=OTTO.person)
    case.step("store", "STORED", (OTTO, "actor"))
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None)
    assert [one[:9] for one in case.found()] == ["Entry 8: "], "leaving the fact out later does not bring back the old"


def under_the_third_rules(**told: Any) -> Custody:
    """An exhibit that was seized and is received by Otto, from whom ``giver`` names."""
    case = registered()
    case.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None, holder=told["giver"])
    case.stated = {"custody_rules": 3, **SIGNED, **told}
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    return case


@pytest.mark.req("REQ-18", "REQ-19")
@pytest.mark.parametrize(
    "told",
    [
        "Officer, Otto",
        "Ott\u043e \u041effi\u0441er",  # Cyrillic
        "\u039ftto Officer",  # Greek
        "Ot\u200bto Offi\u00adcer",
        "Sgt. Otto Officer; courier",
        "\uff2ftto Officer",
        "\u00d6tto Officer",
        "0tto Officer",
    ],
)
def test_a_signer_who_hides_behind_another_way_to_write_their_name_is_named_by_the_third_rules(told: str) -> None:
    assert under_the_third_rules(giver=told).found() == [
        f"Entry 3: receive of LH/01 names {told} as somebody outside, who signs it for the laboratory."
    ]
    case = registered()
    case.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
    case.stated = {"custody_rules": 2, **SIGNED, "giver": told}
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert case.found() == [], "what the second rules let pass stays as it was judged then"


@pytest.mark.req("REQ-18", "REQ-19")
@pytest.mark.parametrize(
    ("writers", "found"),
    [
        ([], "names somebody of a register that does not know them."),
        ([OTTO], "is signed by Otto Officer, who put the namesake into the register themselves."),
        ([SUSI, OTTO], "is signed by Otto Officer, who put the namesake into the register themselves."),
        ([SUSI], ""),
    ],
)
def test_a_namesake_in_the_register_was_put_there_by_somebody_else(writers: list[Member], found: str) -> None:
    lab = the_lab()
    for number, who in enumerate(writers):
        put_down(lab, "Otto Officer", who, "outsider.change" if number else "outsider.add")
    case = under_the_third_rules(giver="Otto Officer", outsider=OTHER_CASE)
    wrong = [one.what for one in breaches(case.entries, ring_of(lab), Begun())]
    assert wrong == ([f"Entry 3: receive of LH/01 {found}"] if found else [])


@pytest.mark.req("REQ-18")
def test_one_drawn_signature_is_not_that_of_two_people() -> None:
    case = under_the_third_rules(giver="Jonas Brandt (on the screen)")
    case.step("store", "STORED", (OTTO, "actor"))
    case.stated |= {"carrier": "Brandt, Jonas", "giver": ""}
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None, holder="Jonas Brandt")
    assert case.found() == []
    case.stated |= {"giver": "Petra Vogel", "incident": "Petra Vogel brought it."}
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert case.found() == [
        "Entry 6: it states the drawn signature of Jonas Brandt (on the screen) as that of Petra Vogel."
    ]
