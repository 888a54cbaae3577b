import itertools
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.builders import make_bench
from tests.ui import gallery_parts, room
from ui.frame.guide_window import GuideWindow
from ui.frame.help_sheet import HelpSheet
from ui.frame.top_bar import CaseShown
from ui.jobs import JobCard, JobRunner
from ui.main_window import MainWindow
from ui.page import Page, PageContext, PageSpec, Shortcut
from ui.session import Session
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, scrolled, vbox
from ui.widgets.sheet import ConfirmSheet

ALT, CONTROL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class DemoPage(Page):
    def __init__(self, context: PageContext, key: str) -> None:
        super().__init__(context, title=key.title(), name=key)
        self.refreshed, self.targets, self.cases, self.presses = 0, [], [], []
        self.left, self.right = QLineEdit(), QLineEdit()
        self.button = Button("Take in…", name="take", kind="primary")
        self.button.clicked.connect(lambda: self.presses.append("primary"))
        self.bar.add_action(self.button)
        self.set_body(plain(vbox(self.left, self.right)))

    def refresh(self) -> None:
        self.refreshed += 1

    def open_target(self, target: object) -> None:
        self.targets.append(target)

    def show_case(self, case_id: object) -> None:
        self.cases.append(case_id)

    def panes(self) -> tuple[QWidget, ...]:
        return (self.left, self.right)

    def primary(self) -> Button:
        return self.button

    def new_button(self) -> Button:
        return self.button

    def filter_box(self) -> QWidget:
        return self.left

    def shortcuts(self) -> tuple[Shortcut, ...]:
        return (Shortcut(keys="Ctrl+G", act="go to offset"),)


KEYS = ("cases", "exhibits", "lab")


@pytest.fixture
def window(session: Session, jobs: JobRunner, qtbot: QtBot) -> MainWindow:
    specs = [
        PageSpec(
            key=key,
            title=key.title(),
            icon="case",
            make=lambda context, key=key: DemoPage(context, key),
            at_foot=key == "lab",
        )
        for key in KEYS
    ]
    made = MainWindow(specs, session, jobs)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show_work()
    made.show()
    made.activateWindow()
    qtbot.waitActive(made)
    return made


def page_of(window: MainWindow) -> DemoPage:
    (made,) = window.made_pages()
    assert isinstance(made, DemoPage)
    return made


def page(window: MainWindow) -> DemoPage:
    shown = window.page
    assert isinstance(shown, DemoPage)
    return shown


def press(
    window: MainWindow, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def test_alt_and_a_figure_go_to_the_pages_which_are_made_when_first_shown(window: MainWindow, qtbot: QtBot) -> None:
    assert [page.objectName() for page in window.made_pages()] == ["cases"]
    press(window, qtbot, Qt.Key.Key_3, ALT)
    assert page(window).objectName() == "lab"
    press(window, qtbot, Qt.Key.Key_1, ALT)
    assert page(window).objectName() == "cases"
    assert page(window).refreshed == 2
    assert window.rail.button("cases").isChecked()


def test_a_page_is_handed_what_another_page_points_at(window: MainWindow) -> None:
    page(window).context.go_to("exhibits", "LH/01")
    assert page(window).targets == ["LH/01"]
    window.go_to("nowhere")
    assert page(window).objectName() == "exhibits"


def test_keys_of_the_frame_reach_the_page(window: MainWindow, qtbot: QtBot) -> None:
    press(window, qtbot, Qt.Key.Key_Return, CONTROL)
    press(window, qtbot, Qt.Key.Key_N, CONTROL)
    assert page(window).presses == ["primary", "primary"]
    press(window, qtbot, Qt.Key.Key_F5)
    assert page(window).refreshed == 2
    page(window).button.setFocus()
    press(window, qtbot, Qt.Key.Key_Slash)
    assert window.focusWidget() is page(window).left
    press(window, qtbot, Qt.Key.Key_K, CONTROL)
    assert window.focusWidget() is window.top_bar.find_box


def test_a_slash_can_still_be_typed(window: MainWindow, qtbot: QtBot) -> None:
    page(window).right.setFocus()
    qtbot.keyClicks(page(window).right, "LH/01")
    assert page(window).right.text() == "LH/01"


def test_f6_goes_round_the_panes_and_back(window: MainWindow, qtbot: QtBot) -> None:
    page(window).left.setFocus()
    seen = []
    for _ in range(5):
        press(window, qtbot, Qt.Key.Key_F6)
        focused = window.focusWidget()
        parts = {
            "rail": window.rail,
            "top": window.top_bar,
            "left": page(window).left,
            "right": page(window).right,
            "tray": window.tray,
        }
        seen.append(next(name for name, part in parts.items() if part is focused or part.isAncestorOf(focused)))
    assert seen == ["right", "tray", "rail", "top", "left"]
    press(window, qtbot, Qt.Key.Key_F6, SHIFT)
    assert window.top_bar.isAncestorOf(window.focusWidget())


def test_f1_lists_the_keys_of_the_page_and_of_the_window(window: MainWindow, qtbot: QtBot) -> None:
    press(window, qtbot, Qt.Key.Key_F1)
    names = {part.accessibleName() for part in window.findChild(HelpSheet).findChildren(QWidget)}
    assert {"Ctrl+G: go to offset", "Ctrl+L: lock the key now", "F8: job tray"} <= names


def test_the_user_guide_opens_from_the_list_of_keys_and_by_its_own_key(window: MainWindow, qtbot: QtBot) -> None:
    press(window, qtbot, Qt.Key.Key_F1)
    window.findChild(Button, "openGuide").click()
    qtbot.waitUntil(lambda: (found := window.findChild(GuideWindow)) is not None and found.isVisible())
    guide = window.findChild(GuideWindow)
    assert guide.browser.toPlainText().startswith("User guide")
    guide.close()
    (key,) = (one for one in window.actions() if one.shortcut().toString() == "Ctrl+F1")
    key.trigger()
    assert guide.isVisible()
    guide.close()


def test_the_case_menu_lists_cases_and_the_way_to_a_new_one(window: MainWindow) -> None:
    chosen: list[object] = []
    asked: list[int] = []
    window.top_bar.case_chosen.connect(chosen.append)
    window.top_bar.new_case_asked.connect(lambda: asked.append(1))
    window.top_bar.set_cases([CaseShown(key=7, number="2026-0147", title="A & B", authority="")])
    menu = window.top_bar.case_menu()
    menu.actions()[0].trigger()
    menu.actions()[-1].trigger()
    assert (chosen, asked) == ([7], [1])
    assert menu.actions()[0].text() == "2026-0147   A && B"


def test_the_top_bar_tells_the_case_the_person_and_the_key(window: MainWindow) -> None:
    bar = window.top_bar
    bar.show_case(CaseShown(key=7, number="2026-0147", title="Fraud", authority="Authority: warrant 4"))
    bar.show_person("Ana Kovač", "Examiner", 14)
    bar.show_integrity(gallery_parts.integrity())
    assert bar.case_button.accessibleName() == "Case: 2026-0147, Fraud. Authority: warrant 4"
    assert bar.findChild(QWidget, "keyState").text() == "Examiner · key open, locks in 14 min"
    assert bar.lock_button.shortcut().toString() == "Ctrl+L"


def test_a_press_on_the_persons_name_offers_what_they_can_do_about_themselves(window: MainWindow) -> None:
    person, asked = window.top_bar.person, []
    person.show_person("Ana Kovač", "Examiner", 1)
    person.passphrase_asked.connect(lambda: asked.append("passphrase"))
    person.look_asked.connect(lambda: asked.append("look"))
    window.top_bar.lock_asked.connect(lambda: asked.append("lock"))
    actions = [action for action in person.menu().actions() if not action.isSeparator()]
    for action in actions:
        action.trigger()
    assert asked == ["passphrase", "look", "lock"]
    assert actions[-1].text() == "Lock the key and sign out\tCtrl+L"
    assert person.shortcut().toString() == "Alt+P"
    assert person.accessibleName() == "Signed in: Ana Kovač. Examiner · key open, locks in 1 min"


def test_closing_while_a_job_runs_asks_first(window: MainWindow, jobs: JobRunner, qtbot: QtBot) -> None:
    gate, closed = threading.Event(), []
    window.closing.connect(lambda: closed.append(1))
    jobs.start(
        window,
        lambda _: gate.wait(10),
        done=lambda _: None,
        failed=lambda _: None,
        card=JobCard(title="Intake of LH/01"),
    )
    window.close()
    sheet = window.findChild(ConfirmSheet)
    assert sheet.windowTitle() == "Close the program while work goes on?"
    assert closed == []
    sheet.findChild(Button, "confirmButton").click()
    assert closed == [1]
    assert not window.isVisible()
    gate.set()


def test_work_that_loses_nothing_does_not_keep_the_window_open(
    window: MainWindow, jobs: JobRunner, qtbot: QtBot
) -> None:
    gate = threading.Event()
    card = JobCard(title="Verify the record", may_be_dropped=True)
    jobs.start(window, lambda _: gate.wait(10), done=lambda _: None, failed=lambda _: None, card=card)
    window.close()
    assert not window.isVisible()
    gate.set()


def test_the_start_covers_the_work_and_gives_it_back(window: MainWindow) -> None:
    window.go_to("lab")
    window.show_start(label("Sign in"))
    assert not window.at_work
    assert window.page is None
    window.show_work()
    assert page(window).objectName() == "lab"


def test_what_pages_asked_for_is_answered_to_the_next_person_when_the_key_is_locked_meanwhile(
    window: MainWindow, jobs: JobRunner, qtbot: QtBot
) -> None:
    told: list[str] = []
    whole = page(window)
    part = QWidget(whole)
    window.cover()
    assert not window.at_work
    for owner, name in ((part, "part of a page"), (whole, "page"), (window, "window")):
        jobs.start(owner, lambda _, name=name: name, done=told.append, failed=lambda error: None)
    jobs.next_turn(part, lambda: told.append("later"))
    qtbot.waitUntil(lambda: "window" in told)
    qtbot.wait(20)
    assert told == ["window"]
    window.show_start(label("Sign in"))
    window.show_work()
    qtbot.waitUntil(lambda: len(told) == 4)
    assert sorted(told[1:]) == ["later", "page", "part of a page"]


def test_what_one_person_asked_for_is_not_done_for_another(window: MainWindow, jobs: JobRunner, qtbot: QtBot) -> None:
    told: list[str] = []
    window.cover()
    jobs.start(page_of(window), lambda _: "page", done=told.append, failed=lambda error: None)
    jobs.start(window, lambda _: "window", done=told.append, failed=lambda error: None)
    qtbot.waitUntil(lambda: "window" in told)
    window.forget_pages(stay=True)
    window.show_work()
    qtbot.wait(50)
    assert told == ["window"]
    assert page(window).objectName() == "cases"


def test_another_lab_starts_with_fresh_pages(window: MainWindow) -> None:
    window.forget_pages()
    assert window.made_pages() == ()
    window.show_work()
    assert page(window).objectName() == "cases"


def test_the_rail_counts_what_waits(window: MainWindow) -> None:
    window.rail.set_count("exhibits", 7)
    assert window.rail.button("exhibits").accessibleName() == "Exhibits, 7"
    window.rail.set_count("exhibits", 0)
    assert window.rail.button("exhibits").accessibleName() == "Exhibits"


def test_the_keyboard_goes_with_the_page_and_not_back_to_the_rail(window: MainWindow, qtbot: QtBot) -> None:
    window.page.left.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_2, ALT)
    assert window.page.objectName() == "exhibits"
    assert window.page.isAncestorOf(window.focusWidget())
    window.top_bar.find_box.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_1, ALT)
    assert window.focusWidget() is window.top_bar.find_box


def test_a_page_that_has_nothing_to_press_yet_still_gets_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    window.go_to("exhibits")
    for part in (window.page.left, window.page.right, window.page.button):
        part.hide()
    window.go_to("cases")
    window.page.left.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_2, ALT)
    assert window.focusWidget() is window.page


SMALL, MIDDLE = (640, 360), (940, 560)


def give_size(window: MainWindow, size: tuple[int, int], qtbot: QtBot) -> None:
    """Resize the window and wait until its parts have taken their new places."""
    window.resize(*size)
    qtbot.waitUntil(lambda: window.rail.width() + window.top_bar.width() == size[0])


def test_a_small_window_shows_the_icons_of_the_rail_alone(window: MainWindow) -> None:
    wide = window.rail.width()
    assert not window.rail.slim
    window.resize(*SMALL)
    assert window.rail.slim
    assert window.rail.width() < wide
    for key in KEYS:
        button = window.rail.button(key)
        assert button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
        assert button.accessibleName() == key.title()
        assert key.title() in button.toolTip()
        assert button.visibleRegion().boundingRect().size() == button.size()
    window.resize(1280, 800)
    assert window.rail.width() == wide


@pytest.mark.parametrize("size", [SMALL, MIDDLE, (1024, 640), (1280, 800)])
def test_nothing_in_the_top_bar_lies_over_its_neighbour_or_is_cut(
    window: MainWindow, size: tuple[int, int], qtbot: QtBot
) -> None:
    bar = window.top_bar
    bar.show_case(CaseShown(key=1, number="2026-0147", title="Lindenhof payment fraud", authority="4 Gs 812/26"))
    bar.show_person("Maximiliane Freifrau von Hohenstein", "Examiner", 14)
    give_size(window, size, qtbot)
    qtbot.waitUntil(lambda: room.cut_texts(bar) == [])
    items = [bar.layout().itemAt(at) for at in range(bar.layout().count())]
    parts = [item.geometry() for item in items if not item.isEmpty()]
    assert all(left.right() < right.left() for left, right in itertools.pairwise(parts))
    assert parts[-1].right() < bar.width()


def test_finding_takes_the_place_of_the_case_in_a_small_window_and_gives_it_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    bar = window.top_bar
    give_size(window, SMALL, qtbot)
    assert not bar.find_box.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)
    assert bar.find_box.hasFocus()
    assert not bar.case_button.isVisible()
    qtbot.keyClicks(bar.find_box, "LH")
    qtbot.keyClick(bar.find_box, Qt.Key.Key_Escape)
    assert bar.find_box.isVisible()
    qtbot.keyClick(bar.find_box, Qt.Key.Key_Escape)
    assert not bar.find_box.isVisible()
    assert bar.case_button.isVisible()
    assert bar.find_button.hasFocus()
    bar.find_button.click()
    window.page.left.setFocus()
    assert not bar.find_box.isVisible()


def test_the_three_answers_keep_their_words_for_a_screen_reader_where_only_marks_fit(
    window: MainWindow, qtbot: QtBot
) -> None:
    give_size(window, SMALL, qtbot)
    badge = window.top_bar.integrity
    assert [mark.text for mark in badge.findChildren(Badge)] == ["Intact?", "Signed?", "Trusted?"]
    assert "Intact?, Signed?, Trusted?" in badge.accessibleName()
    assert "Intact?, Signed?, Trusted?" in badge.toolTip()
    qtbot.waitUntil(lambda: badge.width() < 150)
    give_size(window, (1280, 800), qtbot)
    qtbot.waitUntil(lambda: badge.width() > 200)


def test_a_count_for_a_page_that_is_not_there_is_left_out(window: MainWindow) -> None:
    window.show_count("review", 3)
    window.show_count("exhibits", 3)
    assert window.rail.button("exhibits").accessibleName() == "Exhibits, 3"


def test_pages_are_made_ahead_and_come_into_sight_only_when_asked_for(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.open_lab(make_bench(tmp_path / "lab").lab)
    shown = window.page
    window.make_ahead()
    qtbot.waitUntil(lambda: len(window.made_pages()) == len(KEYS))
    assert window.page is shown
    assert [made.isVisible() for made in window.made_pages()].count(True) == 1


def test_the_keyboard_is_followed_into_what_lies_below_the_edge(window: MainWindow, qtbot: QtBot) -> None:
    fields = [QLineEdit() for _ in range(40)]
    area = scrolled(plain(vbox(*fields)), name="longPage")
    window.page.set_body(area)
    last = fields[-1]
    qtbot.waitUntil(lambda: last.y() > 38 * last.height() and last.geometry().bottom() <= area.widget().height())
    fields[-1].setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.waitUntil(lambda: not fields[-1].visibleRegion().isEmpty())
