"""Random sequences of custody events, legal and illegal, on both databases: what is stored is always the replay."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensics_app.errors import RefusedError
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import Exhibit, State
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")
FIELDS = {
    "place": "Reception", "purpose": "Examination", "seal_check": "0048812 intact", "condition": "Undamaged",
    "seal_number": "0048812", "shelf": "A-07-3", "expected_return": "2026-11-24T17:00:00+01:00", "reason": "needed",
    "carrier": "Courier", "court": "District court", "witness": "Insp. Haas", "seizing_officer": "Sgt. Duarte",
    "method": "shredded", "authority": "4 Gs 812/26",
}  # fmt: skip
PEOPLE = ("examiner", "custodian", "supervisor")
NUMBERS = count(1)

steps = st.lists(
    st.fixed_dictionaries({
        "pick": st.integers(0, 63),
        "legal": st.booleans(),
        "signers": st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2),
        "missing": st.sets(st.sampled_from(sorted(FIELDS)), max_size=1),
        "outside": st.sampled_from(["", "Sgt. Duarte"]),
        "holder_signs": st.booleans(),
    }),
    min_size=1,
    max_size=12,
)  # fmt: skip


@pytest.mark.req("REQ-17")
@given(steps)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_after_any_sequence_of_steps_the_rows_are_the_replay_and_every_attempt_has_its_entry(
    bench: Bench, steps: list[dict[str, object]]
) -> None:
    cases = bench.lab.cases.list()
    exhibit = bench.exhibit(cases[0] if cases else bench.case(), f"R/{next(NUMBERS)}")
    for step in steps:
        take(bench, exhibit, step)
    report = bench.lab.verification.verify()
    assert report.ok, report


def take(bench: Bench, exhibit: Exhibit, step: dict[str, object]) -> None:
    """Take one step, and hold what is stored against what the answer said."""
    before, known = bench.lab.exhibits.get(exhibit.id), len(bench.lab.custody.history(exhibit.id))
    event, result = wanted(bench, exhibit, step)
    signers = [getattr(bench, str(name)) for name in step["signers"]]  # type: ignore[attr-defined]
    if step["holder_signs"] and before.holder_id is not None:
        everybody = (bench.examiner, bench.custodian, bench.supervisor)
        signers[0] = next(one for one in everybody if one.person.id == before.holder_id)
    fields = {name: value for name, value in FIELDS.items() if name not in step["missing"]}  # type: ignore[operator]
    request = bench.request(exhibit, event, fields=fields, outside_party=step["outside"])
    try:
        if len(signers) == 2:
            bench.lab.custody.hand_over(*signers, request)
        else:
            bench.lab.custody.perform(signers[0], request)
    except RefusedError:
        expected, action = before.state, "custody.refused"
    else:
        assert result is not None, f"{event} was taken in the state {before.state}, which has no such step"
        expected, action = result, f"custody.{event}"
    after, history = bench.lab.exhibits.get(exhibit.id), bench.lab.custody.history(exhibit.id)
    assert after.state is expected
    assert [entry.action for entry in history[known:]] == [action]
    if action == "custody.refused":
        assert after == before


def wanted(bench: Bench, exhibit: Exhibit, step: dict[str, object]) -> tuple[str, State | None]:
    """The event to try, and where it leads from here; None where it leads nowhere."""
    possible = {one.event: one.to_state for one in bench.lab.custody.possible(exhibit.id)}
    events = list(possible) if step["legal"] and possible else list(Event)
    event = events[int(str(step["pick"])) % len(events)]
    return event.value, possible.get(event)
