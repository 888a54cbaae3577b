"""A transfer, and the first rows of the custody page, in a lab with a long history, on both databases.

``FORENSICS_BENCH_LAB_ENTRIES`` is the number of entries (250,000; a lab of many years has 1,000,000, which takes
several minutes to make), ``FORENSICS_BENCH_LAB_EXHIBITS`` that of exhibits (10,000), ``FORENSICS_BENCH_LAB_FOLDER`` a
folder in which the lab that was made is kept and found again.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from forensics_app.bootstrap import Lab, open_lab
from forensics_app.model.case import Case
from forensics_app.model.custody import CustodyRequest, PaperKind
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit, Seizure
from forensics_app.model.person import SignedIn
from resources import path as resource
from tests.benchmarks.big_lab import copy_to_server, make_big_lab
from tests.benchmarks.measure import machine
from tests.builders import PASSPHRASE, QUICK
from tests.forensics_app.servers import running_server
from ui.custody.reading import read_custody

TRANSFER_LIMIT_MS, PAGE_LIMIT_MS = 100.0, 150.0
ROUNDS = 30
RECEIVING = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
    "seal_number": "0048812",
}  # fmt: skip


def main() -> int:
    """Print the figures; 1 if a limit was missed."""
    entries = int(os.environ.get("FORENSICS_BENCH_LAB_ENTRIES", "250000"))
    exhibits = int(os.environ.get("FORENSICS_BENCH_LAB_EXHIBITS", "10000"))
    kept = os.environ.get("FORENSICS_BENCH_LAB_FOLDER")
    print(f"lab of {exhibits:,} exhibits and {entries:,} entries on {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="big-lab-") as temporary:
        folder = Path(kept or temporary) / "lab"
        if not folder.exists():
            make_big_lab(folder, exhibits=exhibits, entries=entries)
        missed = _measured("SQLite", folder)
        with running_server() as server:
            began = time.perf_counter()
            shared = Path(temporary) / "shared"
            copy_to_server(folder, shared, server.empty_database())
            print(f"PostgreSQL: every row copied there in {time.perf_counter() - began:.0f} s", flush=True)
            missed += _measured("PostgreSQL", shared)
    return int(missed > 0)


def _measured(name: str, folder: Path) -> int:
    lab = open_lab(folder, key_parameters=QUICK)
    try:
        giver, receiver = (lab.people.sign_in(who, PASSPHRASE) for who in ("Tomasz Lis", "Ana Kovač"))
        case = lab.cases.list()[50]
        exhibits = [one for one in lab.exhibits.list(case.id) if one.number.startswith("LH/")]
        missed = _told(f"{name}: a transfer", TRANSFER_LIMIT_MS, _transfers(lab, case, giver, receiver))
        turns = cycle(exhibits)
        return missed + _told(
            f"{name}: first rows of the custody page",
            PAGE_LIMIT_MS,
            [_ms(lambda: read_custody(lab, case.id, next(turns).id)) for _ in range(ROUNDS)],
        )
    finally:
        lab.close()


def _transfers(lab: Lab, case: Case, giver: SignedIn, receiver: SignedIn) -> list[float]:
    """Times of hand-overs with two signatures, each of an exhibit that was seized and received before."""
    times = []
    seizure = Seizure(
        seized_at=lab.custody.now(), place="Lindenhofstr. 12", officer="Sgt. Duarte", witness="Insp. Haas"
    )
    for _ in range(ROUNDS):
        new = NewExhibit(
            case_id=case.id, number=f"T/{uuid4().hex[:8]}", type=ExhibitType.COMPUTER, description="Laptop",
            seal_number="0048812", seizure=seizure, no_photo_reason="Not photographed in this benchmark",
        )  # fmt: skip
        exhibit = lab.exhibits.add(giver, new)
        lab.custody.perform(giver, _request(lab, exhibit, "receive", outside_party="Sgt. Duarte"))
        request = _request(lab, exhibit, "hand_over")
        times.append(_ms(lambda request=request: lab.custody.hand_over(giver, receiver, request)))
    return times


def _request(lab: Lab, exhibit: Exhibit, event: str, outside_party: str = "") -> CustodyRequest:
    return CustodyRequest(
        exhibit_id=exhibit.id, event=event, occurred_at=lab.custody.now(), fields=RECEIVING,
        outside_party=outside_party,
        papers={PaperKind.FORM: resource("demo/exhibit-photo-laptop.jpg")} if outside_party else {},
    )  # fmt: skip


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _told(words: str, limit_ms: float, times: list[float]) -> int:
    median, longest = statistics.median(times), max(times)
    reached = median <= limit_ms
    print(
        f"{words:45} median {median:6.1f} ms, longest {longest:6.1f} ms  limit {limit_ms:.0f} ms "
        f"{'reached' if reached else 'MISSED'}",
        flush=True,
    )
    return int(not reached)


if __name__ == "__main__":
    sys.exit(main())
