"""What threads get that wait for a process while the one that has it is stopped, or the lab is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

import pytest

from evidence.errors import ChildClosedError
from forensics_app.model.image import EvidenceImage
from forensics_app.model.logical import opening
from forensics_app.services.readers import Readers
from tests.builders import Bench
from tests.forensics_app.services.test_files_and_races import took_in

WAITING = 3
SECTOR: dict[str, object] = {"offset_bytes": 0, "size_bytes": 512}


class StoppedError(Exception):
    """What a screen raises at which nobody looks any more."""


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers()
    yield made
    made.close()


def asked_while_stopped(readers: Readers, image: EvidenceImage, end: Callable[[], None]) -> list[bytes | str]:
    """What others get that ask while one has the process and is stopped; each waits for it, or asks behind."""
    begun, ready = Semaphore(0), Semaphore(0)

    def stop(done: int, total: int) -> None:
        begun.release()
        for _ in range(WAITING):
            ready.acquire()
        end()
        raise StoppedError

    def ask() -> bytes | str:
        ready.release()
        try:
            read = readers.call(image, "read", SECTOR)
        except ChildClosedError as error:
            return type(error).__name__
        assert isinstance(read, bytes)
        return read

    with ThreadPoolExecutor(WAITING + 1) as pool:
        readers.call(image, "read", SECTOR)
        hashing = {**opening(image.source), "algorithms": ("md5",)}
        first = pool.submit(readers.call, image, "hash", hashing, stop)
        assert begun.acquire(timeout=60)
        asked = [pool.submit(ask) for _ in range(WAITING)]
        with pytest.raises(StoppedError):
            first.result(timeout=60)
        return [one.result(timeout=60) for one in asked]


def test_who_waits_for_a_process_gets_another_when_the_one_before_is_stopped(bench: Bench, readers: Readers) -> None:
    image = took_in(bench)
    before = readers.call(image, "read", SECTOR)
    assert asked_while_stopped(readers, image, lambda: None) == [before] * WAITING
    assert asked_while_stopped(readers, image, readers.end_all) == [before] * WAITING


def test_no_process_is_begun_for_who_waits_when_the_lab_is_closed(bench: Bench, readers: Readers) -> None:
    image = took_in(bench)
    assert asked_while_stopped(readers, image, readers.close) == ["ChildClosedError"] * WAITING
    for closed in (readers, readers.apart):
        with pytest.raises(ChildClosedError):
            closed.call(image, "read", SECTOR)
