"""An exhibit on its way from hand to hand, for tests: what is told of it is what is there, unless they say else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chain_of_custody.ledger import Change, Entry, SignerRole
from tests.chain_of_custody.chains import CASE, LAB, OTHER_CASE, Member
from tests.chain_of_custody.test_possession_rules import BRANDT, COURIER, DRAWN, FORM
from tests.chain_of_custody.test_rules import EMMA, OTTO, Custody

OFFER = f"{LAB[:-6]}990002"
RECEIPT = {"receipt_sha256": "1d" * 32}
AS_EMMA = Member(OTTO.person, EMMA.name, OTTO.key)
"""Otto, who signs with his key and under Emma's name."""
Act = Callable[[Custody], object]


def begun(rules: int, **row: Any) -> Custody:
    """An exhibit that Otto registered, by these rules."""
    case = Custody()
    case.stated = {"custody_rules": rules}
    new = {"state": "IDENTIFIED", "holder_id": OTTO.person, "holder": OTTO.name, "number": "LH/01", "case_id": CASE}
    case.put("exhibit.add", (OTTO, "actor"), facts=case.stated, **{**new, **row})
    return case


def at_the_scene(rules: int, officer: str = BRANDT) -> Custody:
    case = begun(rules)
    told = {"seizing_officer": officer}
    case.step("seize", "SEIZED", (OTTO, "actor"), told=told, holder_id=None, holder=officer)
    return case


def carried(rules: int) -> Custody:
    """What Otto seized and carries."""
    case = begun(rules)
    case.step("seize", "SEIZED", (OTTO, "actor"), told={"seizing_officer": OTTO.name}, **of(OTTO))
    case.step("dispatch", "IN_TRANSIT", (OTTO, "actor"), told={"carrier": OTTO.name}, **of(OTTO))
    return case


def out(rules: int) -> Custody:
    """What Emma has in her hands, checked out."""
    case = at_the_scene(rules)
    case.step("receive", "RECEIVED", (EMMA, "receiver"), told={**FORM, "giver": BRANDT}, **of(EMMA))
    case.step("store", "STORED", (EMMA, "actor"))
    case.step("check_out", "CHECKED_OUT", (EMMA, "actor"))
    return case


def sent(rules: int) -> Custody:
    """What was transferred to customs."""
    case = out(rules)
    case.step("return_to_store", "STORED", (EMMA, "actor"))
    told = {"agency": "Customs", "carrier": COURIER, "form_sha256": "2f" * 32}
    case.step("transfer_out", "TRANSFERRED", (EMMA, "actor"), told=told, holder_id=None, holder="Customs")
    return case


def of(who: Member) -> dict[str, str]:
    return {"holder_id": who.person, "holder": who.name}


def nobodys(holder: Any) -> dict[str, Any]:
    return {"holder_id": None, "holder": holder}


def offered(case: Custody, *by: tuple[Member, SignerRole], **told: Any) -> Entry:
    """Emma offers the exhibit to Otto."""
    row = {"exhibit_id": CASE, "event": "hand_over", "from_state": case.row["state"]}
    row |= {"giver_id": EMMA.person, "receiver_id": OTTO.person} | told
    pairs = {name: value if type(value) is tuple else (None, value) for name, value in row.items()}
    changes = (Change(table="transfer_offer", id=OFFER, set=pairs),)
    return case.add("transfer.offer", *(by or ((EMMA, "giver"),)), facts={"offered": "hand_over"}, changes=changes)


def accepted(case: Custody, offer: Entry, by: Member = OTTO) -> None:
    told = {"offer": offer.digest.hex()}
    case.step("hand_over", case.row["state"], (by, "receiver"), told=told, **of(by))


def answered(case: Custody, offer: Entry, how: str, *by: Member) -> None:
    signers: list[tuple[Member, SignerRole]] = [(one, "actor") for one in by]
    case.add(f"transfer.{how}", *signers, facts={"offer": offer.digest.hex()})


def put_back_and_taken_again(case: Custody) -> None:
    case.step("return_to_store", "STORED", (EMMA, "actor"))
    case.step("check_out", "CHECKED_OUT", (EMMA, "actor"))


def another(case: Custody, number: Any = "LH/02", **row: Any) -> None:
    """Otto registers another exhibit, which Brandt has seized."""
    new = {"state": "IDENTIFIED", **of(OTTO), "number": number, "case_id": CASE, **row}
    change = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in new.items()})
    case.add("exhibit.add", (OTTO, "actor"), facts=case.stated, about=("exhibit", OTHER_CASE), changes=(change,))


def step_of_another(case: Custody, event: str, way: tuple[str, str], role: SignerRole, told: Any, **new: Any) -> None:
    facts = {"event": event, "from_state": way[0], "to_state": way[1], **case.stated, **told}
    was = of(OTTO) if way[0] == "IDENTIFIED" else nobodys(BRANDT)
    pairs = {"state": way, **{name: (was[name], value) for name, value in new.items()}}
    change = Change(table="exhibit", id=OTHER_CASE, set=pairs)
    case.add(f"custody.{event}", (OTTO, role), facts=facts, about=("exhibit", OTHER_CASE), changes=(change,))


def two_seized(case: Custody) -> None:
    another(case)
    step_of_another(case, "seize", ("IDENTIFIED", "SEIZED"), "actor", {"seizing_officer": BRANDT}, **nobodys(BRANDT))


def both_received(case: Custody, between: Act = lambda _: None) -> None:
    """Both exhibits are received by one drawn signature."""
    told = {**DRAWN, "giver": BRANDT, "occurred_at": "2026-01-31T12:00:00+00:00"}
    case.step("receive", "RECEIVED", (OTTO, "receiver"), told=told, **of(OTTO))
    between(case)
    step_of_another(case, "receive", ("SEIZED", "RECEIVED"), "receiver", told, **of(OTTO))


def confirmed(case: Custody, **receipt: str) -> None:
    case.step("confirm_receipt", "RECEIVED", (EMMA, "actor"), told={"agency": "Customs", **(receipt or RECEIPT)})


def back(form: str) -> dict[str, str]:
    return {"giver": "Customs", "form_sha256": form * 32}


def come_back_and_sent_again(case: Custody) -> None:
    case.step("call_back", "RETURN_IN", (EMMA, "actor"))
    case.step(
        "receive", "RECEIVED", (EMMA, "receiver"), told={"giver": "Customs", "form_sha256": "3f" * 32}, **of(EMMA)
    )
    case.step("store", "STORED", (EMMA, "actor"))
    told = {"agency": "Customs", "carrier": COURIER, "form_sha256": "4f" * 32}
    case.step("transfer_out", "TRANSFERRED", (EMMA, "actor"), told=told, **nobodys("Customs"))


def left(case: Custody, holder: str, **told: Any) -> None:
    case.step("leave_in_place", "LEFT_IN_PLACE", (OTTO, "actor"), told=told, **nobodys(holder))


def lost(case: Custody, holder: Any, **told: Any) -> None:
    case.step(
        "report_lost", "LOST_INCIDENT", (OTTO, "actor"), told={"incident": "It is gone", **told}, **nobodys(holder)
    )


def clock_set_back(case: Custody) -> None:
    """A week passes, which somebody's note shows; then the clock is set back."""
    case.add("note.add", (EMMA, "actor"), at=case.at + timedelta(days=7))
    case.at -= timedelta(days=7)


def taken_in(case: Custody, holder: str) -> None:
    row = {
        "state": "STORED",
        **nobodys(holder),
        "type": "image",
        "parent_id": CASE,
        "case_id": CASE,
        "number": "LH/01-I1",
    }
    change = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
    facts = {"event": "image", "from_state": "CHECKED_OUT", "to_state": "IMAGED"}
    case.put("image.intake", (EMMA, "actor"), facts=facts, beside=(change,), state="IMAGED")
