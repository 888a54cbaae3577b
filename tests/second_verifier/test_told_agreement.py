"""What is told of an exhibit is what is written of it, under the fifth rules: both verifiers name the same."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.chain_of_custody.chains import CASE, OTHER_CASE
from tests.chain_of_custody.test_possession_rules import BRANDT, FORM
from tests.chain_of_custody.test_rules import OTTO, SUSI, Custody
from tests.second_verifier.on_the_way import another, begun, carried, lost
from tests.second_verifier.test_forged_hands import is_named_by_both_since_the_fifth, is_named_by_neither
from tests.second_verifier.test_rows_agreement import row
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit, raised

INCIDENT = row("incident").id[:-6] + "990001"
Act = Callable[[Custody], object]
Start = Callable[[int], Custody]


def as_other(case: Custody, action: str, **more: Any) -> None:
    """Otto takes a step, or writes, of what bears another exhibit's number in what is signed."""
    another(case)
    case.add(action, (OTTO, "actor"), label="LH/02", **more)


def moved(case: Custody, *, shelf: str | None, place: object, **told: Any) -> None:
    facts = {"event": "move", "from_state": "STORED", "to_state": "STORED", **case.stated, **told}
    facts |= {} if shelf is None else {"shelf": shelf}
    where = {} if place is None else {"place": (case.row.get("place"), place)}
    case.add("custody.move", (OTTO, "actor"), facts=facts, changes=(of_exhibit(**where),))
    case.row["place"] = place


def corrected(case: Custody, pairs: dict[str, Any], number: int = 4, why: Any = "Misread", **columns: Any) -> None:
    step = case.entries[number - 1]
    facts = {"corrects": number, "corrects_digest": step.digest.hex(), "corrected": pairs}
    written = {name: (case.row.get(name), new) for name, new in columns.items()}
    changes = (of_exhibit(**written),) if columns else ()
    case.row.update(columns)
    case.add("exhibit.correct_step", (OTTO, "actor"), facts=facts, changes=changes, reason=why)


def at_hand(rules: int) -> Custody:
    """What Brandt seized by the rules of the test, told with where and when."""
    case = begun(rules, place="Harbour Lane 7", seized_place="Harbour Lane 7")
    told = {"seizing_officer": BRANDT, "occurred_at": "2026-11-18T09:00:00+01:00", "place": "Harbour Lane 7"}
    told |= {"witness": "Nora Reiter"}
    case.step("seize", "SEIZED", (OTTO, "actor"), told=told, holder=BRANDT, holder_id=None)
    return case


def found_there(rules: int) -> Custody:
    """What was found and nobody seized yet."""
    return begun(rules, place="Harbour Lane 7", seized_place="Harbour Lane 7")


def carried_by_both(rules: int) -> Custody:
    """What somebody left where it was found, while another one looked on."""
    case = found_there(rules)
    told = {"reason": "It is bolted to the wall", "witness": "Nora Reiter"}
    nobody = {"holder": "Nobody of the laboratory", "holder_id": None}
    case.step("leave_in_place", "LEFT_IN_PLACE", (OTTO, "actor"), told=told, **nobody)
    return case


def told_of(pairs: dict[str, Any], **columns: Any) -> Act:
    return lambda case: corrected(case, pairs, **columns)


def one_by_one(*acts: Act) -> Act:
    return lambda case: [act(case) for act in acts]


SHELF = {"shelf": ["A-07", "A-08"]}
DECISION = {"decided_by": (None, SUSI.person)}
RIGHT: dict[str, tuple[Start, Act]] = {
    "a move to what is told": (fifth, lambda case: moved(case, shelf="B-1", place="B-1")),
    "a step without a place": (fifth, lambda case: moved(case, shelf=None, place=None)),
    "the shelf before the place": (fifth, lambda case: moved(case, shelf="B-1", place="B-1", place_of="x")),
    "a shelf that was misread": (fifth, told_of(SHELF, place="A-08")),
    "one that was misread twice": (
        fifth, one_by_one(told_of(SHELF, place="A-08"), told_of({"shelf": ["A-08", "A-09"]}, place="A-09"))
    ),
    "one of a step before the last": (
        fifth,
        one_by_one(lambda case: moved(case, shelf="B-1", place="B-1"), told_of(SHELF)),
    ),
    "remarks": (fifth, told_of({"remarks": ["", "It rained"], "purpose": ["", "Storing"]})),
    "where and when it was seized": (
        at_hand,
        lambda case: corrected(
            case, {"place": ["Harbour Lane 7", "Pier 2"], "occurred_at": [
                "2026-11-18T09:00:00+01:00", "2026-11-18T10:00:00+01:00"
            ]}, 2, place="Pier 2", seized_place="Pier 2", seized_at="2026-11-18T10:00:00+01:00",
        ),
    ),
    "where it was found, and lies": (
        found_there,
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(
            place=("Harbour Lane 7", "Pier 2"), seized_place=("Harbour Lane 7", "Pier 2")
        )),
    ),
    "who seized it and the witness, where no seizure tells it": (
        found_there,
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(
            seized_by=(None, BRANDT), seizure_witness=(None, "Nora Reiter")
        )),
    ),
    "a witness who was misspelt": (
        at_hand,
        lambda case: corrected(case, {"witness": ["Nora Reiter", "Nora Reuter"]}, 2, seizure_witness="Nora Reuter"),
    ),
    "a witness of whom the seizure says nothing": (
        fifth, lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(seizure_witness=(None, "Nora Reiter")))
    ),
    "reasons of two ideographs": (fifth, lambda case: corrected(case, {"remarks": ["", "x"]}, why="遗失")),
    "a loss with its incident": (carried, lambda case: lost(case, OTTO.name)),
}  # fmt: skip
WRONG: dict[str, tuple[str, Start, Act]] = {
    "a step under another's number": (
        "is about LH/01, and names LH/02",
        fifth,
        lambda case: as_other(
            case, "custody.move", changes=(of_exhibit(state=("STORED", "STORED")),),
            facts={"event": "move", "from_state": "STORED", "to_state": "STORED", **case.stated},
        ),
    ),
    "a refusal under another's number": (
        "is about LH/01, and names LH/02", fifth, lambda case: as_other(case, "custody.refused")
    ),
    "a note under another's number": (
        "is about LH/01, and names LH/02",
        fifth,
        lambda case: as_other(case, "note.add", changes=(row("note", author_id=OTTO.person),)),
    ),
    "a photograph under a number that nobody has": (
        "and names LH/99",
        fifth,
        lambda case: case.add(
            "exhibit.photo", (OTTO, "actor"), label="LH/99", changes=(row("photo", exhibit_id=CASE),)
        ),
    ),
    "a registration under another number than it gives": (
        "is about LH/02, and names LH/03",
        fifth,
        lambda case: case.add(
            "exhibit.add", (OTTO, "actor"), facts=case.stated, label="LH/03", about=("exhibit", OTHER_CASE),
            changes=(row(
                "exhibit", OTHER_CASE, number="LH/02", state="IDENTIFIED", case_id=CASE, holder=OTTO.name,
                holder_id=OTTO.person,
            ),),
        ),
    ),
    "a move to elsewhere than told": (
        "tells B-1, and puts LH/01 at My garage", fifth, lambda case: moved(case, shelf="B-1", place="My garage")
    ),
    "a move that is told and not written": (
        "tells B-1, and puts LH/01 at A-07", fifth, lambda case: moved(case, shelf="B-1", place=None)
    ),
    "a move that is not told": (
        "tells no place, and puts LH/01 at B-1", fifth, lambda case: moved(case, shelf=None, place="B-1")
    ),
    "the place in the place of the shelf": (
        "tells B-1, and puts", fifth, lambda case: moved(case, shelf="B-1", place="Lobby", **{"agency": "Lobby"})
    ),
    "a place that is corrected on the shelf": (
        "elsewhere, which only its steps do",
        fifth,
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(place=("A-07", "My garage"))),
    ),
    "the same with where it was seized": (
        "elsewhere, which only its steps do",
        fifth,
        lambda case: changed(
            case, "exhibit.correct", OTTO, of_exhibit(place=("A-07", "Pier 2"), seized_place=(None, "Pier 2"))
        ),
    ),
    **{
        f"{column} apart from the seizure that told it": (
            f"exhibit.correct writes {column}, which is corrected with the seizure, entry 2",
            at_hand,
            lambda case, column=column, pair=pair: changed(case, "exhibit.correct", OTTO, of_exhibit(**{column: pair})),
        )
        for column, pair in {
            "seized_by": (None, "Max Crook"), "seizure_witness": (None, "Max Crook"),
            "seized_at": (None, "2031-01-01T00:00:00+00:00"), "seized_place": ("Harbour Lane 7", "Pier 2"),
        }.items()
    },
    "the witness as the officer": (
        "the officer who seized it and the witness",
        at_hand,
        lambda case: corrected(case, {"seizing_officer": [BRANDT, "Reiter Nora"]}, 2, seized_by="Reiter Nora"),
    ),
    "the officer as the witness": (
        "the officer who seized it and the witness",
        at_hand,
        lambda case: corrected(case, {"witness": ["Nora Reiter", BRANDT]}, 2, seizure_witness=BRANDT),
    ),
    "who corrects it as the officer": (
        "who signs it, the seizing officer of the seizure",
        at_hand,
        lambda case: corrected(case, {"seizing_officer": [BRANDT, OTTO.name]}, 2, seized_by=OTTO.name),
    ),
    "who corrects it as the witness": (
        "who signs it, the witness of the seizure",
        at_hand,
        lambda case: corrected(case, {"witness": ["Nora Reiter", OTTO.name]}, 2, seizure_witness=OTTO.name),
    ),
    "the witness of another step": (
        "corrects witness of entry 2",
        carried_by_both,
        lambda case: corrected(case, {"witness": ["Nora Reiter", "Max Crook"]}, 2),
    ),
    "a place that is corrected to elsewhere than it was seized": (
        "elsewhere, which only its steps do",
        found_there,
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(
            place=("Harbour Lane 7", "My garage"), seized_place=("Harbour Lane 7", "Pier 2")
        )),
    ),
    "who received it": ("corrects receiver of entry 4", fifth, told_of({"receiver": ["", "Max Crook"]})),
    "who gave it": (
        "corrects giver of entry 3", fifth, lambda case: corrected(case, {"giver": [BRANDT, "Max Crook"]}, 3)
    ),
    "a signed form": (
        "corrects form_sha256 of entry 3",
        fifth,
        lambda case: corrected(case, {"form_sha256": [FORM["form_sha256"], "aa" * 32]}, 3),
    ),
    "a state": ("corrects to_state of entry 4", fifth, told_of({"to_state": ["STORED", "REFUSED"]})),
    "what the step never told": ("corrects seal_check of entry 4", fifth, told_of({"seal_check": ["", "missing"]})),
    "remarks, and the place": (
        "writes place of LH/01 otherwise", fifth, told_of({"remarks": ["", "typo"]}, place="My garage")
    ),
    "a shelf, and another place": (
        "writes place of LH/01 otherwise", fifth, told_of(SHELF, place="My garage")
    ),
    "remarks, and who seized it": (
        "writes seized_by of LH/01 otherwise", fifth, told_of({"remarks": ["", "typo"]}, seized_by="Max Crook")
    ),
    "when a step was, as when it was seized": (
        "writes seized_at of LH/01 otherwise",
        fifth,
        told_of({"occurred_at": ["", "2031-01-01T00:00:00+00:00"]}, seized_at="2031-01-01T00:00:00+00:00"),
    ),
    "a shelf where it lies no more": (
        "writes place of LH/01 otherwise",
        fifth,
        one_by_one(lambda case: moved(case, shelf="B-1", place="B-1"), told_of(SHELF, place="A-08")),
    ),
    "no reason for a correction of a step": (
        "its reason is not in words", fifth, lambda case: corrected(case, {"remarks": ["", "x"]}, why=None)
    ),
    "one ideograph": (
        "its reason is not in words", fifth, lambda case: corrected(case, {"remarks": ["", "x"]}, why="失")
    ),
    "no reason for a correction": (
        "its reason is not in words",
        fifth,
        lambda case: case.add("exhibit.correct", (OTTO, "actor"), changes=(of_exhibit(serial=(None, "A1")),)),
    ),
    "an incident closed without a word": (
        "its decision is not in words",
        fifth,
        one_by_one(raised, lambda case: changed(
            case, "incident.close", SUSI, row("incident", INCIDENT, decision=(None, "."), **DECISION)
        )),
    ),
    "an incident closed without a decision": (
        "its decision is not in words",
        fifth,
        one_by_one(raised, lambda case: changed(case, "incident.close", SUSI, row("incident", INCIDENT, **DECISION))),
    ),
    "a loss without an incident": (
        "was lost, and no incident is stated",
        carried,
        lambda case: case.step(
            "report_lost", "LOST_INCIDENT", (OTTO, "actor"), told={"incident": "It is gone"}, is_bare=True,
            holder=OTTO.name, holder_id=None,
        ),
    ),
}  # fmt: skip


@pytest.mark.req("REQ-20", "REQ-68")
@pytest.mark.parametrize("name", RIGHT)
def test_what_is_written_as_it_is_told_is_named_by_neither(name: str) -> None:
    is_named_by_neither(*RIGHT[name])


@pytest.mark.req("REQ-12", "REQ-20", "REQ-68")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_written_otherwise_is_named_by_both_and_was_not_before(name: str) -> None:
    is_named_by_both_since_the_fifth(*WRONG[name])
