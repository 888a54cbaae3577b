"""What an examiner does with a large case at the window: searches, times, pictures, viewers, sets, exports."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QWidget

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from tests.benchmarks.big_contents import LARGE
from tests.benchmarks.window_large_lab import FILES, LargeLab
from tests.benchmarks.window_walk import Station, Walker, nothing, passed
from ui.application import Application
from ui.examine.case_reading import ImageShown
from ui.examine.places import Destination, Place
from ui.examine.viewers import MEDIA, PREVIEW, STRINGS, TEXT, VOLUME

SETTLE_S = 1.0
_JUMP, _CHOOSE, _TURN = 20, 7, 25
_SCROLLED = 60
_BESIDE = ("custody", "exhibits", "review", "cases")


class Workbench(Walker):
    """Works at the first case of a :class:`LargeLab`."""

    def __init__(self, application: Application, lab: LargeLab) -> None:
        """Stand before the window."""
        super().__init__(application)
        self._lab = lab
        self._steps = 0
        QFileDialog.getExistingDirectory = staticmethod(lambda *_, **__: str(lab.out))  # type: ignore[method-assign]

    def stations(self) -> Iterator[Station]:
        """Every kind of job of the Examine page, one after the other."""
        yield "signing in", nothing, lambda: self.sees("signInButton")
        yield "first page, lab verified", self.sign_in, lambda: self.jobs.jobs and not self.jobs.active
        yield "pages made", nothing, passed(3 * SETTLE_S)
        yield from self.work()

    def work(self) -> Iterator[Station]:
        """What is done once the pages are there."""
        yield "Examine opened", self.keys("Alt+3"), lambda: self.rows
        yield "all files listed", self.press("subfoldersChip"), lambda: self.rows > FILES
        yield from self._tabs()
        yield from self._searches()
        yield from self._times()
        yield from self._contents()
        yield from self._reader_and_folder()

    def _tabs(self) -> Iterator[Station]:
        for words in ("name:*.txt", "size>4k", "file0001"):
            yield f"filtered: {words}", self._filter(words), passed(SETTLE_S)
            yield f"kept in a tab: {words}", self.keys("Ctrl+T"), passed(SETTLE_S)
        for number in range(3):
            yield f"tab turned, {number + 1}", self.keys("Ctrl+PgUp"), passed(SETTLE_S)
        yield "a tab scrolled", self._begin, self._until_scrolled(lambda: self.examine.browser.files.table)

    def _searches(self) -> Iterator[Station]:
        def hits() -> QAbstractItemView:
            return self.part("searchHits", QAbstractItemView)

        yield "search asked for", self.keys("Ctrl+Shift+F"), lambda: self.sees("searchSheet")
        yield "image searched", self._search("fox 12", every=False), self._while_jobs(hits)
        yield "its hits scrolled", self._begin, self._until_scrolled(hits)
        yield "its hits in another order", lambda: hits().model().sort(1), passed(2 * SETTLE_S)
        yield "next search asked for", self.press("newSearch"), lambda: self.sees("searchSheet")
        yield "case searched, detectors too", self._search("fox 199\npage 9999", every=True), self._while_jobs(hits)
        yield "files again", self.press("searchBack"), passed(SETTLE_S)

    def _times(self) -> Iterator[Station]:
        def events() -> QAbstractItemView:
            return self.part("timelineEvents", QAbstractItemView)

        yield "timeline asked for", self.keys("Ctrl+Shift+L"), lambda: self.may_press("makeTimeline")
        yield "timeline made", self.press("makeTimeline"), self._while_jobs(None)
        yield "timeline shown", nothing, lambda: self.sees("timelineEvents")
        yield "all times seen", self.press("timelineWhole"), passed(2 * SETTLE_S)
        for way in ("Closer", "Closer", "Wider", "Whole"):
            yield f"times seen: {way.lower()}", self.press(f"timeline{way}"), passed(SETTLE_S)
        yield "events scrolled", self._begin, self._until_scrolled(events)
        yield "events filtered", lambda: self.fill(timelineFilter="name:*.txt"), passed(2 * SETTLE_S)
        yield "back from the times", self.press("timelineBack"), passed(SETTLE_S)

    def _contents(self) -> Iterator[Station]:
        yield "folder of pictures", lambda: self._go_to_entry("/pictures/IMG_0001"), passed(SETTLE_S)
        yield "gallery turned on", self.keys("Ctrl+Shift+P"), passed(SETTLE_S)
        yield "gallery scrolled", self._begin, self._until_scrolled(lambda: self.part("gallery", QAbstractItemView))
        yield "gallery turned off", self.keys("Ctrl+Shift+P"), passed(SETTLE_S)
        yield "preview in sight", lambda: self.examine.browser.viewers.show_tab(PREVIEW), passed(SETTLE_S)
        for name in LARGE:
            yield f"{name} opened", self._open(name), self._settled()
            if self.sees("structureTree"):
                yield f"{name}, branch opened", self._choose_branch, passed(SETTLE_S)
            if self.sees("structureRows"):
                rows = self._structure_rows
                yield f"{name}, rows scrolled", self._begin, self._until_scrolled(rows)
            if self.sees("pageNext"):
                yield f"{name}, next page", self.press("pageNext"), passed(SETTLE_S)
        for tab in (TEXT, STRINGS, VOLUME, MEDIA):
            yield f"viewer: {tab}", self._show_tab(tab), passed(SETTLE_S)
        yield "media scrolled", self._begin, self._until_scrolled(lambda: self.examine.browser.viewers.hex.view)

    def _reader_and_folder(self) -> Iterator[Station]:
        yield "first image again", lambda: self.examine.browser.go(self._volume()), passed(SETTLE_S)
        yield "second reader", self._compare, self._while_jobs(None)
        yield "its differences shown", nothing, lambda: self.sees("differencesSheet")
        yield "differences closed", self.press("cancelButton"), passed(SETTLE_S)
        yield "folder exported", self._export, self._while_jobs(lambda: self.examine.browser.files.table)

    def _filter(self, words: str) -> Callable[[], None]:
        def act() -> None:
            self.examine.browser.files.filter.box.setText(words)

        return act

    def _search(self, words: str, *, every: bool) -> Callable[[], None]:
        def act() -> None:
            self.fill(searchTerms=words)
            if every:
                self.press("searchAllImages")()
                self.press("searchDetect")()
            self.press("submitButton")()
            self._begin()

        return act

    def _image(self, at: int) -> ImageShown:
        return self.examine.browser.case.images[at]

    def _volume(self) -> Place:
        shown = self._image(0)
        assert shown.content is not None
        volume = next(one for one in shown.content.volumes if one.file_system)
        return Place(image_id=shown.image.id, volume_id=volume.id)

    def _go_to_entry(self, path: str) -> None:
        image = self._image(1).image
        with self.session.lab.catalogues.open(image) as catalogue:
            found = catalogue.ids(CatalogueQuery(filter=Words(column="path", text=path)))
        self.examine.open_target(Destination(image_id=image.id, entry_id=found[0]))

    def _open(self, name: str) -> Callable[[], None]:
        return lambda: self._go_to_entry(f"/large/{name}")

    def _settled(self) -> Callable[[], bool]:
        rested = passed(2 * SETTLE_S)
        return lambda: rested() and not self.jobs.active

    def _choose_branch(self) -> None:
        tree = self.part("structureTree", QAbstractItemView)
        model = tree.model()
        tree.setCurrentIndex(model.index(0, 0, model.index(0, 0)))
        QTest.keyClick(tree, Qt.Key.Key_Right)

    def _structure_rows(self) -> QAbstractItemView:
        return self.part("structureRows", QAbstractItemView)

    def _show_tab(self, tab: str) -> Callable[[], None]:
        return lambda: self.examine.browser.viewers.show_tab(tab)

    def _compare(self) -> None:
        self.examine.browser.tree.compare_asked.emit(self._volume())

    def _export(self) -> None:
        image = self._image(0).image
        with self.session.lab.catalogues.open(image) as catalogue:
            folder = next(
                iter(catalogue.rows(catalogue.ids(CatalogueQuery(filter=Words(column="path", text="/user01/dir0001")))))
            )
        assert folder.kind == "directory" or folder.parent_id is not None
        folder_id = folder.id if folder.kind == "directory" else folder.parent_id
        assert folder_id is not None
        self.examine.acts.export_folder(image, folder_id)
        self._begin()

    def _begin(self) -> None:
        self._steps = 0

    def _scroll(self, view: QWidget) -> None:
        """A page further, now and then far away; now and then a row is chosen."""
        bar = view.verticalScrollBar()  # type: ignore[attr-defined]
        self._steps += 1
        jump = self._steps % _JUMP == 0
        bar.setValue(self._steps * 7919 % (bar.maximum() + 1) if jump else bar.value() + bar.pageStep())
        if self._steps % _CHOOSE == 0 and isinstance(view, QAbstractItemView):
            port = view.viewport()
            QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=port.rect().center())

    def _until_scrolled(self, view: Callable[[], QWidget]) -> Callable[[], bool]:
        def check() -> bool:
            if self._steps < _SCROLLED:
                self._scroll(view())
                return False
            return True

        return check

    def _while_jobs(self, view: Callable[[], QWidget] | None) -> Callable[[], bool]:
        """Until no job runs any more: scroll, and look at another page now and then."""
        steps = 0

        def check() -> bool:
            nonlocal steps
            steps += 1
            at_home = self.window.page is self.window.made_pages()[self._home]
            if steps > 5 and not self.jobs.active and at_home:
                return True
            if steps % _TURN == 0:
                self.window.go_to(_BESIDE[steps // _TURN % len(_BESIDE)])
            elif steps % _TURN == _TURN // 2:
                self.window.go_to("examine")
            elif at_home and view is not None:
                with contextlib.suppress(AssertionError):
                    self._scroll(view())
            return False

        self._home = [type(page).__name__ for page in self.window.made_pages()].index("ExaminePage")
        return check
