import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from evidence.errors import MissingSegmentError
from forensics_app.crashes import crash_report, save_report
from ui.errors import CrashSheet, ErrorSheet, catch_unexpected, show_error
from ui.widgets.text_view import TextView


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    return made


def texts(sheet: QWidget) -> list[str]:
    return [part.text() for part in sheet.findChildren(QLabel)]


def test_a_known_error_says_what_happened_what_was_kept_and_what_to_do(window: QWidget) -> None:
    error = MissingSegmentError((Path("LH-01.E01"),), ("LH-01.E02",))
    sheet = show_error(window, "Take in LH/01", error)
    assert isinstance(sheet, ErrorSheet)
    said = texts(sheet)
    assert "Take in LH/01" in said
    assert any("missing: LH-01.E02" in text for text in said)
    assert {"What was kept", "What to do"} <= set(said)


def test_a_bug_is_saved_on_this_computer_and_shown_whole(window: QWidget, tmp_path: Path) -> None:
    sheet = show_error(window, "Open the lab", KeyError("exhibit"), folder=tmp_path / "crashes")
    assert isinstance(sheet, CrashSheet)
    saved = next((tmp_path / "crashes").iterdir())
    report = saved.read_text(encoding="utf-8")
    assert "KeyError: 'exhibit'" in report
    assert str(saved) in texts(sheet)
    assert sheet.findChild(TextView).toPlainText() == report


def test_an_error_that_is_on_the_screen_is_not_told_a_second_time(window: QWidget, tmp_path: Path) -> None:
    first = show_error(window, "Read the record", KeyError("body"), folder=tmp_path)
    assert show_error(window, "Read the record", KeyError("body"), folder=tmp_path) is first
    assert show_error(window, "Read the record", KeyError("other"), folder=tmp_path) is not first
    assert len(list(tmp_path.iterdir())) == 2


def test_a_report_that_cannot_be_saved_is_shown_all_the_same(window: QWidget, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert save_report("x", blocked) is None
    assert isinstance(show_error(window, "Open", KeyError("x"), folder=blocked), CrashSheet)


def test_a_report_holds_the_stack_and_the_version() -> None:
    try:
        raise RuntimeError("odd")
    except RuntimeError as error:
        report = crash_report("Open the lab", error)
    assert report.startswith("Open the lab\nforensics-app ")
    assert "test_errors.py" in report


def test_what_nobody_caught_is_shown_but_ctrl_c_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    shown: list[BaseException] = []
    catch_unexpected(shown.append)
    bug = ValueError("odd")
    sys.excepthook(ValueError, bug, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert shown == [bug]
    assert "KeyboardInterrupt" in capsys.readouterr().err
