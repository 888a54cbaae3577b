"""Offers that are drawn by lot, most of them as the rules have them, and answers to them."""

import random

from chain_of_custody.ledger import Change, SignerRole
from tests.chain_of_custody.chains import CASE, Member
from tests.chain_of_custody.test_rules import OTTO, Custody


def drawn_offer(case: Custody, by: random.Random, giver: Member, receiver: Member) -> tuple[str, str] | None:
    """Make an offer; its event and digest, where it was not answered at once."""
    event = by.choice(("hand_over", "return_to_store", "check_out"))
    role: SignerRole = by.choice(("giver", "giver", "actor"))
    row = {"exhibit_id": CASE, "event": event, "from_state": case.row["state"]}
    row |= {"giver_id": giver.person, "receiver_id": receiver.person}
    if by.random() < 0.2:
        row[by.choice([*row])] = by.choice((None, {}, OTTO.person, "STORED"))
    pairs = {name: (None, value) for name, value in row.items()}
    change = Change(table="transfer_offer", id=f"{CASE[:-3]}e{by.randrange(10, 99)}", set=pairs)
    changes = (change,) if by.random() < 0.8 else ()
    made = case.add("transfer.offer", (giver, role), facts={"offered": event}, changes=changes)
    told, hands = {"offer": made.digest.hex()}, {"holder_id": receiver.person}
    match by.randrange(6):
        case 0:
            case.add(by.choice(("transfer.withdraw", "note.add")), (giver, "actor"), facts=told)
        case 1:
            case.add("transfer.refuse", (by.choice((receiver, OTTO)), "actor"), facts=told)
        case 2 if event == "hand_over":
            case.step("hand_over", case.row["state"], (receiver, "receiver"), told=told, **hands)
        case _:
            return event, made.digest.hex()
    return None
