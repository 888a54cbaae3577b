from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QTabWidget
from pytestqt.qtbot import QtBot

from tests.builders import make_bench
from ui.jobs import JobRunner
from ui.main_window import MainWindow
from ui.page import Page, PageContext, PageSpec
from ui.session import Session
from ui.widgets.labels import label
from ui.widgets.later import Later


class Tabbed(Page):
    def __init__(self, context: PageContext) -> None:
        super().__init__(context, title="Lab", name="lab")
        tabs = QTabWidget()
        self.room = Later(lambda: label("behind a tab"), name="room")
        tabs.addTab(label("in sight"), "First")
        tabs.addTab(self.room, "Second")
        self.set_body(tabs)


@pytest.mark.parametrize("is_hurried", [False, True])
def test_a_page_is_made_ahead_in_steps_with_what_lies_behind_its_tabs_and_at_once_for_who_asks(
    session: Session, jobs: JobRunner, qtbot: QtBot, tmp_path: Path, *, is_hurried: bool
) -> None:
    steps: list[str] = []

    def stepped(context: PageContext) -> Iterator[Page | None]:
        steps.append("part")
        yield None
        steps.append("page")
        yield Tabbed(context)

    specs = [
        PageSpec(
            key="cases", title="Cases", icon="case", make=lambda context: Page(context, title="Cases", name="cases")
        )
    ]
    window = MainWindow([*specs, PageSpec(key="lab", title="Lab", icon="lab", make=stepped)], session, jobs)
    qtbot.addWidget(window)
    window.show()
    session.open_lab(make_bench(tmp_path / "lab").lab)
    window.show_work()
    window.make_ahead()
    qtbot.waitUntil(lambda: bool(steps))
    if is_hurried:
        window.go_to("lab")
    else:
        assert steps == ["part"]
    qtbot.waitUntil(lambda: len(window.made_pages()) == 2)
    page = window.made_pages()[1]
    assert isinstance(page, Tabbed)
    assert (steps, window.page is page) == (["part", "page"], is_hurried)
    qtbot.waitUntil(lambda: page.room.is_filled)
