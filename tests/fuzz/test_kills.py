"""A handful of kills in the middle of the work; ``dev.py fuzz --kills 200`` does many."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.fuzz.kills import OF_LAB, Range


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_kill_interrupts_is_known_and_comes_to_the_same_end(tmp_path: Path) -> None:
    place = Range(tmp_path, files=2_500)
    assert [place.kill(kind, random.Random(number)) for number, kind in enumerate(OF_LAB)] == [""] * len(OF_LAB)
