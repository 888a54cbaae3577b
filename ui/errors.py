"""What is shown when something goes wrong: known errors in words, bugs with a report saved on this computer."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from forensics_app.crashes import crash_report, save_report
from forensics_app.errors import Explanation, explain
from ui.announce import announce
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import mono, note
from ui.widgets.sheet import Sheet, sheet_body
from ui.widgets.text_view import TextView

_log = logging.getLogger(__name__)
_TOLD = "told"


class ErrorSheet(Sheet):
    """A known error: what happened, what was kept, what to do next."""

    def __init__(self, parent: QWidget, title: str, explanation: Explanation) -> None:
        """Show ``explanation`` under ``title``, the act that failed."""
        super().__init__(parent, title=title, name="errorSheet", width_px=520)
        parts: list[QWidget] = [note(Tone.BAD, explanation.what, name="errorWhat")]
        for head, words in ((self.tr("What was kept"), explanation.kept), (self.tr("What to do"), explanation.then)):
            if words:
                parts.append(plain(vbox(label(head, "label"), label(words, wrap=True, select=True), gap=2)))
        self.set_body(sheet_body(*parts))
        close = Button(self.tr("Close"), name="closeError", kind="primary")
        self.set_buttons(close)
        close.setFocus()


class CrashSheet(Sheet):
    """A bug: says so, where the report lies, and shows it whole. It is never sent anywhere."""

    def __init__(self, parent: QWidget, title: str, report: str, saved_as: Path | None) -> None:
        """Show the report and where it was saved, if it could be."""
        super().__init__(parent, title=title, name="crashSheet", width_px=720, height_px=520)
        what = self.tr("The program met an error of its own. What it was doing was not finished.")
        kept = self.tr("The record is written in whole steps: everything before this act is kept.")
        view = TextView(title=self.tr("Report"))
        view.show_text(report)
        view.setMinimumHeight(120)
        parts: list[QWidget] = [note(Tone.BAD, what, name="errorWhat"), label(kept, wrap=True)]
        if saved_as:
            where = self.tr("The report lies on this computer only; it was not sent anywhere.")
            parts += [label(where, wrap=True), mono(str(saved_as))]
        body = vbox(*parts, (view, 1), gap=10, margins=(20, 12, 20, 12))
        self.set_body(plain(body), scroll=False)
        copy = Button(self.tr("Copy the report"), name="copyReport", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
        self.set_buttons(Button(self.tr("Close"), name="closeError", kind="primary"), copy)


def show_error(parent: QWidget, title: str, error: BaseException, *, folder: Path | None = None) -> Sheet:
    """Open the dialog for ``error`` over the window of ``parent``; a bug is saved as a report first.

    An error that is on the screen already is not told a second time.
    """
    told = f"{title}: {error!r}"
    for shown in parent.window().findChildren(Sheet):
        if shown.isVisible() and shown.property(_TOLD) == told:
            return shown
    explanation = explain(error)
    sheet: Sheet
    if explanation:
        sheet = ErrorSheet(parent, title, explanation)
        announce(parent, f"{title}. {explanation.what}", urgent=True)
    else:
        _log.error("unexpected error: %s", title, exc_info=error)
        report = crash_report(title, error)
        sheet = CrashSheet(parent, title, report, save_report(report, folder or crash_folder()))
        announce(parent, title, urgent=True)
    sheet.setProperty(_TOLD, told)
    sheet.open()
    return sheet


def crash_folder() -> Path:
    """Where reports are kept on this computer."""
    base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(base) / "crashes"


def catch_unexpected(show: Callable[[BaseException], None]) -> None:
    """Let ``show`` tell of every error that nothing else caught on the UI thread, instead of ending silently."""

    def hook(kind: type[BaseException], error: BaseException, stack: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, stack)
            return
        show(error)

    sys.excepthook = hook
