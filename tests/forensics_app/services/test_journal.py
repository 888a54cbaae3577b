"""What the journal says of operations that end while somebody looks for those that a crash cut off."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert

from forensics_app.db.mapping import time_text
from forensics_app.db.tables import JOB
from forensics_app.model.lab import Job, JobState
from tests.builders import Bench, make_bench

JOBS = 40


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path / "lab")


def test_an_operation_that_ends_while_it_is_looked_at_was_not_interrupted(bench: Bench) -> None:
    journal, over = bench.lab.journal, threading.Event()
    told: list[Job] = []

    def look() -> None:
        while not over.is_set():
            told.extend(journal.cut_off())
            told.extend(journal.interrupted())

    looking = [threading.Thread(target=look) for _ in range(2)]
    for thread in looking:
        thread.start()
    for _ in range(JOBS):
        with journal.running("intake", "LH/01", None, {}) as say:
            say("Verified.")
    over.set()
    for thread in looking:
        thread.join()
    assert told == []
    assert {(job.state, job.message) for job in journal.list()} == {(JobState.DONE, "Verified.")}


def test_two_who_look_at_once_are_both_told_of_an_operation_that_was_cut_off(bench: Bench) -> None:
    journal = bench.lab.journal
    for number in range(10):
        with bench.lab.database.writing() as connection:
            connection.execute(insert(JOB).values(
                id=str(uuid4()), kind="intake", subject=f"LH/{number:02d}", case_id=None, parameters="{}",
                state=JobState.RUNNING.value, host=socket.gethostname(), started_at=time_text(bench.clock()),
                ended_at=None, message="",
            ))  # fmt: skip
        both = threading.Barrier(2)

        def look(both: threading.Barrier = both) -> set[str]:
            both.wait()
            return {job.subject for job in journal.interrupted()}

        with ThreadPoolExecutor(2) as pool:
            told = [one.result() for one in [pool.submit(look), pool.submit(look)]]
        assert told == [{f"LH/{one:02d}" for one in range(number + 1)}] * 2
