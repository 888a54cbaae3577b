"""Chains in which an exhibit leaves somebody's hands unsigned, told as if it did not: both verifiers name the entry."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chain_of_custody.ledger import Change, SignerRole, breaches
from chain_of_custody.rule_sets import BEGIN, Begun, begun_in
from tests.chain_of_custody.chains import ADA, CASE, OTHER_CASE, Chain, Member, ring_of
from tests.chain_of_custody.test_possession_rules import BRANDT, COURIER, DRAWN, FORM, in_transit, seized, third
from tests.chain_of_custody.test_rules import (
    EMMA,
    LAW,
    OLGA,
    OTTO,
    RING,
    SUSI,
    Custody,
    put_down,
    registered,
    stored,
    the_lab,
)
from tests.second_verifier import acts
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import lines_of

NOBODY = "Nobody of the laboratory"
HERS: dict[str, Any] = {"holder_id": None, "holder": COURIER}
EMMAS: dict[str, Any] = {"holder_id": EMMA.person, "holder": EMMA.name}


def named(case: Custody, lab: Chain = LAW) -> list[str]:
    """The words of the entries that both verifiers name, which have to be the same ones."""
    ours, lines = breaches(case.entries, ring_of(lab), Begun()), lines_of(lab.entries)
    places = acts.breaches(lines_of(case.entries), people_of(lines, set(), None), lines)
    assert sorted({one.entry_index for one in ours}) == places
    return [one.what for one in ours]


def is_named_by_neither(start: Callable[[int], Custody], act: Callable[[Custody], object]) -> None:
    """Hold that an act is allowed under the fifth rules."""
    case = start(5)
    act(case)
    assert named(case) == []


def is_named_by_both_since_the_fifth(
    words: str, start: Callable[[int], Custody], act: Callable[[Custody], object]
) -> None:
    """Hold that an act is named in these words under the fifth rules, and was not before."""
    case = start(5)
    act(case)
    assert any(words in what for what in named(case)), named(case)
    older = start(4)
    act(older)
    assert named(older) == [], "ledgers of before are judged by the rules of before"


def kept() -> Custody:
    """What Otto received by a signed form and stored, by the third rules."""
    case = third(seized(), **FORM, giver=BRANDT)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    third(case).step("store", "STORED", (OTTO, "actor"))
    return case


def out() -> Custody:
    case = kept()
    case.step("check_out", "CHECKED_OUT", (OTTO, "actor"))
    return case


def own() -> Custody:
    return third(seized(OTTO.name, OTTO.person))


def anew() -> Custody:
    case = Custody()
    row = {"state": "IDENTIFIED", "holder_id": OTTO.person, "holder": OTTO.name, "number": "LH/01", "case_id": CASE}
    case.put("exhibit.add", (OTTO, "actor"), facts={"custody_rules": 3}, **row)
    return case


def intake(case: Custody, by: Member, event: str = "image", to: str = "IMAGED", **new: Any) -> None:
    facts = {"event": event, "from_state": case.row["state"], "to_state": to}
    case.put("image.intake", (by, "actor"), facts=facts, state=to, **new)


def proposed(case: Custody, **new: Any) -> None:
    row = {"exhibit_id": CASE, "proposed_by": EMMA.person, "way": "destroy", "state": "proposed"}
    facts = {"event": "propose_disposal", "from_state": "STORED", "to_state": "DISPOSAL_PENDING", "custody_rules": 3}
    change = Change(table="disposal", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
    case.disposal = row
    state = "DISPOSAL_PENDING"
    case.put("custody.propose_disposal", (EMMA, "actor"), facts=facts, beside=(change,), state=state, **new)


def rejected(case: Custody, **new: Any) -> None:
    facts = {"event": "reject_disposal", "from_state": "DISPOSAL_PENDING", "to_state": "STORED", "custody_rules": 3}
    pairs = {"state": ("proposed", "rejected"), "decided_by": (None, SUSI.person)}
    change = Change(table="disposal", id=OTHER_CASE, set=pairs)
    case.put("custody.reject_disposal", (SUSI, "actor"), facts=facts, beside=(change,), state="STORED", **new)


def propose_and_reject(case: Custody, **new: Any) -> None:
    proposed(case)
    rejected(case, **new)


def by_otto(event: str, to: str, **told: Any) -> Callable[..., None]:
    return lambda case, **new: case.step(event, to, (OTTO, "actor"), told=told, **new) and None


def to_emma(event: str, to: str) -> Callable[..., None]:
    return lambda case, **new: case.step(event, to, (OTTO, "giver"), (EMMA, "receiver"), **new) and None


SENT = {"carrier": COURIER, **FORM}
OTTOS: dict[str, Any] = {"holder_id": OTTO.person, "holder": OTTO.name}
STAYS: dict[str, Any] = {}
FORGED: list[tuple[Callable[[], Custody], Callable[..., None], dict[str, Any], list[dict[str, Any]]]] = [
    (out, lambda case, **new: intake(case, EMMA, **new), STAYS, [EMMAS, HERS, {"holder": COURIER}]),
    (kept, proposed, STAYS, [EMMAS, HERS, {"holder": EMMA.name}]),
    (kept, propose_and_reject, STAYS, [{"holder_id": SUSI.person, "holder": SUSI.name}, HERS]),
    (kept, by_otto("check_out", "CHECKED_OUT"), OTTOS, [HERS, {"holder": COURIER}]),
    (kept, by_otto("move", "STORED"), OTTOS, [HERS, {"holder": COURIER}]),
    (out, by_otto("begin_examination", "UNDER_EXAM"), OTTOS, [HERS]),
    (out, by_otto("return_to_store", "STORED"), OTTOS, [HERS]),
    (own, to_emma("receive", "RECEIVED"), EMMAS, [HERS, OTTOS, EMMAS | {"holder": COURIER}]),
    (out, to_emma("hand_over", "CHECKED_OUT"), EMMAS, [HERS, OTTOS, {}]),
    (kept, by_otto("transfer_out", "TRANSFERRED", agency="Customs", **SENT), {"holder_id": None, "holder": "Customs"},
     [{"holder_id": None, "holder": "Nobody Knows"}, {"holder_id": None}]),
    (registered, by_otto("seize", "SEIZED", seizing_officer=BRANDT, custody_rules=3),
     {"holder_id": None, "holder": BRANDT}, [HERS, {"holder_id": None, "holder": None}, OTTOS]),
    (registered, by_otto("leave_in_place", "LEFT_IN_PLACE", custody_rules=3), {"holder_id": None, "holder": NOBODY},
     [OTTOS, HERS]),
    (anew, lambda case, **new: intake(case, EMMA, "image_on_scene", "IMAGED_ON_SCENE", **new),
     {"holder_id": None, "holder": NOBODY}, [HERS, EMMAS, {}]),
    (in_transit, by_otto("report_lost", "LOST_INCIDENT"), {"holder_id": None}, [HERS | {"holder": "Jonas Brandt"}]),
]  # fmt: skip


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize(("begun", "step", "true", "forged"), FORGED)
def test_after_a_step_who_took_it_has_it_and_is_named(
    begun: Callable[[], Custody], step: Callable[..., None], true: dict[str, Any], forged: list[dict[str, Any]]
) -> None:
    honest = begun()
    step(honest, **true)
    assert named(honest) == []
    for new in forged:
        case = begun()
        step(case, **new)
        assert named(case), new


@pytest.mark.req("REQ-02", "REQ-18", "REQ-68")
def test_a_reason_and_an_incident_are_told_in_words_and_with_the_row_that_is_decided_about() -> None:
    for reason, rows, count in (("He left", True, 0), ("He left", False, 1), ("-", True, 1), ("12", True, 1)):
        case = third(seized(), giver=BRANDT, unsigned_reason=reason)
        case.step("receive", "RECEIVED", (OTTO, "receiver"), is_bare=not rows, holder_id=OTTO.person)
        assert len(named(case)) == count, (reason, rows)
    for incident, rows, count in (("She came.", True, 0), ("She came.", False, 1), ("x", False, 1), ("-", True, 1)):
        case = third(seized(), **FORM, giver="Somebody Else", incident=incident)
        case.step("receive", "RECEIVED", (OTTO, "receiver"), is_bare=not rows, holder_id=OTTO.person)
        assert len(named(case)) == count, (incident, rows)


@pytest.mark.req("REQ-18", "REQ-19", "REQ-68")
def test_the_register_excuses_nobody_but_who_bears_the_name_that_it_has() -> None:
    lab = put_down(the_lab(), COURIER, SUSI)
    taken = third(seized(OTTO.name), **FORM, giver=OTTO.name, outsider=OTHER_CASE)
    taken.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert [one.split(" names ")[1] for one in named(taken, lab)] == [
        "Otto Officer as somebody outside, who signs it for the laboratory."
    ]
    put_down(lab, "Officer, Otto", SUSI, "outsider.change")
    assert named(taken, lab) == []
    lab.add("outsider.end", (SUSI, "actor"), about=("outsider", OTHER_CASE))
    assert named(taken, lab)[0].endswith("names somebody of a register that does not know them.")


@pytest.mark.req("REQ-18", "REQ-19", "REQ-68")
def test_who_has_a_key_and_may_hold_exhibits_gives_and_takes_nothing_as_somebody_outside() -> None:
    def sent(carrier: str, **told: Any) -> Custody:
        case = third(kept(), **FORM, carrier=carrier, **told)
        case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None, holder=carrier)
        return case

    for name in (EMMA.name, "Examiner, Emma", "Emma Examiner, laboratory"):
        assert named(sent(name))[0].endswith("as somebody outside, who has a key of the laboratory.")
    assert named(sent(OLGA.name)) == named(sent("Emma Maria Examiner")) == []
    lab = put_down(the_lab(), EMMA.name, SUSI)
    assert named(sent(EMMA.name, outsider=OTHER_CASE), lab) == []
    left = the_lab()
    left.revoke(EMMA)
    assert named(sent(EMMA.name), left) == []


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize("officer", ["Otto Karl Officer", "Jonas Brandt with Otto Officer", "Sgt. Otto Officer"])
def test_nobody_signs_away_what_an_officer_seized_whose_name_only_holds_theirs(officer: str) -> None:
    case = third(seized(officer))
    case.step("receive", "RECEIVED", (OTTO, "giver"), (EMMA, "receiver"), holder_id=EMMA.person)
    assert "Otto Officer gives LH/01 and did not hold it." in named(case)[0]
    theirs = third(seized(officer), **DRAWN, giver=officer)
    theirs.step("receive", "RECEIVED", (EMMA, "receiver"), holder_id=EMMA.person)
    assert named(theirs) == []
    mine = third(registered(), seizing_officer=officer)
    mine.step("seize", "SEIZED", (OTTO, "actor"), holder_id=OTTO.person)
    assert f"leaves it with Otto Officer, and names {officer} as who has it." in named(mine)[0]


@pytest.mark.req("REQ-18", "REQ-68")
def test_what_an_officer_has_by_name_alone_passes_by_their_offer_and_by_nobody_elses() -> None:
    def offered(by: Member, role: SignerRole, holder: str, at: str = CASE, **told: Any) -> Custody:
        case = third(seized(holder, **told))
        offer = case.add("transfer.offer", (by, role), facts={"offered": "hand_over"}, about=("exhibit", at))
        case.stated = {"custody_rules": 3, "offer": offer.digest.hex()}
        case.step("hand_over", "SEIZED", (EMMA, "receiver"), holder_id=EMMA.person)
        return case

    assert named(offered(OTTO, "giver", "Officer, Otto")) == []
    words = "accepts an offer of LH/01 by somebody who did not hold it."
    assert words in named(offered(SUSI, "giver", OTTO.name))[0]
    assert words in named(offered(OTTO, "actor", OTTO.name))[0]
    assert words in named(offered(OTTO, "giver", f"Sgt. {OTTO.name}"))[0]
    assert words in named(offered(OTTO, "giver", OTTO.name, outsider=OTHER_CASE))[0]
    assert "was not made" in named(offered(OTTO, "giver", OTTO.name, at=OTHER_CASE))[0]


@pytest.mark.req("REQ-18", "REQ-68")
def test_a_drawn_signature_is_for_one_act_and_not_for_a_later_one_of_the_same_person() -> None:
    def sent(again: str, rules: int = 4, **told: Any) -> Custody:
        case = third(seized(), **DRAWN, giver=BRANDT, occurred_at=again, custody_rules=rules)
        case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
        case.stated = {"custody_rules": rules}
        case.step("store", "STORED", (OTTO, "actor"))
        case.stated = {"custody_rules": rules, "occurred_at": again, **DRAWN, "carrier": BRANDT, **told}
        case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None, holder=BRANDT)
        return case

    at = "2026-11-20T12:00:00+00:00"
    assert named(sent(at)) == ["Entry 5: it states the drawn signature of another act again, that of entry 3."]
    assert named(sent(at, rules=3)) == [], "what the third rules let pass stays as it was judged then"
    assert named(sent(at, signature_sha256="cd" * 32)) == []
    assert "Petra Vogel" in named(sent(at, carrier=COURIER))[-1]


def seized_too(case: Custody, exhibit: str) -> None:
    row = {"state": "IDENTIFIED", "holder_id": OTTO.person, "holder": OTTO.name, "number": "LH/02", "case_id": CASE}
    born = Change(table="exhibit", id=exhibit, set={name: (None, value) for name, value in row.items()})
    case.add("exhibit.add", (OTTO, "actor"), about=("exhibit", exhibit), changes=(born,))
    facts = {"event": "seize", "from_state": "IDENTIFIED", "to_state": "SEIZED", "seizing_officer": BRANDT}
    moved = {"state": ("IDENTIFIED", "SEIZED"), "holder_id": (OTTO.person, None), "holder": (OTTO.name, BRANDT)}
    change = Change(table="exhibit", id=exhibit, set=moved)
    facts |= {"custody_rules": 3}
    case.add("custody.seize", (OTTO, "actor"), facts=facts, about=("exhibit", exhibit), changes=(change,))


@pytest.mark.req("REQ-18", "REQ-68")
def test_one_drawn_signature_is_for_exhibits_that_pass_together() -> None:
    at = "2026-11-20T12:00:00+00:00"
    for minutes, who, told, count in (
        (5, OTTO, at, 0), (60, OTTO, at, 0), (61, OTTO, at, 1), (-61, OTTO, at, 1), (5, EMMA, at, 1),
        (5, OTTO, "2026-11-20T12:00:01+00:00", 1), (5, OTTO, 7, 1),
    ):  # fmt: skip
        case = seized()
        seized_too(case, OTHER_CASE)
        third(case, **DRAWN, giver=BRANDT, occurred_at=at, custody_rules=4)
        case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
        facts = {**case.stated, "event": "receive", "from_state": "SEIZED", "to_state": "RECEIVED", "occurred_at": told}
        moved = {"state": ("SEIZED", "RECEIVED"), "holder_id": (None, who.person), "holder": (BRANDT, who.name)}
        change = Change(table="exhibit", id=OTHER_CASE, set=moved)
        about, later = ("exhibit", OTHER_CASE), case.at + timedelta(minutes=minutes)
        case.add("custody.receive", (who, "receiver"), facts=facts, about=about, changes=(change,), at=later)
        assert len(named(case)) == count, (minutes, who.name, told)


@pytest.mark.req("REQ-18", "REQ-20", "REQ-68")
def test_who_is_told_to_have_it_is_corrected_only_where_the_seizure_named_the_wrong_officer() -> None:
    def corrected(case: Custody, by: Member = OTTO, at: int = 2, reason: str = "Misspelt", **told: Any) -> Custody:
        pair = told.pop("pair", [BRANDT, "Jonas Brand"])
        row = Change(table="deviation", id=OTHER_CASE, set={"reason": (None, told.pop("row", reason))})
        columns = {"holder": (case.row.get("holder"), told.pop("holder", "Jonas Brand")), **told}
        facts = {"corrects": at, "corrected": {"seizing_officer": pair}}
        change = Change(table="exhibit", id=CASE, set=columns)
        case.add("exhibit.correct_step", (by, "actor"), facts=facts, changes=(row, change), reason=reason)
        case.row["holder"] = columns["holder"][1]
        return case

    def handed_over() -> Custody:
        case = third(seized(), **DRAWN, giver=BRANDT)
        case.step("hand_over", "SEIZED", (EMMA, "receiver"), holder_id=EMMA.person)
        return case

    twice = corrected(corrected(seized()), pair=["Jonas Brand", EMMA.name], holder=EMMA.name)
    assert named(corrected(seized())) == named(twice) == []
    third(twice).step("receive", "RECEIVED", (EMMA, "giver"), (OTTO, "receiver"), holder_id=OTTO.person)
    assert named(twice) == [], "the officer as corrected signs with their key"
    for forged in (
        corrected(seized(), holder=OTTO.name, pair=[BRANDT, OTTO.name]),
        corrected(seized(), at=1),
        corrected(seized(), reason=""),
        corrected(seized(), row="Another reason"),
        corrected(seized(), pair=[COURIER, "Jonas Brand"]),
        corrected(seized(), holder=COURIER),
        corrected(seized(), pair="Jonas Brand"),
        corrected(seized(OTTO.name, OTTO.person), pair=[OTTO.name, "Jonas Brand"]),
        corrected(in_transit(), pair=[COURIER, "Jonas Brand"]),
        corrected(handed_over(), pair=[EMMA.name, "Jonas Brand"]),
    ):
        assert any("who is told to have LH/01" in one for one in named(forged))


@pytest.mark.req("REQ-15", "REQ-16", "REQ-68")
def test_rules_are_begun_by_who_may_and_for_every_chain_that_the_lab_knows() -> None:
    def begun(who: Member, *chains: str, rules: int = 3) -> Chain:
        lab = the_lab()
        lab.add("case.anchor", facts={"chain": CASE, "head": "ab" * 32, "sequence": 1})
        heads = [{"chain": one, "head": "ab" * 32, "sequence": 4} for one in chains]
        lab.add(BEGIN, (who, "actor"), facts={"custody_rules": rules, "chains": heads})
        return lab

    old = stored()
    for lab, words, number in (
        (begun(OTTO, CASE), "", 3),
        (begun(OLGA, CASE), "begins no rules: Olga Auditor did not hold a role for that then", 0),
        (begun(ADA, CASE), "begins no rules: Ada Administrator did not hold a role for that then", 0),
        (begun(OTTO, CASE, rules=4), "begins no rules: Otto Officer did not hold a role for that then", 0),
        (begun(OLGA, CASE, rules=4), "begins no rules: Olga Auditor did not hold a role for that then", 0),
        (begun(SUSI, CASE, rules=4), "", 4),
        (begun(ADA, CASE, rules=4), "", 4),
        (begun(OTTO), "it leaves out a chain that the lab chain names before", 0),
        (begun(OLGA, OTHER_CASE), "it leaves out a chain that the lab chain names before", 0),
    ):
        found, lines = breaches(lab.entries, ring_of(lab), Begun()), lines_of(lab.entries)
        assert words in (found[0].what if words else "")
        assert bool(found) == bool(words)
        people = people_of(lines, set(), None)
        assert bool(acts.breaches(lines, people, lines)) == bool(words)
        assert begun_in(lab.entries, ring_of(lab)).at(CASE, 5) == (number or 1)
        assert breaches(old.entries, RING, begun_in(lab.entries, ring_of(lab))) == ()
        assert acts.breaches(lines_of(old.entries), people, lines) == []
        assert acts.begun_by(lines, people) == ([(number, {CASE: 4})] if number else [])


@pytest.mark.req("REQ-02", "REQ-18", "REQ-68")
@pytest.mark.parametrize("table", ["deviation", "incident"])
@pytest.mark.parametrize("was", [{"reason": "Agreed with the prosecutor"}, {"principle": "audit trail"}])
def test_what_waits_or_was_decided_on_the_desk_explains_no_later_step(table: str, was: dict[str, str]) -> None:
    def told(rules: int, *, is_new: bool) -> list[str]:
        case = third(seized(), custody_rules=rules)
        row = {name: (None, value) for name, value in was.items()}
        case.add("exhibit.note", (OTTO, "actor"), changes=(Change(table=table, id=OTHER_CASE, set=row),))
        column, words = ("reason", "He left") if table == "deviation" else ("what", "She came.")
        facts = {"giver": BRANDT, "unsigned_reason": words, **case.stated}
        if table == "incident":
            facts = {"giver": COURIER, "incident": words, **FORM, **case.stated}
        facts |= {"event": "receive", "from_state": "SEIZED", "to_state": "RECEIVED"}
        change = Change(table=table, id=CASE if is_new else OTHER_CASE, set={column: (None, words)})
        new = {"state": "RECEIVED", "holder_id": OTTO.person, "holder": OTTO.name}
        case.put("custody.receive", (OTTO, "receiver"), facts=facts, beside=(change,), **new)
        return named(case)

    assert told(4, is_new=True) == told(3, is_new=False) == [], "the third rules stay as they were"
    assert len(told(4, is_new=False)) == 1


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize(("first", "then"), [("signature_sha256", "form_sha256"), ("form_sha256", "signature_sha256")])
def test_what_was_drawn_on_the_screen_is_no_form_and_no_form_a_drawing(first: str, then: str) -> None:
    def sent(rules: int, digest: str = "ab" * 32) -> list[str]:
        case = third(seized(), giver=BRANDT, custody_rules=rules, **{first: "ab" * 32})
        case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
        case.stated = {"custody_rules": rules}
        case.step("store", "STORED", (OTTO, "actor"))
        case.stated = {"custody_rules": rules, "carrier": COURIER, then: digest}
        case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), holder_id=None, holder=COURIER)
        return named(case)

    assert "by entry 3" in sent(4)[0]
    assert sent(3) == sent(4, "cd" * 32) == []


@pytest.mark.req("REQ-18", "REQ-68")
def test_one_digest_is_not_of_a_drawing_and_a_form_of_the_same_act() -> None:
    case = third(seized(), giver=BRANDT, custody_rules=4, signature_sha256="ab" * 32, form_sha256="ab" * 32)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert "signed on paper what was drawn" in named(case)[0]


@pytest.mark.req("REQ-18", "REQ-68")
def test_an_image_is_taken_into_nobodys_hands_by_the_fourth_rules() -> None:
    def taken(rules: int, holder_id: str | None) -> list[str]:
        case = out()
        third(case, custody_rules=rules).step("begin_examination", "UNDER_EXAM", (OTTO, "actor"))
        row = {"state": "STORED", "type": "image", "parent_id": CASE, "case_id": CASE, "number": "LH/01/I",
               "holder_id": holder_id, "holder": EMMA.name}  # fmt: skip
        born = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
        case.add("image.intake", (EMMA, "actor"), changes=(born,))
        return named(case)

    assert taken(4, None) == taken(3, EMMA.person) == []
    assert "brings LH/01/I into being in a way" in taken(4, EMMA.person)[0]


@pytest.mark.req("REQ-68")
def test_nothing_takes_a_part_out_from_under_the_hold_on_the_whole() -> None:
    case = kept()
    row = {"state": "IDENTIFIED", "holder_id": OTTO.person, "number": "LH/01/A", "case_id": CASE, "parent_id": CASE}
    born = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
    case.add("exhibit.add", (OTTO, "actor"), about=("exhibit", OTHER_CASE), changes=(born,))
    assert named(case) == []
    freed = Change(table="exhibit", id=OTHER_CASE, set={"parent_id": (CASE, None)})
    case.add("exhibit.correct", (OTTO, "actor"), about=("exhibit", OTHER_CASE), changes=(freed,))
    assert [one.split(" gives ")[1] for one in named(case)] == [
        "LH/01/A another number or parent, or moves it to another case."
    ]


@pytest.mark.req("REQ-68")
def test_rules_that_the_lab_begins_hold_in_the_chains_of_cases_and_not_in_its_own() -> None:
    lab = the_lab()
    lab.add(BEGIN, (OTTO, "actor"), facts={"custody_rules": 3, "chains": []})
    lab.add("custody.note", (OTTO, "actor"), about=("lab", CASE))
    lines = lines_of(lab.entries)
    assert breaches(lab.entries, ring_of(lab), Begun()) == ()
    assert acts.breaches(lines, people_of(lines, set(), None), lines) == []
