"""Several workstations append to one lab at once: one chain, nothing lost, whatever their clocks say."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.bootstrap import Lab, open_lab
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import Exhibit
from tests.builders import NOON, PASSPHRASE, QUICK, Bench, Clock
from tests.forensics_app.servers import Server

DATABASES = ("sqlite", "postgresql")
ENTRIES_EACH = int(os.environ.get("FORENSICS_WORKSTATION_ENTRIES", "400"))


@pytest.fixture
def second(bench: Bench) -> Iterator[Lab]:
    """The same lab, opened by another workstation whose clock is a day behind."""
    lab = open_lab(bench.lab.folder.root, now=Clock(at=NOON - timedelta(days=1)), key_parameters=QUICK)
    yield lab
    lab.close()


def test_two_workstations_that_append_at_once_make_one_chain(bench: Bench, second: Lab) -> None:
    exhibit = bench.exhibit(bench.case())
    hands = [(bench.lab, bench.custodian), (second, second.people.sign_in("Ana Kovač", PASSPHRASE))]
    together = threading.Barrier(len(hands))

    def work(number: int) -> None:
        lab, person = hands[number]
        together.wait()
        for turn in range(20):
            lab.exhibits.correct(person, exhibit.id, {"serial": f"{number}-{turn}"}, "misread")

    with ThreadPoolExecutor(len(hands)) as pool:
        list(pool.map(work, range(len(hands))))
    events = [event for event in second.custody.case_history(exhibit.case_id) if event.action == "exhibit.correct"]
    told = [change.after for event in events for change in event.changes]
    for number in range(len(hands)):
        assert [serial for serial in told if str(serial).startswith(f"{number}-")] == [
            f"{number}-{turn}" for turn in range(20)
        ]
    assert bench.lab.verification.verify().ok


def test_a_clock_set_back_is_accepted_and_flagged(bench: Bench, second: Lab) -> None:
    exhibit = bench.exhibit(bench.case())
    behind = second.people.sign_in("Ana Kovač", PASSPHRASE)
    second.exhibits.correct(behind, exhibit.id, {"serial": "X"}, "misread")
    report = bench.lab.verification.verify()
    assert report.ok
    (entry,) = [event for event in bench.lab.custody.history(exhibit.id) if event.action == "exhibit.correct"]
    assert str(entry.facts["clock"]).startswith("2026-11-19")
    notices = [notice for chain in report.chains for notice in chain.notices]
    assert any("set back" in notice for notice in notices), notices


WORKER = """
import sys
from pathlib import Path
from uuid import UUID
from forensics_app.bootstrap import open_lab
from forensics_app.model.exhibit import ExhibitId
from tests.builders import PASSPHRASE, QUICK

folder, name, exhibit_id, entries = sys.argv[1:]
lab = open_lab(Path(folder), key_parameters=QUICK)
person, exhibit_id = lab.people.sign_in(name, PASSPHRASE), ExhibitId(UUID(exhibit_id))
serial = lab.exhibits.get(exhibit_id).serial
for number in range(int(serial) + 1 if serial.isdigit() else 1, int(entries) + 1):
    lab.exhibits.correct(person, exhibit_id, {"serial": str(number)}, "counted")
    print(number, flush=True)
lab.close()
"""


class Worker:
    """A process that counts up in the serial number of an exhibit, and tells each number once it is recorded."""

    def __init__(self, folder: Path, name: str, exhibit: Exhibit) -> None:
        words = (str(folder), name, str(exhibit.id), str(ENTRIES_EACH))
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, *words], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
        )
        self.told: list[int] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.endswith("\n"):
                    self.told.append(int(line))

    def wait(self) -> int:
        status = self.process.wait()
        self._reading.join()
        return status

    def kill_after(self, told: int) -> None:
        """Kill it at a random moment after it has told so many numbers."""
        while not self._has_told(told):
            time.sleep(0.01)
        time.sleep(random.random() * 0.05)
        self.process.kill()

    def _has_told(self, count: int) -> bool:
        return len(self.told) >= count or self.process.poll() is not None


def counted(lab: Lab, exhibit: Exhibit) -> list[int]:
    """The numbers that the ledger tells of an exhibit, in its order."""
    events = lab.custody.case_history(CaseId(exhibit.case_id))
    return [
        int(str(change.after))
        for event in events
        if event.action == "exhibit.correct" and event.object_id == str(exhibit.id)
        for change in event.changes
    ]


def test_two_processes_on_a_server_one_of_them_killed_make_one_chain_and_lose_nothing(
    tmp_path: Path, server: Server
) -> None:
    """The killed one is started again and goes on behind what the record says; every number is there exactly once."""
    bench = server.bench(tmp_path / "lab")
    case = bench.case()
    first, other = bench.exhibit(case), bench.exhibit(case, "LH/02")
    steady = Worker(tmp_path / "lab", "Ana Kovač", first)
    killed = Worker(tmp_path / "lab", "Tomasz Lis", other)
    killed.kill_after(random.randrange(ENTRIES_EACH // 2))
    assert killed.wait() == -9
    again = Worker(tmp_path / "lab", "Tomasz Lis", other)
    assert (steady.wait(), again.wait()) == (0, 0)
    assert steady.told == counted(bench.lab, first) == list(range(1, ENTRIES_EACH + 1))
    assert counted(bench.lab, other) == list(range(1, ENTRIES_EACH + 1))
    assert killed.told == list(range(1, len(killed.told) + 1))
    assert again.told[0] - len(killed.told) in (1, 2)
    bench.lab.close()
    verified = subprocess.run(
        [sys.executable, "-m", "forensics_app", "verify", str(tmp_path / "lab")],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout
