"""Random sequences of custody events, legal and illegal, on both databases: what is stored is always the replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chain_of_custody.hand_rules import AWAY, TO_OUTSIDE
from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.custody import STAYS_PUT, CustodyRequest, Event, PaperKind, Transition
from forensics_app.model.disposal import CarryingOut, Disposal, DisposalState, NewDisposal, Way
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.incident import SealSeen
from forensics_app.model.person import Role, SignedIn
from resources import path as resource
from tests.builders import PASSPHRASE, SIGNED_FORM, Bench
from tests.forensics_app.services.test_possession import drawn_anew

DATABASES = ("sqlite", "postgresql")
PAPER = Path(resource("demo/exhibit-photo-laptop.jpg"))
TOLD = {
    "agency": "Customs laboratory", "authority": "4 Gs 812/26", "carrier": "Courier 7", "condition": "Undamaged",
    "court": "District court", "departed_at": "2026-11-20T13:00+01:00", "expected_return": "2027-11-24T17:00+01:00",
    "hash_pair": "no copy was made", "hearing": "12 KLs 3/27", "place": "Reception", "purpose": "Examination",
    "reason": "needed", "seal_check": "intact", "seal_number": "0048812", "seizing_officer": "Sgt. Duarte",
    "shelf": "A-07-3", "unsigned_reason": "They left", "witness": "Insp. Haas", "write_blocker": "Tableau T8u",
}  # fmt: skip
OF_EVERY_STEP = ("seal_number", "seal_check")
TWISTS = (
    "another event", "a gate left out", "not the holder", "the same person twice", "nobody outside named",
    "nobody outside signed",
)  # fmt: skip
OFFICERS = ("Sgt. Duarte", "Ana Kovač", "Tomasz Lis")
"""Who seized it: somebody without a key, somebody with one, and who records it."""
WAITING = (State.RECEIVED, State.REFUSED)
CARRIED = (Event.DISPATCH, Event.TRANSFER_OUT, Event.SEND_BACK)
NUMBERS = count(1)
ACCEPTED, REFUSED, ENDED, REPLACED = "accepted", "refused", "key ended", "key replaced"

steps = st.lists(
    st.fixed_dictionaries({
        "pick": st.integers(0, 2**16),
        "twist": st.sampled_from([None, None, None, *TWISTS]),
    }),
    min_size=4,
    max_size=16,
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """A step as it is tried: what it is called, what it does, and where it leads; None where it has to be refused."""

    name: str
    act: Callable[[], object]
    leads_to: State | None
    refused_as: str = "custody.refused"


@pytest.mark.req("REQ-17")
def test_after_every_step_of_any_sequence_the_rows_are_the_replay_and_every_attempt_has_its_entry(
    bench: Bench, tmp_path: Path
) -> None:
    case, source, seen, states = bench.case(), tmp_path / "disk.raw", Counter[str](), set[State]()
    source.write_bytes(bytes(range(256)) * 256)

    @given(steps)
    @settings(
        max_examples=14, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None,
        phases=[Phase.generate],  # what was done stays in the lab, so no shorter sequence can be told from it
    )  # fmt: skip
    def walk(steps: list[dict[str, object]]) -> None:
        number = next(NUMBERS)
        exhibit = bench.exhibit(case, f"R/{number}", officer=OFFICERS[number % len(OFFICERS)])
        for step in steps:
            if int(str(step["pick"])) % 5 == 0:
                seen.update([_end_or_replace(bench)])
            seen.update([_take(bench, exhibit, source, step)])
            states.add(bench.lab.exhibits.get(exhibit.id).state)
            report = bench.lab.verification.verify()
            assert report.ok, report

    walk()
    assert seen[ACCEPTED] > 20, f"the sequences tried hardly anything: {seen}"
    assert seen[ENDED] > 2, f"hardly anybody's key ended: {seen}"
    assert seen[REFUSED] > 5, f"the sequences tried hardly anything illegal: {seen}"
    assert len(states) > 4, f"the sequences hardly came anywhere: {states}"


def _end_or_replace(bench: Bench) -> str:
    """End the key of the examiner; or give them a new one, where it has ended."""
    if _is_gone(bench):
        passphrase = f"{PASSPHRASE} {next(NUMBERS)}"
        bench.lab.person_keys.replace(bench.admin, bench.examiner.person.id, passphrase, "Came back")
        bench.examiner = bench.lab.people.sign_in(bench.examiner.person.name, passphrase)
        return REPLACED
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "Left")
    return ENDED


def _is_gone(bench: Bench) -> bool:
    return bench.lab.people.named(bench.examiner.person.name).revoked_at is not None


def _take(bench: Bench, exhibit: Exhibit, source: Path, step: dict[str, object]) -> str:
    """Take one step, and hold what is stored against what the machine says of it."""
    before, known = bench.lab.exhibits.get(exhibit.id), len(bench.lab.custody.history(exhibit.id))
    open_now = [*_legal(bench, before, source)]
    twist = step["twist"]
    pick = int(str(step["pick"]))
    if twist is None and open_now:
        attempt = open_now[pick % len(open_now)]
    else:
        attempt = _illegal(bench, before, str(twist), pick)
    refusal = _refusal_of(attempt)
    was = f"{attempt.name} in the state {before.state}"
    assert (refusal is None) == (attempt.leads_to is not None), f"{was}: {refusal or 'was taken'}"
    after = bench.lab.exhibits.get(exhibit.id)
    new = [entry.action for entry in bench.lab.custody.history(exhibit.id)[known:]]
    if attempt.leads_to is None:
        assert (after, new) == (before, [attempt.refused_as])
        return REFUSED
    assert after.state is attempt.leads_to, attempt.name
    assert new, attempt.name
    return ACCEPTED


def _refusal_of(attempt: Attempt) -> RefusedError | None:
    try:
        attempt.act()
    except PermissionRefusedError:
        raise
    except RefusedError as error:
        return error
    return None


def _legal(bench: Bench, exhibit: Exhibit, source: Path) -> Iterator[Attempt]:
    """Every step that is open for an exhibit, told as it has to be."""
    for transition in bench.lab.custody.possible(exhibit.id):
        yield Attempt(transition.event, _as_it_should_be(bench, exhibit, transition), transition.to_state)
        if transition.event in CARRIED:
            yield Attempt(f"{transition.event} themselves", _carried(bench, exhibit, transition), transition.to_state)
        if transition.event is Event.HAND_OVER and exhibit.holder_id and exhibit.state not in WAITING:
            request = replace(_request(bench, exhibit, transition), outside_party="Dr. Expert", papers=SIGNED_FORM)
            giver = _signers(bench, exhibit, transition)[0]
            act = lambda giver=giver, request=request: bench.lab.custody.perform(giver, request)  # noqa: E731
            yield Attempt("hand over to an expert", act, exhibit.state)
    is_theirs = exhibit.holder_id == bench.examiner.person.id and not _is_gone(bench)
    if exhibit.state is State.CHECKED_OUT and is_theirs:
        blocker = WriteBlocker(device="Tableau T8u")
        seal = SealSeen(condition="intact") if exhibit.seal_number else None
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker, seal=seal)
        yield Attempt("image", lambda: bench.lab.intake.take_in(bench.examiner, request), State.IMAGED)
    yield from _disposals(bench, exhibit)


def _disposals(bench: Bench, exhibit: Exhibit) -> Iterator[Attempt]:
    disposals, way = bench.lab.disposals, [*Way][next(NUMBERS) % len(Way)]
    if exhibit.state is State.STORED:
        new = NewDisposal(
            exhibit_id=exhibit.id, way=way, method="As ordered", authority="Order 9",
            recipient="" if way is Way.DESTROY else "L. Hansen", occurred_at=bench.clock(),
        )  # fmt: skip
        yield Attempt("propose", lambda: disposals.propose(bench.custodian, new), State.DISPOSAL_PENDING)
    for one in disposals.waiting():
        if one.exhibit_id == exhibit.id:
            yield Attempt("reject", lambda one=one: disposals.reject(bench.supervisor, one.id, "Not yet"), State.STORED)
            yield _further(bench, one)


def _further(bench: Bench, disposal: Disposal) -> Attempt:
    disposals = bench.lab.disposals
    if disposal.state is DisposalState.PROPOSED:
        approve = lambda: disposals.approve(bench.supervisor, disposal.id, "Agreed")  # noqa: E731
        return Attempt("approve", approve, State.DISPOSAL_PENDING)
    papers = {} if disposal.way is Way.DESTROY else {PaperKind.FORM: PAPER}
    told = CarryingOut(disposal_id=disposal.id, occurred_at=bench.clock(), place="Yard", papers=papers)
    by, witness = (bench.custodian, bench.supervisor) if _is_gone(bench) else (bench.examiner, bench.custodian)
    return Attempt(
        "carry out",
        lambda: disposals.carry_out(by, witness, told),
        {
            Way.RETURN_TO_OWNER: State.RETURNED, Way.DESTROY: State.DESTROYED, Way.FORFEIT: State.FORFEITED,
            Way.ARCHIVE: State.ARCHIVED,
        }[disposal.way],
    )  # fmt: skip


def _as_it_should_be(bench: Bench, exhibit: Exhibit, transition: Transition) -> Callable[[], object]:
    request, signers = _request(bench, exhibit, transition), _signers(bench, exhibit, transition)
    if len(signers) == 2:
        return lambda: bench.lab.custody.hand_over(signers[0], signers[1], request)
    return lambda: bench.lab.custody.perform(signers[0], request)


def _request(bench: Bench, exhibit: Exhibit, transition: Transition) -> CustodyRequest:
    asked = {gate.field for gate in transition.gates}
    papers = {PaperKind.RECEIPT: signed_anew()} if "receipt" in asked else {}
    outside, is_outside = "", bench.lab.custody.had_by(exhibit.id) is None
    if is_outside and (transition.event in (Event.RECEIVE, Event.HAND_OVER) or exhibit.state in AWAY):
        outside, papers = exhibit.holder, {**papers, PaperKind.FORM: PAPER}
    elif transition.event in TO_OUTSIDE:
        papers = {**papers, PaperKind.FORM: PAPER}
    return bench.request(
        exhibit,
        transition.event.value,
        fields={name: TOLD[name] for name in (*asked, *OF_EVERY_STEP) if name in TOLD},
        outside_party=outside,
        papers=papers,
    )


def signed_anew() -> Path:
    """A receipt that nobody signed before."""
    (path,) = drawn_anew().values()
    return path


def _carried(bench: Bench, exhibit: Exhibit, transition: Transition) -> Callable[[], object]:
    """Somebody of the lab carries it; from the officer they take it by a signature, or say why there is none."""
    (by,), asked = _signers(bench, exhibit, transition), _request(bench, exhibit, transition)
    fields = {**asked.fields, "carrier": by.person.name}
    request = replace(asked, fields=fields, papers={})
    if bench.lab.custody.had_by(exhibit.id) is None:
        is_signed = next(NUMBERS) % 2
        why = {} if is_signed else {"unsigned_reason": "The officer had left"}
        papers = SIGNED_FORM if is_signed else {}
        request = replace(request, fields=fields | why, papers=papers, outside_party=exhibit.holder)
    return lambda: bench.lab.custody.perform(by, request)


def _people(bench: Bench) -> list[SignedIn]:
    """Who can sign."""
    return [*([] if _is_gone(bench) else [bench.examiner]), bench.custodian, bench.supervisor]


def _signers(bench: Bench, exhibit: Exhibit, transition: Transition) -> list[SignedIn]:
    """Who holds it, or anybody where nobody of the lab does; for a hand-over another one besides."""
    everybody = _people(bench)
    if transition.event is Event.TAKE_OVER:
        return [bench.supervisor, bench.custodian]
    had_by = bench.lab.custody.had_by(exhibit.id)
    first = next((one for one in everybody if one.person.id == had_by), bench.custodian)
    if transition.signatures == ("giver", "receiver") and had_by is not None:
        return [first, next(one for one in everybody if one is not first)]
    return [first]


def _illegal(bench: Bench, exhibit: Exhibit, twist: str, pick: int) -> Attempt:
    """A step that the machine must refuse: of the kind ``twist`` where there is one, an event not open else."""
    custody, possible = bench.lab.custody, bench.lab.custody.possible(exhibit.id)
    if possible and twist in TWISTS[1:]:
        transition = possible[pick % len(possible)]
        request, signers = _request(bench, exhibit, transition), _signers(bench, exhibit, transition)
        gates = [gate.field for gate in transition.gates if gate.field in request.fields]
        had_by = bench.lab.custody.had_by(exhibit.id)
        others = [one for one in _people(bench) if one.person.id != had_by]
        if twist == "a gate left out" and gates:
            left_out = gates[pick % len(gates)]
            fields = {name: value for name, value in request.fields.items() if name != left_out}
            return _attempt(bench, f"{transition.event} without {left_out}", signers, replace(request, fields=fields))
        if twist == "not the holder" and bench.lab.custody.had_by(exhibit.id) is not None:
            may_stand_in = exhibit.state in STAYS_PUT
            first = next(one for one in others if not may_stand_in or Role.EXHIBITS_OFFICER not in one.person.roles)
            signers = [first, *(one for one in others if one is not first)][: len(signers)]
            return _attempt(bench, f"{transition.event} by another", signers, request)
        if twist == "the same person twice":
            return _attempt(bench, f"{transition.event} with oneself", [signers[0], signers[0]], request)
        if twist == "nobody outside named" and request.outside_party and transition.event not in TO_OUTSIDE:
            return _attempt(bench, f"{transition.event} from nobody", signers, replace(request, outside_party=""))
        is_signed = PaperKind.FORM in request.papers and transition.event is not Event.GO_TO_COURT
        if twist == "nobody outside signed" and is_signed:
            return _attempt(bench, f"{transition.event} unsigned", signers, replace(request, papers={}))
    closed = sorted({*Event} - {one.event for one in possible})
    event = closed[pick % len(closed)]
    request = bench.request(exhibit, event.value, fields=TOLD, papers={PaperKind.RECEIPT: signed_anew()})
    return Attempt(event, lambda: custody.perform(bench.custodian, request), None)


def _attempt(bench: Bench, name: str, signers: list[SignedIn], request: CustodyRequest) -> Attempt:
    custody = bench.lab.custody
    if len(signers) == 2:
        return Attempt(name, lambda: custody.hand_over(signers[0], signers[1], request), None)
    return Attempt(name, lambda: custody.perform(signers[0], request), None)
