"""Which rules of custody hold, by "Rules of custody" in section 7 of the format."""

from typing import Any

from tests.second_verifier.entries import Line
from tests.second_verifier.hands import HOLDERS, Lab
from tests.second_verifier.people import People

Row = dict[str, Any]


def listed(body: Row) -> list[Row] | None:
    """The heads of chains that an entry `lab.rules` states; None where it states none in the form that is asked for."""
    chains, forms = body["facts"].get("chains"), {"chain": str, "head": str, "sequence": int}
    if body["chain_kind"] != "lab" or type(chains) is not list:
        return None
    for one in chains:
        if type(one) is not dict or one.keys() != forms.keys():
            return None
        if any(type(one[name]) is not form for name, form in forms.items()) or one["sequence"] < 1:
            return None
    return chains if len({one["chain"] for one in chains}) == len(chains) else None


def rules_begun(body: Row, highest: int, anchored: list[Any], lab: Lab, time: str) -> int | None:
    """The number of the rules that an entry `lab.rules` begins; None where it begins none."""
    number, heads = body["facts"].get("custody_rules"), listed(body)
    is_known = type(number) is int and number in (2, 3, 4, 5) and number > highest
    if not is_known or heads is None:
        return None
    needed = HOLDERS if number < 4 else {"administrator", "supervisor"}
    roles = [lab.roles_at(one["person"], time) for one in body["signers"]]
    if any(one is not None and not one & needed for one in roles):
        return None
    return None if {one for one in anchored if type(one) is str} - {one["chain"] for one in heads} else number


def begun_by(lab: list[Line], people: People) -> list[tuple[int, Row]]:
    """The rules that a lab chain begins, each with how many entries of which chain were there before."""
    found: list[tuple[int, Row]] = []
    anchored: list[Any] = []
    latest = ""
    for line in lab:
        if line.body is None:
            continue
        latest = max(latest, line.body["recorded_at"])
        if line.body["chain_kind"] != "lab":
            continue
        if line.body["action"] == "case.anchor":
            anchored.append(line.body["facts"].get("chain"))
        if line.body["action"] == "lab.rules":
            number = rules_begun(line.body, max([1, *(one for one, _ in found)]), anchored, Lab(people, lab), latest)
            if number is not None:
                found.append((number, {one["chain"]: one["sequence"] for one in listed(line.body) or []}))
    return found
