"""What is done for the house at the window of a large lab: pages, verification, sets, backup, reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QLineEdit, QTabWidget

from forensics_app.model.report_draft import DraftState
from tests.benchmarks.window_large_lab import LargeLab
from tests.benchmarks.window_walk import Station, nothing, passed
from tests.benchmarks.window_workbench import SETTLE_S, Workbench
from tests.builders import PASSPHRASE
from ui.acquire.source_step import FILE
from ui.acquire.wizard import AcquireWizard
from ui.application import Application
from ui.exhibits.page import ExhibitsPage
from ui.reports.page import ReportsPage
from ui.widgets.paper import Paper

PAGES = ("cases", "exhibits", "custody", "review", "scenes", "lab", "reports", "examine")
IMAGES = 2
_TURN, _SHELF = 25, "Shelf 1"


class House(Workbench):
    """Works in a :class:`LargeLab`, once the work at its first case is done."""

    def __init__(self, application: Application, lab: LargeLab) -> None:
        """Stand before the window."""
        super().__init__(application, lab)
        self._here = PAGES[0]

    def work(self) -> Iterator[Station]:
        """The work at the case; then every page, and every kind of job of the lab, one after the other."""
        yield from super().work()
        yield from self.house()

    def house(self) -> Iterator[Station]:
        """What is done for the house."""
        for page in PAGES:
            yield f"page opened: {page}", self._go(page), passed(SETTLE_S)
            yield f"another case on: {page}", self._next_case, passed(SETTLE_S)
        yield "first case again", lambda: self.session.show_case(self.session.lab.cases.list()[0]), passed(SETTLE_S)
        for page, tabs in (("custody", "custodyTabs"), ("lab", "labTabs")):
            yield f"tabs of: {page}", self._go(page), passed(SETTLE_S)
            for at in range(self.part(tabs, QTabWidget).count()):
                name = self.part(tabs, QTabWidget).tabText(at)
                yield f"tab: {name}", self._turn_to(tabs, at), passed(SETTLE_S)
        yield "lab verified", self.application.keeper.verify, self._meanwhile()
        yield from self._audit()
        yield from self._acquisition()
        yield from self._hash_set()
        yield from self._backup()
        yield from self._report()

    def _audit(self) -> Iterator[Station]:
        yield "custody again", self._go("custody"), passed(SETTLE_S)
        yield "audits", lambda: self._turn_to_tab("custodyTabs", "auditsTab"), lambda: self.may_press("auditFirstRoom")
        yield "audit begun", self.press("auditFirstRoom"), lambda: self.sees("auditSheet")
        yield "place chosen", lambda: self.part("auditPlace", QComboBox).setCurrentText(_SHELF), passed(2 * SETTLE_S)
        yield "audit left", self.press("cancelButton"), passed(SETTLE_S)

    def _acquisition(self) -> Iterator[Station]:
        yield "exhibits again", self._go("exhibits"), lambda: self.sees("exhibitDetails")
        yield "images of an exhibit", self._show_images, lambda: self.may_press("acquireHere")
        yield "image read back", self.press("recheckImage0"), self._meanwhile()
        yield "catalogue of an exhibit", self._show_images, lambda: self.may_press("buildCatalogue0")
        yield "image catalogued again", self.press("buildCatalogue0"), self._meanwhile()
        yield "images again", self._show_images, lambda: self.may_press("acquireHere")
        yield "acquisition asked for", self.press("acquireHere"), lambda: self.sees("acquireWizard")
        yield "source told", self._name_source, lambda: self.may_press("nextButton")
        yield "target asked for", self.press("nextButton"), lambda: self.sees("targetFolder")
        yield "target told", lambda: self._write("targetFolder", self._lab.out), lambda: self.may_press("nextButton")
        yield "acquisition to be checked", self.press("nextButton"), lambda: self.sees("acquirePromise")
        yield "disk acquired", self.press("nextButton"), self._meanwhile()
        yield "result waited for", nothing, lambda: self.may_press("nextButton")
        yield "what was acquired", self.press("nextButton"), lambda: self.sees("acquiredTitle")
        yield "acquisition closed", self.press("acquireFinish"), self._meanwhile()

    def _show_images(self) -> None:
        page = self.window.page
        assert isinstance(page, ExhibitsPage)
        page.details.show_tab(IMAGES)

    def _name_source(self) -> None:
        self.part("acquireWizard", AcquireWizard).source.take(FILE, [self._lab.disk])
        self.part("acquireBlocker", QComboBox).setCurrentText("Tableau T8u")

    def _write(self, name: str, path: Path) -> None:
        self.part(name, QLineEdit).setText(str(path))

    def _hash_set(self) -> Iterator[Station]:
        yield "lab again", self._go("lab"), passed(SETTLE_S)
        yield "hash sets", lambda: self._turn_to_tab("labTabs", "hashSets"), lambda: self.may_press("importHashSet")
        yield "import asked for", self.press("importHashSet"), lambda: self.sees("hashSetSheet")
        yield "hash set imported", self._import, self._meanwhile()
        yield "what was imported", nothing, lambda: self.sees("importedSheet")
        yield "import closed", self.press("cancelButton"), passed(SETTLE_S)
        yield "files again", self._go("examine"), lambda: self.rows
        yield "image looked up in it", lambda: self.examine.look_ups.look_up(), self._meanwhile()

    def _backup(self) -> Iterator[Station]:
        yield "lab once more", self._go("lab"), passed(SETTLE_S)
        yield "backups", lambda: self._turn_to_tab("labTabs", "backups"), lambda: self.may_press("backUpNow")
        yield "backup asked for", self.press("backUpNow"), lambda: self.sees("backupSheet")
        yield "lab backed up", self._back_up, self._meanwhile()

    def _report(self) -> Iterator[Station]:
        yield "report opened", self._go("reports"), lambda: self.may_press("submitDraft")
        yield "preview made", nothing, lambda: self.sees("reportPaper")
        for number in range(6):
            yield f"preview turned, {number + 1}", self._turn_paper, passed(SETTLE_S / 2)
        yield "submission asked for", self.press("submitDraft"), lambda: self.sees("submitSheet")
        yield "draft submitted", self.press("confirmButton"), self._is_submitted
        yield "draft approved", self._approve, lambda: self.may_press("issueReport")
        yield "issue asked for", self.press("issueReport"), lambda: self.sees("issueSheet")
        yield "report issued", self._issue, lambda: self.sees("issuedSheet")
        yield "issue closed", self.press("closeIssued"), passed(2 * SETTLE_S)

    @property
    def _reports(self) -> ReportsPage:
        page = self.window.page
        assert isinstance(page, ReportsPage)
        return page

    def _go(self, page: str) -> Callable[[], None]:
        return lambda: self._go_there(page)

    def _go_there(self, page: str) -> None:
        self._here = page
        self.window.go_to(page)

    def _next_case(self) -> None:
        cases = self.session.lab.cases.list()
        at = next(at for at, one in enumerate(cases) if self.session.case and one.id == self.session.case.id)
        self.session.show_case(cases[(at + 1) % len(cases)])

    def _turn_to(self, tabs: str, at: int) -> Callable[[], None]:
        return lambda: self.part(tabs, QTabWidget).setCurrentIndex(at)

    def _turn_to_tab(self, tabs: str, tab: str) -> None:
        box = self.part(tabs, QTabWidget)
        names = [part.objectName() for part in (box.widget(at) for at in range(box.count())) if part]
        box.setCurrentIndex(next(at for at, name in enumerate(names) if name in (tab, f"{tab}Room")))

    def _import(self) -> None:
        self.fill(
            hashSetFile=str(self._lab.digests), hashSetName="Known", hashSetVersion="1", hashSetSource="Made here",
            hashSetKind="0",
        )  # fmt: skip
        self.press("submitButton")()

    def _back_up(self) -> None:
        self.press("backupEncrypted")()
        self.fill(backupFolder=str(self._lab.out))
        self.press("submitButton")()

    def _turn_paper(self) -> None:
        self.part("reportPaper", Paper).go_to_page(self._reports.preview.paper.page + 7)

    def _is_submitted(self) -> bool:
        draft = self._reports.draft.recorded
        return draft is not None and draft.state is DraftState.IN_REVIEW

    def _approve(self) -> None:
        lab, draft = self.session.lab, self._reports.draft.recorded
        assert draft is not None

        def approve(_: object) -> None:
            signed = lab.people.sign_in("Ingrid Solberg", PASSPHRASE)
            lab.drafts.approve(signed, draft.id, seen=draft.content_sha256)

        def failed(error: Exception) -> None:
            raise error

        self.jobs.start(self, approve, done=lambda _: self.session.tell_record_changed(), failed=failed)

    def _issue(self) -> None:
        self.fill(issueOtherPassphrase=PASSPHRASE)
        self.press("issueConfirm")()

    def _meanwhile(self) -> Callable[[], bool]:
        """Until no job runs any more; meanwhile look at one page after the other."""
        steps, home = 0, ""

        def check() -> bool:
            nonlocal steps, home
            home = home or self._here
            steps += 1
            if steps > 5 and not self.jobs.active:
                self.window.go_to(home)
                return True
            if steps % _TURN == 0:
                self.window.go_to(PAGES[steps // _TURN % 6])
            return False

        return check
