"""What an examiner does at the window with an image: takes it in, and looks into it while its catalogue is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from tests.benchmarks.window_walk import LOOK_MS, Station, Walker, nothing, passed
from ui.application import Application

AT_REST = "at rest"
REST_S = 2.0
STEPS_AFTERWARDS = 250
LISTED_BEFORE = 20_000
_JUMP, _CHOOSE = 50, 10


class Examiner(Walker):
    """Takes an image in by the wizard."""

    def __init__(self, application: Application, image_path: Path) -> None:
        """``image_path`` is the image that is taken in."""
        super().__init__(application)
        self._image_path = image_path
        self._steps = 0

    def stations(self) -> Iterator[Station]:
        """The name of each station, what is done there, and what is waited for before the next."""
        yield "signing in", nothing, lambda: self.sees("signInButton")
        yield "first page", self.sign_in, lambda: self.jobs.jobs and not self.jobs.active
        yield "case chosen", self._choose_case, passed(REST_S)
        yield AT_REST, nothing, passed(2 * REST_S)
        yield "Exhibits opened", self.keys("Alt+2"), lambda: self.may_press("takeInImage")
        yield "wizard opened", self.press("takeInImage"), lambda: self.sees("intakeWizard")
        yield "exhibit chosen", self._choose_exhibit, lambda: self.may_press("nextButton")
        for number in (2, 3, 4):
            yield f"step {number} of the wizard", self.press("nextButton"), passed(LOOK_MS / 1000)
        yield "source described", self._name_source, lambda: self.may_press("nextButton")
        yield "image read", self.press("nextButton"), lambda: self.may_press("nextButton")
        yield "result shown", self.press("nextButton"), lambda: self.may_press("wizardFinish")
        yield "wizard closed", self.press("wizardFinish"), lambda: not self.sees("intakeWizard")
        yield "Examine opened", self.keys("Alt+3"), passed(REST_S)
        yield "catalogue begun", nothing, self._offered_what_is_there
        yield "first files listed", self._look_so_far, lambda: self.sees("subfoldersChip") and self.rows
        yield "all files listed so far", self.press("subfoldersChip"), passed(REST_S)
        yield "looking while the catalogue is written", nothing, self._looking_until(lambda: not self.jobs.active)
        yield "whole catalogue listed", self._begin_anew, lambda: self.rows >= self._entries
        yield "looking afterwards", nothing, self._looking_until(lambda: self._steps >= STEPS_AFTERWARDS)

    def _choose_case(self) -> None:
        self.session.show_case(self.session.lab.cases.list()[0])

    def _choose_exhibit(self) -> None:
        self.part("intakeExhibit", QComboBox).setCurrentIndex(1)

    def _name_source(self) -> None:
        self.part("sourcePath", QLineEdit).setText(str(self._image_path))
        self.part("writeBlocker", QComboBox).setCurrentText("Tableau T8u")

    def _look_so_far(self) -> None:
        if self.sees("gateSecond"):
            self.press("gateSecond")()

    def _begin_anew(self) -> None:
        self._steps = 0

    @property
    def _entries(self) -> int:
        shown = self.examine.browser.image
        assert shown is not None
        return shown.content.entries if shown.content else 1 << 62

    def _offered_what_is_there(self) -> bool:
        """Whether what is written so far can be looked at; until then the page is asked to look again.

        True, too, where all of it was written before that came about.
        """
        listed = sum(job.pace.done_units for job in self.jobs.active)
        if self.sees("subfoldersChip") or (listed >= LISTED_BEFORE and self.sees("gateSecond")):
            return True
        self.examine.refresh()
        return False

    def _looking_until(self, ended: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            if not ended():
                self._look_on()
                return False
            return True

        return check

    def _look_on(self) -> None:
        """A page further; now and then a file is chosen, which the viewers show, or a jump to somewhere else."""
        table = self.examine.browser.files.table
        self._steps += 1
        bar, view = table.verticalScrollBar(), table.viewport()
        jump = self._steps % _JUMP == 0
        bar.setValue(self._steps * 7919 % (bar.maximum() + 1) if jump else bar.value() + bar.pageStep())
        if self._steps % _CHOOSE == 0:
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
