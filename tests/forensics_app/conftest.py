from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = make_bench(tmp_path / "lab")
    yield bench
    bench.lab.close()
