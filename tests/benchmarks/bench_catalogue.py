"""A catalogue of 1,000,000 entries as the screens read it: pages, sorted ids, filters; and how quickly it is written.

``FORENSICS_BENCH_ENTRIES`` is the number of entries, ``FORENSICS_BENCH_ROUNDS`` the number of rounds (5).
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from forensics_app.db.catalogue import Catalogue
from forensics_app.db.catalogue_writer import building_catalogue
from forensics_app.model.catalogue import CatalogueHeader, CatalogueQuery, FileRow, SortColumn
from forensics_app.model.filter_language.tree import Words
from tests.benchmarks.measure import MEMORY_LIMIT_MIB, machine

_BATCH = 2000
_PER_FOLDER = 50
_EXTENSIONS = ("txt", "jpg", "png", "dll", "exe", "log", "json", "", "html", "pdf")
_HEADER = CatalogueHeader(
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    program="bench",
    libraries={},
    image_digests={},
    zone="UTC",
    content_examined=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way of reading, the median and the quickest of its rounds, and what the median should reach."""

    name: str
    median_s: float
    best_s: float
    limit_s: float

    def row(self) -> str:
        """One line for people."""
        told = f"{self.name:44} {1000 * self.median_s:8.1f} ms, at best {1000 * self.best_s:8.1f} ms"
        return f"{told}  limit {1000 * self.limit_s:5.0f} ms {'reached' if self.reached else 'MISSED'}"

    @property
    def reached(self) -> bool:
        """Whether the median is within the limit."""
        return self.median_s <= self.limit_s


def entries(count: int) -> Iterator[tuple[FileRow, ...]]:
    """Folders of fifty files with names, sizes and times in no order."""
    chance = random.Random(7)
    batch: list[Any] = []
    folder_id, folder = 1, ""
    for number in range(1, count + 1):
        if number % (_PER_FOLDER + 1) == 1:
            folder_id, folder = number, f"/user{number % 20:02d}/{chance.getrandbits(40):010x}" if number > 1 else ""
            batch.append(_row(number, 1 if number > 1 else None, folder, "directory", 4096, None, ""))
        else:
            extension = _EXTENSIONS[number % len(_EXTENSIONS)]
            path = f"{folder}/{chance.getrandbits(48):012x}.{extension}"
            size, modified = chance.randrange(10**7), chance.randrange(15 * 10**17, 17 * 10**17)
            batch.append(_row(number, folder_id, path, "file", size, modified, extension))
        if len(batch) == _BATCH:
            yield tuple(batch)
            batch = []
    yield tuple(batch)


def _row(
    number: int, parent: int | None, path: str, kind: str, size: int, modified: int | None, extension: str
) -> tuple[Any, ...]:
    digest = number.to_bytes(16, "big") if kind == "file" else None
    times = (modified, modified, modified, modified, None, None, None, None, None)
    facts = (number, "v0", parent, path.rpartition("/")[2], None, path or "/", extension, kind, True, False, False)
    found = (digest, digest and digest * 2, "text/plain" if digest else None, "ASCII text" if digest else None)
    return (*facts, size, str(number), *times, None, *found, False, 4000, "", None)


def rounds_of(rounds: int, act: Callable[[], object]) -> list[float]:
    """Seconds of each round."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return spent


def run(path: Path, rounds: int) -> list[Reading]:
    """Read in every way that the screens do."""
    found = []

    def measure(name: str, limit_s: float, act: Callable[[], object]) -> None:
        spent = rounds_of(rounds, act)
        found.append(Reading(name=name, median_s=statistics.median(spent), best_s=min(spent), limit_s=limit_s))
        print(found[-1].row(), flush=True)

    def first_paint() -> None:
        with Catalogue(path) as opened:
            opened.rows(opened.ids(CatalogueQuery())[:60])

    measure("open, all ids, first 60 rows", 0.1, first_paint)
    with Catalogue(path) as catalogue:
        ids = catalogue.ids(CatalogueQuery())
        middle = len(ids) // 2
        measure("200 rows by their ids", 0.02, lambda: catalogue.rows(ids[middle : middle + 200]))
        for column in (SortColumn.NAME, SortColumn.SIZE, SortColumn.MODIFIED, SortColumn.EXTENSION, SortColumn.CREATED):
            query = CatalogueQuery(sort=column)
            measure(f"ids of all by {column}", 0.5, lambda query=query: catalogue.ids(query))
            measure(f"first page by {column}", 0.25, lambda query=query: catalogue.page(query))
        part = CatalogueQuery(filter=Words(column="path", text="abc"))
        measure("ids of all with 'abc' in the path", 0.15, lambda: catalogue.ids(part))
        measure("children of a folder", 0.005, lambda: catalogue.children("v0", _PER_FOLDER + 2))
        measure("counts by type", 0.02, catalogue.type_counts)
    return found


def write(path: Path, count: int) -> None:
    """Write it as the application does, and print what each part took; making the rows is not counted."""
    made_s = 0.0

    def timed() -> Iterator[tuple[FileRow, ...]]:
        nonlocal made_s
        source = entries(count)
        while True:
            began = time.perf_counter()
            batch = next(source, None)
            made_s += time.perf_counter() - began
            if batch is None:
                return
            yield batch

    began = time.perf_counter()

    def told(what: str) -> None:
        nonlocal began
        spent = time.perf_counter() - began - made_s * (what == "rows")
        print(f"{what:10} {spent:7.1f} s: {count / spent:11,.0f} entries/s, peak {peak_mib():,.0f} MiB", flush=True)
        began = time.perf_counter()

    with building_catalogue(path, _HEADER) as building:
        building.take(timed())
        told("rows")
        building.index()
        told("indices")
        building.content_digest()
        told("digest")
        building.publish()
        told("publish")
    print(f"{path.stat().st_size / 1e6:,.0f} MB", flush=True)


def peak_mib() -> float:
    """The most memory that this process had so far; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0.0
    import resource  # there is none on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**20


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    count = int(os.environ.get("FORENSICS_BENCH_ENTRIES", "1000000"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "5"))
    print(f"a catalogue of {count:,} entries on {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-catalogue-") as folder:
        path = Path(folder) / "catalogue"
        write(path, count)
        reached = all(reading.reached for reading in run(path, rounds))
    kept = peak_mib() <= MEMORY_LIMIT_MIB
    verdict = "reached" if kept else "MISSED"
    print(f"{'peak memory':44} {peak_mib():8.0f} MiB  limit {MEMORY_LIMIT_MIB} MiB {verdict}", flush=True)
    return int(not (reached and kept))


if __name__ == "__main__":
    sys.exit(main())
