"""Processes that judge parts of a chain find what threads find, whatever becomes of the processes."""

import io
import marshal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.blocks import Block, Task, judge_block
from chain_of_custody.frame import Slot
from chain_of_custody.ledger import Answer, Entry, verify
from chain_of_custody.messages import from_block, from_keys, from_task, read_frame, to_block, to_task, write_frame
from chain_of_custody.verification import FEW_ENTRIES
from chain_of_custody.worker import serve
from chain_of_custody.workers import Workers, judge_all, worker_command
from tests.chain_of_custody.chains import BEN, CASE, EVE, OTHER_CASE, grown_case, new_lab, ring_of

PACKAGE = Path(__file__).parents[2] / "chain_of_custody"
LAB = new_lab(BEN, EVE)
RING = ring_of(LAB)
KEYS = RING.public_keys
ENTRIES = [*grown_case(9).entries, *LAB.entries, *grown_case(4, OTHER_CASE).entries, Entry(b"?", ())]
UNCHANGED = [*grown_case(9).entries]
LONG = [*UNCHANGED, *[Entry(b"?", (b"",))] * (FEW_ENTRIES - 2), *ENTRIES]
DIES = (sys.executable, "-c", "raise SystemExit(1)")
HANGS = (sys.executable, "-c", "import time; time.sleep(600)")
SAYS_NONSENSE = (sys.executable, "-c", "import sys; sys.stdout.buffer.write(bytes(range(256)) * 4096)")
ANSWERS_ONCE = (
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n"
    "import io; from chain_of_custody.messages import *; from chain_of_custody.worker import serve\n"
    "questions = io.BytesIO()\n"
    "for _ in range(2): write_frame(questions, read_frame(sys.stdin.buffer))\n"
    "questions.seek(0); serve(questions, sys.stdout.buffer)",
)


class StoppedError(Exception):
    """Raised by a progress."""


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    """Runs of entries of some chains: changed, repeated, in any order, with signatures lost and exchanged."""
    entries = draw(st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=6))
    for place in draw(st.lists(st.integers(0, len(entries) - 1), max_size=2)):
        body = bytearray(entries[place].body)
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
        signatures = entries[place].signatures
        other = draw(st.sampled_from([signatures, signatures[:-1], signatures[::-1], (*signatures, b"short")]))
        entries[place] = Entry(bytes(body), other)
    before = draw(st.none() | st.sampled_from(ENTRIES))
    chain = draw(st.sampled_from([None, (CASE, "case"), (CASE, "lab"), (OTHER_CASE, "case")]))
    return Task(draw(st.integers(0, 10**9)), before, entries, chain)


def answer_of_a_worker(task: Task) -> Block:
    """What a worker answers, by its own code and every message, without a process."""
    questions, answers = io.BytesIO(), io.BytesIO()
    write_frame(questions, from_keys(KEYS))
    write_frame(questions, from_task(task))
    questions.seek(0)
    serve(questions, answers)
    answers.seek(0)
    frame = read_frame(answers)
    assert frame is not None
    assert read_frame(answers) is None
    return to_block(task, frame)


@pytest.mark.req("REQ-15")
@given(tasks())
def test_a_worker_finds_exactly_what_is_found_without_one(task: Task) -> None:
    block = answer_of_a_worker(task)
    assert block == judge_block(task, KEYS)
    assert all(type(slot) is Slot for use in block.uses for slot in use.signers)
    assert all(type(one.state) is Answer for one in block.findings)


@given(tasks())
def test_a_run_of_entries_reaches_a_worker_as_it_is(task: Task) -> None:
    assert to_task(from_task(task)) == task


@given(tasks(), tasks())
def test_an_answer_about_other_entries_is_refused(asked: Task, other: Task) -> None:
    answer = from_block(other, judge_block(other, KEYS))
    if (asked.first_index, len(asked.entries), asked.entries[-1].digest) == (
        other.first_index,
        len(other.entries),
        other.entries[-1].digest,
    ):
        return
    with pytest.raises(ValueError, match="other entries"):
        to_block(asked, answer)


ASKED = Task(7, None, [*UNCHANGED, Entry(b"?", (b"",)), Entry(UNCHANGED[0].body, ())], (CASE, "case"))
WRONG: dict[str, Callable[[list[Any]], object]] = {
    "no use of an entry": lambda answer: answer[4].pop(0),
    "a use twice": lambda answer: answer[4].append(answer[4][0]),
    "uses in another order": lambda answer: answer[4].reverse(),
    "a use of an entry of another run": lambda answer: answer[4].append((6, *answer[4][0][1:])),
    "an unreadable entry used": lambda answer: answer[4].append((16, *answer[4][0][1:])),
    "no findings": lambda answer: answer[2].clear(),
    "a finding about another run": lambda answer: answer[2].append((99, 1, "intact", "no", "")),
    "a finding too many": lambda answer: answer[2].append((8, 2, "signed", "no", "")),
    "a signature too many": lambda answer: answer.__setitem__(1, answer[1] + 1),
    "a signature too few": lambda answer: answer.__setitem__(1, answer[1] - 1),
    "no signers": lambda answer: answer.__setitem__(5, [[] for _ in answer[5]]),
    "a place that is no number": lambda answer: answer[4].__setitem__(0, ("7", *answer[4][0][1:])),
    "a time that is no text": lambda answer: answer[4].__setitem__(0, (*answer[4][0][:2], 1, 0)),
    "an unknown question": lambda answer: answer[2].append((8, 2, "kept", "no", "")),
    "a signer without a name": lambda answer: answer[5][0].__setitem__(0, ("k", None, "p", "actor")),
    "a signer counted from the end": lambda answer: answer[4].__setitem__(0, (*answer[4][0][:3], -1)),
}


@pytest.mark.req("REQ-15")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_answer_that_does_not_tell_of_each_entry_and_signature_is_refused(
    wrong: Callable[[list[Any]], object],
) -> None:
    block = judge_block(ASKED, KEYS)
    assert to_block(ASKED, from_block(ASKED, block)) == block
    answer = [*marshal.loads(from_block(ASKED, block))]
    wrong(answer)
    with pytest.raises(ValueError, match=r"it is (no answer|an answer that does not hold together)"):
        to_block(ASKED, marshal.dumps(tuple(answer)))


def test_a_worker_whose_answer_does_not_hold_is_given_up_and_its_run_is_judged() -> None:
    forgets = (
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n"
        "from chain_of_custody import worker\n"
        "judge = worker.judge_block\n"
        "def forget(*args, **more):\n    block = judge(*args, **more); block.uses.clear(); return block\n"
        "worker.judge_block = forget; worker.main()"
    )
    judged = [block for _, block in judge_all(runs(), KEYS, (sys.executable, "-c", forgets), on_tick=lambda: None)]
    assert judged == EXPECTED


@pytest.mark.parametrize(("given", "passed"), [("-I", ["-I", "-E", "-s"]), ("-E", ["-E"]), ("-s", ["-s"])])
def test_a_worker_shuts_out_what_the_program_shuts_out(given: str, passed: list[str]) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n"
        "from chain_of_custody.workers import worker_command; print(*worker_command()[1:-4])"
    )
    told = subprocess.run((sys.executable, given, "-c", code), capture_output=True, text=True, check=True)
    assert told.stdout.split() == passed


@given(tasks(), st.data())
def test_an_answer_that_is_cut_off_is_refused(task: Task, data: st.DataObject) -> None:
    answer = from_block(task, judge_block(task, KEYS))
    with pytest.raises(ValueError, match="it is no answer"):
        to_block(task, answer[: data.draw(st.integers(0, len(answer) - 1))])


@pytest.mark.parametrize("content", [b"\0", b"\0" * 7, b"\xff" * 8, b"\0" * 7 + b"\5four"])
def test_a_stream_that_ends_inside_a_frame_is_no_answer(content: bytes) -> None:
    with pytest.raises(ValueError, match="no whole frame"):
        read_frame(io.BytesIO(content))


def test_a_worker_that_is_asked_nothing_ends() -> None:
    answers = io.BytesIO()
    serve(io.BytesIO(), answers)
    assert answers.getvalue() == b""


@pytest.mark.req("REQ-15")
def test_a_long_chain_is_judged_by_processes_with_the_same_verdict(tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = f"open({str(started)!r}, 'a').close(); from chain_of_custody.worker import main; main()"
    verdict = verify(LONG, RING, chain=CASE, worker=(sys.executable, "-c", code))
    assert started.exists()
    assert verdict == verify(LONG, RING, chain=CASE)
    assert verdict.signature_count > 12
    assert {one.answer for one in verdict.findings} == {"intact", "signed", "trusted"}


def test_a_short_chain_starts_no_process(tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = f"open({str(started)!r}, 'a').close()"
    assert verify(UNCHANGED, RING, worker=(sys.executable, "-c", code)).first_bad is None
    assert not started.exists()


def runs() -> Iterator[Task]:
    for index in range(0, 60, 4):
        yield Task(index, None, [*ENTRIES[index % 9 :], *ENTRIES], (CASE, "case"))


EXPECTED = [judge_block(task, KEYS) for task in runs()]


@pytest.mark.parametrize(
    "command",
    [worker_command(), DIES, SAYS_NONSENSE, ANSWERS_ONCE, ("no-such-program",), ()],
    ids=["works", "dies", "says nonsense", "answers once", "does not start", "none"],
)
def test_every_run_is_judged_in_order_whatever_becomes_of_a_worker(command: tuple[str, ...]) -> None:
    judged = [*judge_all(runs(), KEYS, command, on_tick=lambda: None)]
    assert [block for _, block in judged] == EXPECTED
    assert [task for task, _ in judged] == [*runs()]


def test_a_worker_that_says_nothing_is_ended_and_its_runs_are_judged() -> None:
    judged = [block for _, block in judge_all(runs(), KEYS, HANGS, on_tick=lambda: None, silence_s=0.1)]
    assert judged == EXPECTED


def test_waiting_for_a_worker_can_be_stopped() -> None:
    def stop(_done: int, _total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        verify(LONG, RING, stop, worker=HANGS)


def test_a_worker_that_was_ended_is_gone_and_starts_no_other() -> None:
    workers = Workers(worker_command(), KEYS)
    task = next(runs())
    assert workers.judge(task) == EXPECTED[0]
    workers.end()
    assert workers.judge(task) == EXPECTED[0]
    workers.end()


def test_a_worker_ends_when_nobody_asks_it_any_more() -> None:
    worker = subprocess.Popen(worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PACKAGE.parent)
    out, _ = worker.communicate(b"", timeout=60)
    assert (worker.returncode, out) == (0, b"")


def test_a_frozen_program_is_asked_for_no_worker_that_it_does_not_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker_command() == ()
