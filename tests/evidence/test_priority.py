"""Children and threads in the background go behind what somebody looks at."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evidence.childprocess import ChildProcess
from evidence.priority import NICENESS, give_way_here

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems know no priority of threads")


def test_a_child_goes_behind_its_parent(tmp_path: Path) -> None:
    child = ChildProcess((sys.executable, "-c", "import sys; sys.stdin.read()"), tmp_path)
    try:
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == NICENESS
        assert os.getpriority(os.PRIO_PROCESS, 0) == 0
    finally:
        child.end()


def test_a_thread_goes_behind_and_no_other() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with ThreadPoolExecutor(1, initializer=give_way_here) as pool:
        assert pool.submit(priority).result() == NICENESS
    assert priority() == 0
