"""The Exhibits page over a real lab: signed in as the examiner, with one case."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from resources import path as resource
from tests.builders import Bench, make_bench
from tests.ui.exhibits.parts import said
from ui.exhibits.intake_wizard import IntakeWizard
from ui.exhibits.page import ExhibitsPage
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences
from ui.session import Session

WAIT_MS = 30_000


@dataclass
class Desk:
    """A page with its lab; ``gone_to`` and ``errors`` keep what the page asked of the window."""

    page: ExhibitsPage
    bench: Bench
    case: Case
    session: Session
    qtbot: QtBot
    gone_to: list[tuple[str, object]] = field(default_factory=list)
    errors: list[tuple[str, BaseException]] = field(default_factory=list)

    def exhibits(self) -> tuple[Exhibit, ...]:
        return self.bench.lab.exhibits.list(self.case.id)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)

    def show(self) -> None:
        """Read and wait until the list is what the record says."""
        self.page.refresh()
        count = len(self.exhibits())
        self.wait(lambda: said(self.page, "pageSubtitle").startswith(f"{count} in this case"))
        self.wait(lambda: self.page.list.table.model().rowCount() == count)

    def wizard(self) -> IntakeWizard:
        """The intake in sight; it opens once the page has read what is recorded."""

        def in_sight() -> list[IntakeWizard]:
            return [one for one in self.page.findChildren(IntakeWizard) if one.isVisible()]

        self.wait(lambda: len(in_sight()) == 1)
        return in_sight()[0]


@pytest.fixture
def desk(tmp_path: Path, jobs: JobRunner, session: Session, preferences: Preferences, qtbot: QtBot) -> Iterator[Desk]:
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    gone_to: list[tuple[str, object]] = []
    errors: list[tuple[str, BaseException]] = []
    context = PageContext(
        session=session,
        jobs=jobs,
        go_to=lambda key, target: gone_to.append((key, target)),
        show_error=lambda title, error: errors.append((title, error)),
    )
    session.open_lab(bench.lab)
    session.sign_in(bench.examiner)
    page = ExhibitsPage(context, preferences, ask=lambda *_: tmp_path / "labels.pdf")
    qtbot.addWidget(page)
    session.record_changed.connect(page.refresh)
    page.resize(1202, 700)
    page.show()
    qtbot.waitExposed(page)
    page.show_case(case.id)
    made = Desk(page=page, bench=bench, case=case, session=session, qtbot=qtbot, gone_to=gone_to, errors=errors)
    made.show()
    yield made
    jobs.shut_down()


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A copy of the image that is shipped for demonstrations."""
    return Path(shutil.copy(resource("demo/demo.E01"), tmp_path / "demo.E01"))
