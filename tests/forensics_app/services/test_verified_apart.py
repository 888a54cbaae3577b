"""A lab verified by a process of its own: the same answer, and an answer in any case."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from forensics_app.db.store_keys import hold, release
from forensics_app.errors import CancelledError
from forensics_app.model.custody import LabReport
from forensics_app.model.report import ReportRequest
from forensics_app.model.store import StoreKey
from forensics_app.services import verification
from forensics_app.services.verification import Verification
from forensics_app.services.verified_apart import report_from, report_to, verified_apart
from tests.builders import Bench, make_bench

FINDS = "UPDATE exhibit SET description = 'Another laptop'"
SAYS = (sys.executable, "-c")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A lab with a case and an exhibit, whose description somebody changed behind the record."""
    bench = make_bench(tmp_path_factory.mktemp("apart") / "lab")
    bench.exhibit(bench.case(expires_on=None))
    with sqlite3.connect(bench.lab.folder.database) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(FINDS)
    yield bench
    bench.lab.close()


def here(bench: Bench) -> LabReport:
    """What this process finds."""
    return replace(bench.lab.verification, elsewhere=None).verify()


def silent(done: int, total: int) -> None:
    """Go on."""


def test_another_process_gives_the_same_answer(bench: Bench) -> None:
    told, found = verified_apart(bench.lab.folder, silent), here(bench)
    assert told is not None
    assert not found.ok
    assert "exhibit" in " ".join(found.row_findings)
    assert replace(told, checked_at=found.checked_at) == found


def test_an_answer_crosses_whole(bench: Bench) -> None:
    found = here(bench)
    line = report_to(found)
    assert line.count(b"\n") == 1
    assert report_from(json.loads(line)) == found


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(3)",
        "print('what')",
        "print('[1, 2]'); print('{}')",
        "print('{\"chains\": [{}]}')",
        "import os; os.abort()",
    ],
)
def test_a_process_of_no_use_gives_no_answer(bench: Bench, program: str) -> None:
    assert verified_apart(bench.lab.folder, silent, command=(*SAYS, program)) is None


def test_a_program_that_is_not_there_gives_no_answer(bench: Bench) -> None:
    assert verified_apart(bench.lab.folder, silent, command=("no-such-program",)) is None


def test_stopping_ends_the_process_and_passes_through(bench: Bench) -> None:
    def stop(done: int, total: int) -> None:
        raise CancelledError

    program = "import time\nprint('[1, 2]', flush=True)\ntime.sleep(600)"
    with pytest.raises(CancelledError):
        verified_apart(bench.lab.folder, stop, command=(*SAYS, program))


def test_the_key_of_an_encrypted_lab_goes_to_no_other_process(bench: Bench) -> None:
    folder, found = bench.lab.folder, here(bench)
    command = (*SAYS, f"print({report_to(found).decode()!r})")
    assert verified_apart(folder, silent, command=command) == found
    hold(folder.root, StoreKey.create())
    try:
        assert verified_apart(folder, silent, command=command) is None
    finally:
        release(folder.root)


class Elsewhere:
    """Another process that says what it is told to; counts how often it is asked."""

    def __init__(self, says: LabReport | None) -> None:
        self.says, self.asked = says, 0

    def __call__(self, on_progress: object) -> LabReport | None:
        self.asked += 1
        return self.says


def asking(bench: Bench, elsewhere: Elsewhere) -> Verification:
    """The verification of the lab that has it verified elsewhere."""
    return replace(bench.lab.verification, elsewhere=elsewhere)


def test_the_answer_counts_where_every_chain_ended_as_it_does_here(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "FEW_ENTRIES", 1)
    found = here(bench)
    good = replace(found, row_findings=(), rows_compared=12345)
    assert asking(bench, Elsewhere(good)).verify().rows_compared == 12345
    for chain in range(len(found.chains)):
        for other in ({"head": b"\0" * 32}, {"entries": 1}, {"head": None}):
            chains = [*found.chains]
            chains[chain] = replace(chains[chain], **other)
            elsewhere = Elsewhere(replace(good, chains=tuple(chains)))
            seen = asking(bench, elsewhere).verify()
            assert (elsewhere.asked, seen.row_findings) == (1, found.row_findings)
    fewer = Elsewhere(replace(good, chains=found.chains[1:]))
    assert asking(bench, fewer).verify().row_findings == found.row_findings
    assert asking(bench, Elsewhere(None)).verify().row_findings == found.row_findings


def test_no_process_is_asked_about_a_small_lab_or_for_an_issue(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Elsewhere(here(bench))
    asking(bench, elsewhere).verify()
    assert elsewhere.asked == 0
    monkeypatch.setattr(verification, "FEW_ENTRIES", 1)
    case = bench.lab.cases.list()[0]
    reporting = replace(bench.lab.reporting, verification=asking(bench, elsewhere))
    reporting.dossier(bench.examiner.person, ReportRequest(case_id=case.id))
    assert elsewhere.asked == 0
    reporting.preview(bench.examiner.person, ReportRequest(case_id=case.id))
    assert elsewhere.asked == 1


def test_a_preview_that_nobody_wants_any_more_is_given_up(bench: Bench) -> None:
    def stop(done: int, total: int) -> None:
        raise CancelledError

    case = bench.lab.cases.list()[0]
    with pytest.raises(CancelledError):
        bench.lab.reporting.preview(bench.examiner.person, ReportRequest(case_id=case.id), on_progress=stop)


def test_the_lab_asks_the_process_of_its_own_folder(bench: Bench) -> None:
    asked = bench.lab.verification.elsewhere
    assert isinstance(asked, partial)
    assert asked.func is verified_apart
    assert asked.args == (bench.lab.folder,)
