"""A new seal's number is corrected: what is read on it later is what is recorded (REQ-12, REQ-20)."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.model.exhibit import Exhibit
from tests.builders import Bench
from tests.forensics_app.services.test_possession import is_in_order
from tests.forensics_app.services.test_seals_unasked import OUT, SHELF, TAKEN, received, take

BROKEN = {"seal_check": "broken"}
NEW = {"seal_check": "new", "seal_number": "0048899"}
RIGHT = {"seal_check": "intact", "seal_number": "0048889"}
WHOLE = {"seal_check": "intact", "seal_number": "0048812"}
EXAMINED = (*TAKEN, ("begin_examination", {"write_blocker": "T8u", **WHOLE}))
BACK = {**SHELF, **NEW, "hash_pair": "None: nothing was copied"}
CORRECTED = "recorded as 0048899; the record was corrected to 0048889."
FOUND = "recorded as 0048812 and found as 0048889."
WAYS: dict[str, tuple[dict[str, str], tuple[tuple[str, dict[str, str]], ...], str]] = {
    "receive": (NEW, (), FOUND),
    "store": ({}, (("store", {**SHELF, **NEW}),), CORRECTED),
    "return_to_store, examined": ({}, (*EXAMINED, ("return_to_store", BACK)), CORRECTED),
    "return_to_store, told broken": (BROKEN, (*TAKEN, ("return_to_store", BACK)), CORRECTED),
    "move, told broken": (BROKEN, (("store", SHELF), ("move", {"shelf": "B-01", **NEW})), CORRECTED),
    "move, as it was": ({}, (("store", SHELF), ("move", {"shelf": "B-01", **NEW})), FOUND),
}
"""How the seal was found when it was received, the way to the step that puts another on, and what its correction is."""


def told(bench: Bench, exhibit: Exhibit) -> list[str]:
    return [one.what for one in bench.lab.incidents.of_exhibit(exhibit.id)]


@pytest.mark.req("REQ-12", "REQ-20")
def test_a_corrected_number_of_a_new_seal_is_one_incident_and_what_is_read_later_agrees(
    bench: Bench, tmp_path: Path
) -> None:
    case, raised = bench.case(), {}
    for place, (name, (found, way, _)) in enumerate(WAYS.items()):
        exhibit = received(bench, case, f"LH/{place:02}", **found)
        for event, fields in way:
            take(bench, exhibit, event, fields)
        before, put_on = told(bench, exhibit), bench.lab.custody.history(exhibit.id)[-1].sequence
        right = {"seal_number": "0048889"}
        bench.lab.custody.correct(bench.custodian, exhibit.id, put_on, right, "Misread the last digits")
        corrected = told(bench, exhibit)
        if way:
            take(bench, exhibit, "move", {"shelf": "C-01", **RIGHT})
        take(bench, exhibit, "check_out", {**OUT, **RIGHT})
        take(bench, exhibit, "begin_examination", {"write_blocker": "T8u", **RIGHT})
        assert told(bench, exhibit) == corrected, name
        raised[name] = [one for one in corrected if one not in before]
    assert all(len(one) == 1 and one[0].endswith(WAYS[name][2]) for name, one in raised.items()), raised
    is_in_order(bench, exhibit, tmp_path)
