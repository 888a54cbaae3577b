"""The Scenes page over a real lab with one case, shown to the exhibits officer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.builders import Bench
from tests.ui.desk import Desk, open_desk
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences
from ui.scenes.page import ScenesPage


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences) -> Iterator[Desk]:
    """A lab with one case and one exhibit in it, and no scene yet."""
    now: list[Bench] = []

    def prepare(bench: Bench) -> None:
        now.append(bench)
        bench.exhibit(bench.case())

    def make(context: PageContext) -> ScenesPage:
        return ScenesPage(context, now=now[0].clock)

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "scenes", make, prepare=prepare, who=lambda bench: bench.custodian
    ) as made:
        made.window.resize(800, 600)
        made.until(lambda: made.seen("noScenes"))
        yield made
        assert made.errors == []
