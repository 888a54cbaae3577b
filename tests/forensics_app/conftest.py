from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import Bench, make_bench
from tests.forensics_app.servers import Server, running_server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that says ``DATABASES`` on each of them; all others on SQLite."""
    if "database_kind" in metafunc.fixturenames:
        kinds = getattr(metafunc.module, "DATABASES", ("sqlite",))
        metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, started once for all tests that ask for it."""
    with running_server() as server:
        yield server


@pytest.fixture
def bench(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "lab"
    bench = make_bench(folder) if database_kind == "sqlite" else request.getfixturevalue("server").bench(folder)
    yield bench
    bench.lab.close()
