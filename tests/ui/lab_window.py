"""A window over a real lab, with somebody signed in, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import SignedIn
from tests.builders import Bench, make_bench
from ui.jobs import JobRunner
from ui.main_window import MainWindow
from ui.page import Page, PageContext, PageSpec
from ui.session import Session

W = TypeVar("W", bound=QWidget)
WAIT_MS = 30_000


@dataclass
class LabWindow:
    """The window, its lab, and the page that is tested."""

    bench: Bench
    window: MainWindow
    jobs: JobRunner
    qtbot: QtBot
    errors: list[BaseException]
    visited: list[tuple[str, object]]

    @property
    def session(self) -> Session:
        return self.window.session

    def until(self, check: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(check()), timeout=WAIT_MS)

    def part(self, kind: type[W], name: str) -> W:
        """The newest part with a name, in the page or in a dialog over it."""

        def in_sight() -> list[W]:
            found = [part for part in self.window.findChildren(kind, name) if part.isVisible()]
            assert found, f"nothing called {name} is in sight"
            return found

        self.qtbot.waitUntil(lambda: bool(in_sight()), timeout=WAIT_MS)  # the page may just be reading again
        return in_sight()[-1]

    def absent(self, name: str) -> bool:
        return not any(part.isVisible() for part in self.window.findChildren(QWidget, name))


@contextmanager
def open_window(
    folder: Path, qtbot: QtBot, jobs: JobRunner, key: str, make: Callable[[PageContext], Page],
    prepare: Callable[[Bench], tuple[Case, Callable[[Bench], SignedIn]]],
) -> Iterator[LabWindow]:  # fmt: skip
    """Open the window with one page, over the lab that ``prepare`` filled; it says which case, and who signs in."""
    bench = make_bench(folder)
    case, who = prepare(bench)
    session = Session(jobs, jobs)
    errors: list[BaseException] = []
    visited: list[tuple[str, object]] = []

    def made(context: PageContext) -> Page:
        watched = PageContext(
            session=context.session, jobs=context.jobs,
            go_to=lambda key, target: visited.append((key, target)),
            show_error=lambda title, error: errors.append(error),
        )  # fmt: skip
        return make(watched)

    window = MainWindow([PageSpec(key=key, title=key.capitalize(), icon=key, make=made)], session, jobs)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    session.open_lab(bench.lab)
    session.sign_in(who(bench))
    session.show_case(case)
    session.record_changed.connect(lambda: window.page and window.page.refresh())
    window.show_work()
    try:
        yield LabWindow(bench=bench, window=window, jobs=jobs, qtbot=qtbot, errors=errors, visited=visited)
    finally:
        jobs.shut_down()
        session.close()


RECEIVING = {
    "place": "Reception",
    "purpose": "Examination",
    "seal_check": "intact, number agrees",
    "condition": "Undamaged",
    "seal_number": "0048812",
}


def received(bench: Bench, case: Case) -> Exhibit:
    """An exhibit that the custodian received from the officer who seized it."""
    exhibit = bench.exhibit(case)
    request = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, request)
    return bench.lab.exhibits.get(exhibit.id)


def stored(bench: Bench, case: Case) -> Exhibit:
    """An exhibit on a shelf, held by the custodian."""
    exhibit = received(bench, case)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-07-3"}))
    return bench.lab.exhibits.get(exhibit.id)
