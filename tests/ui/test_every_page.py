"""Every page of the window as somebody without a mouse, and somebody without sight, meets it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.builders import make_bench
from tests.ui import room
from tests.ui.lab_window import stored
from ui.appearance import Appearance
from ui.frame.help_sheet import HelpSheet
from ui.jobs import JobRunner
from ui.main_window import MainWindow
from ui.pages import MODULES, page_specs
from ui.preferences import Preferences
from ui.record_keeper import RecordKeeper
from ui.session import Session
from ui.theme import style
from ui.theme.tokens import LIGHT
from ui.widgets.sheet import Sheet

PAGES = ("cases", "exhibits", "examine", "custody", "review", "reports", "scenes", "lab")
WAIT_MS = 15_000
STEPS = 200


def test_every_page_is_loaded_before_it_is_shown() -> None:
    assert [name.split(".")[1] for name in MODULES] == list(PAGES)
    code = (
        "import sys; from ui.pages import MODULES, load_pages; early = [n for n in MODULES if n in sys.modules];"
        "load_pages(); print(early, all(n in sys.modules for n in MODULES))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "True"]


@pytest.fixture
def window(
    qapp: QApplication, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, tmp_path: Path
) -> Iterator[MainWindow]:
    """The real pages over a lab with one case and one exhibit on a shelf."""
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    stored(bench, case)
    session = Session(jobs, jobs)
    made = MainWindow(page_specs(preferences, Appearance(qapp, preferences)), session, jobs, layouts=preferences.store)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    session.open_lab(bench.lab)
    session.sign_in(bench.examiner)
    session.show_case(case)
    keeper = RecordKeeper(made, preferences)
    made.show_work("cases")
    keeper.enter()
    made.activateWindow()
    yield made
    jobs.shut_down()
    session.close()
    style.apply(qapp, LIGHT, tmp_path)


def walked(window: MainWindow, qtbot: QtBot) -> list[QWidget]:
    """What the Tab key comes to, from the rail until it comes there again."""
    window.rail.button(PAGES[0]).setFocus()
    met: list[QWidget] = []
    for _ in range(STEPS):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if focused is None or focused in met:
            return met
        met.append(focused)
    raise AssertionError(f"after {STEPS} presses of Tab it has not come around: {met[-3:]}")


def to_be_met(page: QWidget) -> list[QWidget]:
    """The controls that Tab has to come to; of buttons that exclude each other it is the one that is on."""
    return [
        part
        for part in room.visible_parts(page)
        if isinstance(part, room.INTERACTIVE)
        and part.isEnabled()
        and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not room.in_reach_by_arrows(part)
    ]


def test_tab_comes_to_every_control_of_every_page_and_each_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    for key in PAGES:
        window.go_to(key)
        page = window.page
        assert page is not None
        qtbot.waitUntil(lambda page=page: bool(to_be_met(page)), timeout=WAIT_MS)  # type: ignore[misc]
        qtbot.waitUntil(lambda: not room.cut_texts(window), timeout=WAIT_MS)
        assert room.unnamed(window) == [], key
        assert room.unreachable(window) == [], key
        assert room.against_the_order(window) == [], key
        met = walked(window, qtbot)
        assert [part.objectName() for part in to_be_met(page) if part not in met] == [], key
        frame = (window.rail, window.top_bar, page.bar, page, window.tray)
        at = [next(at for at, pane in enumerate(frame) if pane is stop or pane.isAncestorOf(stop)) for stop in met[:-1]]
        assert at == sorted(at), (key, [(stop.objectName(), pane) for stop, pane in zip(met, at, strict=False)])
        assert set(at) >= {1, 3}, key


def test_the_list_on_f1_has_every_key_of_every_page(window: MainWindow, qtbot: QtBot) -> None:
    for key in PAGES:
        window.go_to(key)
        page = window.page
        assert page is not None
        qtbot.waitUntil(lambda page=page: bool(to_be_met(page)), timeout=WAIT_MS)  # type: ignore[misc]
        told = room.told_keys((*page.shortcuts(), *window.common_shortcuts()))
        assert room.registered_keys(page) - told == set(), key
    assert room.registered_keys(window.rail) | room.registered_keys(window.top_bar) <= told
    actions = {one.toString() for action in window.actions() for one in action.shortcuts()}
    assert actions <= told


def test_f1_in_a_dialog_lists_the_keys_of_its_buttons_and_of_every_dialog(window: MainWindow, qtbot: QtBot) -> None:
    window.go_to("cases")
    assert window.page is not None
    opener = window.page.new_button()
    assert opener is not None
    opener.click()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(Sheet)), timeout=WAIT_MS)
    sheet = next(one for one in window.findChildren(Sheet) if one.isVisible())
    qtbot.keyClick(sheet, Qt.Key.Key_F1)
    shown = sheet.findChild(HelpSheet)
    names = {part.accessibleName() for part in shown.findChildren(QWidget)}
    assert {"Esc: close it; nothing is changed", "F1: this list"} <= names
    told = {name.partition(": ")[0] for name in names}
    buttons = (one for one in sheet.findChildren(QAbstractButton) if one.isVisible() and one.window() is sheet)
    assert {keys for one in buttons if (keys := one.shortcut().toString())} <= {*told, ""}
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    sheet.reject()
