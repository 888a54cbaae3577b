"""What leaves the hands of who cannot sign: both verifiers allow just these acts, and name every forged one."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chain_of_custody.body import utc_text
from chain_of_custody.ledger import Change, SignerRole, breaches, verify
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ADA, CASE, LAB, NOON, OTHER_CASE, Chain, Member, ring_of
from tests.chain_of_custody.test_possession_rules import BRANDT, FORM, seized, third
from tests.chain_of_custody.test_rules import EMMA, LAW, OLGA, OTTO, SUSI, Custody, stored, the_lab
from tests.second_verifier import acts
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import Forger, lines_of
from tests.second_verifier.test_forged_hands import named

ENDED = NOON + timedelta(minutes=30)
WHY = {"unsigned_reason": "She died on Sunday", "key_ended_at": utc_text(ENDED)}
RECEIPT = {"receipt_sha256": "1d" * 32}
By = tuple[tuple[Member, SignerRole], ...]
IN_STEAD: By = ((SUSI, "actor"), (OTTO, "receiver"))


def gone(who: Member = EMMA) -> Chain:
    """The lab, in which somebody's key ended half an hour after the case began."""
    lab = the_lab()
    lab.at = ENDED - timedelta(minutes=1)
    lab.revoke(who)
    return lab


GONE = gone()


def received() -> Custody:
    case = third(seized(), **FORM, giver=BRANDT)
    case.step("receive", "RECEIVED", (EMMA, "receiver"), holder_id=EMMA.person)
    return third(case)


def shelved() -> Custody:
    case = received()
    case.step("store", "STORED", (EMMA, "actor"))
    return case


def checked_out() -> Custody:
    case = shelved()
    case.step("check_out", "CHECKED_OUT", (EMMA, "actor"))
    return case


def under_examination() -> Custody:
    case = checked_out()
    case.step("begin_examination", "UNDER_EXAM", (EMMA, "actor"))
    return case


def carried() -> Custody:
    case = shelved()
    case.step("dispatch", "IN_TRANSIT", (EMMA, "actor"), told={"carrier": EMMA.name}, holder_id=EMMA.person)
    return case


def transferred(by: Member | None = None) -> Custody:
    """What was sent to an agency by a parcel service, or is carried there by somebody of the laboratory."""
    case, to = shelved(), {"holder_id": None, "holder": "Customs"}
    carrier = "Parcel service" if by is None else by.name
    told = {"agency": "Customs", "carrier": carrier, **FORM}
    new = to if by is None else {"holder_id": by.person}
    case.step("transfer_out", "TRANSFERRED", (EMMA, "actor"), told=told, **new)
    return case


def carried_there() -> Custody:
    return transferred(EMMA)


def carried_back() -> Custody:
    case = carried_there()
    case.step("call_back", "RETURN_IN", (EMMA, "actor"), told=RECEIPT, holder_id=EMMA.person)
    return case


def hers_at_the_scene() -> Custody:
    case = third(Custody())
    row = {"state": "IDENTIFIED", "holder_id": EMMA.person, "holder": EMMA.name, "number": "LH/01", "case_id": CASE}
    case.put("exhibit.add", (EMMA, "actor"), facts=case.stated, **row)
    return case


def take_over(case: Custody, *by: tuple[Member, SignerRole], told: Any = None, late: bool = True, **more: Any) -> None:
    signers = by or IN_STEAD
    case.at = max(case.at, ENDED) if late else case.at
    new = {"holder_id": signers[-1][0].person, **more}
    case.step("take_over", case.row["state"], *signers, told=WHY if told is None else told, **new)


HELD = (received, checked_out, under_examination, carried, carried_there, carried_back, hers_at_the_scene)


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize("held", HELD)
def test_a_supervisor_lets_somebody_take_over_what_somebody_has_whose_key_ended(held: Callable[[], Custody]) -> None:
    case = held()
    assert named(case, GONE) == []
    take_over(case)
    assert named(case, GONE) == []
    assert verify(case.entries, ring_of(GONE)).first_bad is None, "and the entry is signed by keys in force"
    take_over(case)
    assert len(named(case, GONE)) == 1, "the same again: who took it over has a key"


FORGED: dict[str, tuple[str, Callable[[], tuple[Custody, Chain]]]] = {}


def forged(words: str) -> Callable[[Callable[[Custody], Chain | None]], None]:
    """A way of taking over what somebody has, by which it is not allowed; the words are those of the finding."""

    def kept(act: Callable[[Custody], Chain | None]) -> None:
        def made() -> tuple[Custody, Chain]:
            case = checked_out()
            return case, act(case) or GONE

        FORGED[act.__name__] = words, made

    return kept


@forged("whose key had not ended then")
def key_in_force(case: Custody) -> Chain:
    take_over(case)
    return LAW


@forged("whose key had not ended then")
def key_ended_after_the_act(case: Custody) -> None:
    take_over(case, late=False)


@forged("whose key had not ended then")
def key_replaced(case: Custody) -> Chain:
    lab = gone()
    lab.enrol(EMMA.with_key("Emma's second key"), "examiner", action="key.replace")
    case.at = lab.at
    take_over(case)
    return lab


@forged("one person signs twice")
def supervisor_takes_it_herself(case: Custody) -> None:
    take_over(case, (SUSI, "actor"), (SUSI.with_key("another"), "receiver"))


@forged("needs the signatures of actor and receiver; it has those of actor.")
def supervisor_alone(case: Custody) -> None:
    take_over(case, (SUSI, "actor"))


@forged("needs the signatures of actor and receiver; it has those of giver and receiver.")
def supervisor_as_giver(case: Custody) -> None:
    take_over(case, (SUSI, "giver"), (OTTO, "receiver"))


@forged("Emma Examiner gives LH/01 and did not hold it")
def key_that_ended_gives(case: Custody) -> None:
    take_over(case)
    case.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), (SUSI, "receiver"), holder_id=SUSI.person)


@forged("needs the signatures of giver and receiver; it has those of actor and receiver.")
def by_another_step(case: Custody) -> None:
    case.at = ENDED
    case.step("hand_over", "CHECKED_OUT", *IN_STEAD, told=WHY, holder_id=OTTO.person)


@forged("and was no supervisor then")
def examiner_orders(case: Custody) -> None:
    take_over(case, (OTTO, "actor"), (SUSI, "receiver"))


@forged("and was no supervisor then")
def administrator_orders(case: Custody) -> None:
    take_over(case, (ADA, "actor"), (OTTO, "receiver"))


@forged("did not hold the role for it then")
def auditor_takes(case: Custody) -> None:
    take_over(case, (SUSI, "actor"), (OLGA, "receiver"))


@forged("it is not said in words, as a deviation, why")
def no_reason(case: Custody) -> None:
    take_over(case, told={"key_ended_at": WHY["key_ended_at"]})


@forged("it is not said in words, as a deviation, why")
def reason_without_words(case: Custody) -> None:
    take_over(case, told={**WHY, "unsigned_reason": "- 12"})


@forged("it is not said in words, as a deviation, why")
def no_deviation(case: Custody) -> None:
    take_over(case, is_bare=True)


@forged("and it states another time")
def another_time_of_the_end(case: Custody) -> None:
    take_over(case, told={**WHY, "key_ended_at": utc_text(NOON)})


@forged("is signed last by Otto Officer, and leaves it with somebody else")
def nobody_has_it_then(case: Custody) -> None:
    take_over(case, holder_id=None, holder="Nobody")


@forged("is not in the hands of somebody of the laboratory who does not sign")
def who_is_gone_takes_it(case: Custody) -> None:
    take_over(case, (SUSI, "actor"), (EMMA, "receiver"))


@forged("take over is not possible for LH/01, which is STORED")
def from_the_shelf(case: Custody) -> None:
    case.step("return_to_store", "STORED", (EMMA, "actor"))
    take_over(case)


@pytest.mark.req("REQ-18", "REQ-19", "REQ-68")
@pytest.mark.parametrize("way", FORGED)
def test_nothing_else_is_taken_out_of_the_hands_of_who_does_not_sign(way: str) -> None:
    words, made = FORGED[way]
    case, lab = made()
    found = named(case, lab)
    assert any(words in one for one in found), found


@pytest.mark.req("REQ-15", "REQ-68")
def test_an_entry_by_which_something_was_taken_over_is_good_in_its_own_place_alone() -> None:
    case = checked_out()
    take_over(case)
    again = case.entries[-1]
    case.entries.append(again)
    assert verify(case.entries, ring_of(GONE)).intact.value == "no"
    other = Custody(OTHER_CASE)
    other.entries.append(again)
    assert "is about LH/01, which this chain never registered." in named(other, GONE)[-1]


@pytest.mark.req("REQ-68")
def test_what_the_second_rules_did_not_know_they_go_on_not_knowing() -> None:
    def by_the_second(*told: tuple[str, str, By]) -> list[str]:
        case = stored()
        case.stated = {"custody_rules": 2, **FORM, **WHY, "reason": "Undelivered", "seal_check": "intact"}
        for event, to, by in told:
            case.at = ENDED
            case.step(event, to, *by, holder_id=by[-1][0].person)
        return named(case, gone(OTTO))

    send: tuple[str, str, By] = ("transfer_out", "TRANSFERRED", ((OTTO, "actor"),))
    assert by_the_second(send) == []
    assert len(by_the_second(send, ("take_over", "TRANSFERRED", ((SUSI, "actor"), (EMMA, "receiver"))))) == 1
    assert len(by_the_second(send, ("receive", "RECEIVED", ((OTTO, "giver"), (EMMA, "receiver"))))) == 1
    assert len(by_the_second(("move", "STORED", ((EMMA, "actor"),)))) == 1


@pytest.mark.req("REQ-18", "REQ-68")
def test_any_exhibits_officer_hands_out_what_lies_on_the_shelf_and_nobody_else_does() -> None:
    for who, is_allowed in ((EMMA, True), (OTTO, True), (SUSI, False)):
        for event, to, told in (
            ("check_out", "CHECKED_OUT", {}),
            ("move", "STORED", {}),
            ("dispatch", "IN_TRANSIT", {"carrier": who.name}),
            ("transfer_out", "TRANSFERRED", {"carrier": who.name}),
        ):
            case = shelved()
            case.step(event, to, (who, "actor"), told=told, holder_id=who.person)
            assert (named(case) == []) is is_allowed, (who.name, event)
    for giver, is_allowed in ((EMMA, True), (OTTO, True), (ADA, False)):
        case = shelved()
        case.step("check_out", "CHECKED_OUT", (giver, "giver"), (SUSI, "receiver"), holder_id=SUSI.person)
        assert (named(case) == []) is is_allowed, giver.name
    for giver, is_allowed in ((EMMA, True), (OTTO, True), (ADA, False)):
        case = shelved()
        offer = case.add("transfer.offer", (giver, "giver"), facts={"offered": "check_out"})
        told = {"offer": offer.digest.hex()}
        case.step("check_out", "CHECKED_OUT", (SUSI, "receiver"), told=told, holder_id=SUSI.person)
        assert any("by somebody who did not hold it" in one for one in named(case)) is not is_allowed
    for held in (received, checked_out):
        case = held()
        event, to = ("store", "STORED") if held is received else ("return_to_store", "STORED")
        case.step(event, to, (OTTO, "actor"), holder_id=OTTO.person)
        assert "out of the hands of somebody who does not sign" in named(case)[0], "this is in somebody's hands"


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize(("who", "count"), [(EMMA, 0), (OTTO, 0), (OLGA, 1)])
def test_any_exhibits_officer_carries_out_the_disposal_of_what_another_stored(who: Member, count: int) -> None:
    case = shelved()
    row = {"exhibit_id": CASE, "proposed_by": EMMA.person, "way": "destroy"}
    case.dispose("custody.propose_disposal", (EMMA, "actor"), state="proposed", to="DISPOSAL_PENDING", **row)
    case.dispose("disposal.approve", (SUSI, "actor"), state="approved", decided_by=SUSI.person)
    facts = {"event": "destroy", "from_state": "DISPOSAL_PENDING", "to_state": "DESTROYED", "custody_rules": 3}
    change = Change(table="disposal", id=OTHER_CASE, set={"state": ("approved", "carried out")})
    new: dict[str, Any] = {"state": "DESTROYED", "holder_id": None}
    case.put("custody.destroy", (who, "actor"), (ADA, "witness"), facts=facts, beside=(change,), **new)
    words = "was held by somebody who neither does it nor witnesses it"
    assert sum(words in one for one in named(case)) == count


@pytest.mark.req("REQ-68")
def test_without_the_lab_chain_nothing_is_said_of_roles_and_ended_keys_but_of_everything_else() -> None:
    nothing = Chain(LAB, "lab")
    case = checked_out()
    take_over(case, (OTTO, "actor"), (SUSI, "receiver"), late=False)
    assert named(case, nothing) == []
    take_over(case, (OTTO, "actor"), (EMMA, "receiver"), is_bare=True)
    assert len(named(case, nothing)) == 1
    handed = shelved()
    handed.step("move", "STORED", (SUSI, "actor"), holder_id=SUSI.person)
    assert named(handed, nothing) == []


BACK = {"reason": "Undeliverable", "seal_check": "intact", "giver": "Parcel service", **FORM}


@pytest.mark.req("REQ-12", "REQ-18", "REQ-68")
@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ("", ""), ("reason", "it is not said why"), ("seal_check", "or how its seal is"),
        ("form_sha256", "states no signature"),
    ],
)  # fmt: skip
def test_what_was_transferred_comes_back_without_a_receipt_with_its_seal_and_why(left_out: str, words: str) -> None:
    case = transferred()
    told = {name: value for name, value in BACK.items() if name != left_out}
    case.step("receive", "RECEIVED", (OTTO, "receiver"), told=told, holder_id=OTTO.person)
    found = named(case)
    assert len(found) == bool(words), found
    assert words in "".join(found)
    themselves = carried_there()
    told = {name: BACK[name] for name in ("reason", "seal_check") if name != left_out}
    themselves.step("receive", "RECEIVED", (EMMA, "giver"), (OTTO, "receiver"), told=told, holder_id=OTTO.person)
    assert bool(named(themselves)) is (left_out in ("reason", "seal_check"))


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize(
    ("what", "is_bare", "count"), [("It was lost.", False, 0), ("It was lost.", True, 1), (1, 0, 1)]
)
def test_what_was_transferred_and_lost_is_an_incident(what: Any, is_bare: bool, count: int) -> None:
    case = transferred()
    case.step(
        "report_lost", "LOST_INCIDENT", (OTTO, "actor"), told={"incident": what}, is_bare=is_bare,
        holder_id=None, holder="Customs",
    )  # fmt: skip
    assert sum("no incident is stated" in one for one in named(case)) == count
    assert sum("lost" in one for one in named(carried_there_and_lost(OTTO))) == 0
    assert "out of the hands of somebody who does not sign" in named(carried_there_and_lost(OTTO))[0]
    assert named(carried_there_and_lost(EMMA)) == []


def carried_there_and_lost(by: Member) -> Custody:
    case = carried_there()
    told = {"incident": "Stolen from the car."}
    case.step("report_lost", "LOST_INCIDENT", (by, "actor"), told=told, holder_id=None, holder=EMMA.name)
    return case


ABSENCE = (
    "whose key had not ended then", "and it states another time", "and was no supervisor then", "as a deviation, why",
    "is not in the hands of somebody of the laboratory", "take over needs the signatures",
    "it is not said why, or how its seal is", "and no incident is stated",
)  # fmt: skip
"""Words of the findings about who could not sign."""
STATED: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("unsigned_reason", ("He died", "He died", "-", 1)),
    ("key_ended_at", (utc_text(ENDED + timedelta(minutes=1)), WHY["key_ended_at"], utc_text(NOON), None)),
    ("incident", ("It was lost.", "", 0)),
    ("reason", ("Undeliverable", "Undeliverable", " ")),
    ("seal_check", ("intact", "intact", None)),
    ("carrier", ("Otto Officer", "Emma Examiner", "Jonas Brandt")),
    ("giver", ("Jonas Brandt",)),
    ("form_sha256", ("0f" * 32,)),
    ("receipt_sha256", ("1d" * 32,)),
)


class InStead(Forger):
    """A forger who often takes over from who is gone."""

    def step(self) -> None:
        by, case = self.by, self.case
        if by.random() < 0.6:
            super().step()
            return
        first = SUSI if by.random() < 0.85 else by.choice((OTTO, EMMA, ADA))
        last = by.choice([one for one in (OTTO, EMMA, SUSI, OLGA) if one is not first])
        roles: tuple[SignerRole, SignerRole] = ("actor" if by.random() < 0.95 else "giver", "receiver")
        new = {"holder_id": last.person} if by.random() < 0.9 else {}
        case.step("take_over", case.row["state"], (first, roles[0]), (last, roles[1]), is_bare=by.random() < 0.1, **new)


@pytest.mark.req("REQ-17", "REQ-18", "REQ-68")
def test_both_name_the_same_acts_in_the_stead_of_others_drawn_by_lot() -> None:
    """Two keys end in the course of each chain; who acts, from where and what is told, is drawn."""
    lab = gone(OTTO)
    lab.revoke(EMMA)
    lines, ring = lines_of(lab.entries), ring_of(lab)
    people, found = people_of(lines, set(), None), set[str]()
    allowed = dict.fromkeys(("custody.take_over", "custody.receive", "custody.report_lost", "custody.move"), 0)
    for seed in range(280):
        by = random.Random(seed)
        case = by.choice((received, shelved, checked_out, transferred, carried_there, carried_back, carried))()
        first = len(case.entries)
        forger = InStead(case, by)
        forger.told_truly = 0.8
        for _ in range(6):
            if by.random() < 0.9:
                case.at = max(case.at, ENDED)
            told = {name: by.choice((values[0], by.choice(values))) for name, values in STATED if by.random() < 0.95}
            case.stated = {**told, "custody_rules": 3}
            forger.step()
        ours = breaches(case.entries, ring, Begun())
        places = sorted({one.entry_index for one in ours})
        assert places == acts.breaches(lines_of(case.entries), people, lines), f"seed {seed}"
        found |= {rule for rule in ABSENCE for one in ours if rule in one.what}
        for place, entry in enumerate(case.entries[first:], first):
            if place not in places and entry.content.action in allowed:
                allowed[entry.content.action] += 1
    assert min(allowed.values()) > 2, allowed
    assert found == set(ABSENCE), "every rule is broken somewhere"
