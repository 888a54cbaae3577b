"""What leaves the hands of who cannot sign: "From the shelf", "Taken over" and "After a transfer" in section 7."""

from typing import Any

from tests.second_verifier.hands import Lab, begun_as, has_letter
from tests.second_verifier.people import held, roles_in

Row = dict[str, Any]


def has_role(lab: Lab, person: str, role: str, time: str) -> bool:
    """Whether a person had a role at a time; where the lab chain does not tell, everybody counts as having it."""
    given = lab.given(person, time)
    return not lab.is_known(time) or (given is not None and role in (roles_in(given["facts"]) or set()))


def is_handed_out(lab: Lab, giver: str | None, before: Row, time: str) -> bool:
    """Whether somebody hands out what lies on a shelf, whoever put it there."""
    if before.get("state") not in ("STORED", "DISPOSAL_PENDING") or before.get("holder_id") is None:
        return False
    return giver is not None and has_role(lab, giver, "exhibits officer", time)


def gone_since(lab: Lab, person: str, time: str) -> str | None:
    """When the last key of a person ended; None where one holds, or none ever began."""
    theirs = [one for one in lab.people.holdings if one.person == person and one.from_time <= time]
    if not theirs or any(held(one, None, time) for one in theirs):
        return None
    return max(one.to_time for one in theirs if one.to_time is not None)


def is_taken_over(lab: Lab, body: Row, roles: list[str], holder: Any, time: str) -> bool:
    """Whether an exhibit is taken over as it may be from somebody who is gone."""
    facts, signers = body["facts"], body["signers"]
    if roles != ["actor", "receiver"] or type(holder) is not str or holder in [one["person"] for one in signers]:
        return False
    why = facts.get("unsigned_reason")
    if not has_letter(why) or why not in begun_as(body, "deviation", "reason"):
        return False
    if not has_role(lab, signers[0]["person"], "supervisor", time):
        return False
    ended = gone_since(lab, holder, time)
    return not lab.is_known(time) or (ended is not None and facts.get("key_ended_at") == ended)


def is_left_after_transfer(body: Row, event: str, before: Row, rules: int) -> bool:
    """Whether what was transferred without a receipt comes back, or is lost, without what has to be told of it."""
    facts = body["facts"]
    is_lost = event == "report_lost" and rules >= 5
    if not is_lost and (before.get("state"), event) not in (
        ("TRANSFERRED", "receive"), ("TRANSFERRED", "report_lost"), ("RETURN_IN", "report_lost")
    ):  # fmt: skip
        return False
    if event == "receive":
        return not (has_letter(facts.get("reason")) and has_letter(facts.get("seal_check")))
    told = [one for one in begun_as(body, "incident", "what") if has_letter(one)]
    incident = facts.get("incident")
    return type(incident) is not str or not any(one in incident for one in told)
