"""Files of the same content on all images of the case: looked for as a job, listed in tabs that stay side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.logical import volume_around
from ui import text
from ui.examine.bound_keys import bind
from ui.examine.places import Destination
from ui.examine.sheets import name_of
from ui.examine.stamps import field_names, stamp_cell
from ui.examine.tab_group import Tab, TabGroup
from ui.examine.words import state_words, tr, visible
from ui.jobs import JobCard
from ui.models.cells import EMPTY, Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import hbox, line, pane, plain, vbox
from ui.widgets.notes import Note
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.twin import SameContent, Twin
    from ui.examine.browser import Browser
    from ui.page import PageContext

_TIMES = ("modified", "created", "accessed", "changed")


class SameView(QWidget):
    """Results in tabs; ``left`` says that the files are to be shown again, ``jump_asked`` carries a ``Twin``."""

    left = Signal()
    jump_asked = Signal(object)

    def __init__(self, zone: Callable[[], tzinfo]) -> None:
        """Start without a result; ``zone`` tells the zone of times when a cell is drawn."""
        super().__init__()
        self.setObjectName("sameView")
        self._zone = zone
        self._tabs: list[Tab] = []
        self._made = 0
        self.back = Button(self.tr("Files"), name="sameBack", icon="return", tip=self.tr("Back to the files (Esc)"))
        self.closer = Button(self.tr("Close this tab"), name="sameClose", icon="cancel", tip=self.tr("Ctrl+W"))
        title = CutLabel(self.tr("Same content on the images of the case"), "label", name="sameTitle")
        head = hbox(self.back, (title, 1), self.closer, margins=(Space.S, Space.S, Space.S, Space.S))
        self.group = TabGroup(name="sameGroup", title=self.tr("Files of the same content"))
        self.setLayout(vbox(pane(vbox(plain(head), line(), (self.group, 1), gap=0)), gap=0))
        self.back.clicked.connect(self.left)
        self.closer.clicked.connect(self.close_tab)
        bind(self, "Escape", self.left.emit)
        bind(self, "Ctrl+W", self.close_tab)

    @property
    def count(self) -> int:
        """How many results are open."""
        return len(self._tabs)

    @property
    def table(self) -> Table | None:
        """The list in sight."""
        shown = next((tab.viewer for tab in self._tabs if tab.key == self.group.current), None)
        return shown.findChild(Table) if shown else None

    def add(self, name: str, found: SameContent) -> None:
        """List what was found in a tab of its own, and bring it into sight."""
        self._made += 1
        key = str(self._made)
        self._tabs.append(Tab(key=key, words=name.replace("&", "&&"), viewer=self._result(name, found)))
        self.group.set_tabs(self._tabs, key)

    def close_tab(self) -> None:
        """Close the tab in sight; with the last one the files come back."""
        gone = next((tab for tab in self._tabs if tab.key == self.group.current), None)
        if gone is None:
            return
        at = self._tabs.index(gone)
        self._tabs.remove(gone)
        self.group.set_tabs(self._tabs, self._tabs[max(0, at - 1)].key if self._tabs else "")
        gone.viewer.deleteLater()
        if not self._tabs:
            self.left.emit()

    def clear(self) -> None:
        """Close every tab, for another case was opened."""
        gone, self._tabs = self._tabs, []
        self.group.set_tabs(())
        for tab in gone:
            tab.viewer.deleteLater()

    def panes(self) -> Sequence[QWidget]:
        """The parts that F6 goes through."""
        return (self.table,) if self.table else ()

    def _result(self, name: str, found: SameContent) -> QWidget:
        words = label(_sentence(found), wrap=True, select=True, name="sameWords")
        left_out = "\n".join(f"{one.path}: {one.why}." for one in found.left_out)
        note = Note(Tone.WARN, left_out, name="sameLeftOut")
        note.setVisible(bool(left_out))
        model: RecordTableModel[Twin] = RecordTableModel(
            _columns(self._zone), self, key=lambda one: (one.image.id, one.entry.id)
        )
        model.set_records(found.twins)
        title = tr("Files with the content of {name}").format(name=name)
        table = Table(model, name="sameFiles", title=title)
        table.opened.connect(self.jump_asked)
        if found.twins:
            table.selectRow(0)
        body = plain(hbox((words, 1), margins=(Space.M, Space.S, Space.M, Space.S)))
        return plain(vbox(body, note, (table, 1), gap=0))


class SameActs:
    """Puts :class:`SameView` into the page's stack, and fills it."""

    def __init__(self, page: QWidget, context: PageContext, stack: QStackedWidget, browser: Browser) -> None:
        """Act for ``page``."""
        self._page, self._context, self._stack, self._browser = page, context, stack, browser
        self.view = SameView(lambda: browser.zone)
        stack.addWidget(self.view)
        self.view.left.connect(self.leave)
        self.view.jump_asked.connect(self._jump)

    @property
    def is_shown(self) -> bool:
        """Whether it is in the place of the files."""
        return self._stack.currentWidget() is self.view

    def find(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        """Look for the content of these files on every image of the case."""
        if not entries:
            return
        lab = self._context.session.lab
        name = name_of(tuple(entries), tr("{n} files"))
        title = tr("Find the content of {name} on all images").format(name=name)

        def done(found: SameContent) -> None:
            if self._browser.case.image(image.id) is not None:  # no other case was opened meanwhile
                self.view.add(name, found)
                self._browser.has_same = True
                self.show()

        card = JobCard(
            title=title,
            icon="search",
            unit=tr("entries"),
            if_stopped=tr("Nothing is kept and nothing is recorded. Catalogues and images are not changed."),
            may_be_dropped=True,
        )
        self._context.jobs.start(
            self._page,
            lambda on_progress: lab.twins.find(image, entries, on_progress),
            done=done,
            failed=lambda error: self._context.show_error(title, error),
            card=card,
        )

    def show(self) -> None:
        """Show what was found."""
        self._stack.setCurrentWidget(self.view)
        if self.view.table:
            self.view.table.setFocus()

    def leave(self) -> None:
        """Show the files again."""
        self._browser.has_same = self.view.count > 0
        self._stack.setCurrentWidget(self._browser)
        self._browser.files.table.setFocus()

    def clear(self) -> None:
        """Another case was opened."""
        self.view.clear()
        self._browser.has_same = False

    def _jump(self, twin: Twin) -> None:
        self._stack.setCurrentWidget(self._browser)
        self._browser.go_to_entry(Destination(image_id=twin.image.id, entry_id=twin.entry.id))


def _sentence(found: SameContent) -> str:
    count = len(found.twins)
    images = text.plural(found.images, tr("1 image was"), tr("{n} images were"))
    if count:
        files = text.plural(count, tr("1 other file has"), tr("{n} other files have"))
        said = tr("{files} this content, by SHA-256. {images} looked through. Return goes to the file.")
        said = said.format(files=files, images=images)
    else:
        said = tr("No other file has this content, by SHA-256. {images} looked through.").format(images=images)
    if found.not_asked:
        more = text.plural(
            found.not_asked,
            tr("1 chosen entry has no SHA-256 or no content, and was not looked for."),
            tr("{n} chosen entries have no SHA-256 or no content, and were not looked for."),
        )
        said = f"{said} {more}"
    return f"{said} {tr('Files whose content could not be read have no SHA-256 and are not found so.')}"


def _columns(zone: Callable[[], tzinfo]) -> tuple[Column[Twin], ...]:
    def time(field: str) -> Column[Twin]:
        return Column(
            key=field,
            title=field_names()[field],
            cell=lambda one: stamp_cell(one.entry, field, zone()),
            width_px=190,
            hidden=field in ("accessed", "changed"),
        )

    return (
        Column(key="image", title=tr("Image"), cell=lambda one: Cell(one.image.number), width_px=110),
        Column(key="path", title=tr("Path"), cell=_path_cell, width_px=300, stretch=True),
        Column(key="allocated", title=tr("State"), cell=_state_cell, width_px=100),
        *map(time, _TIMES),
        Column(key="hidden", title=tr("Not shown without a reason"), cell=_hidden_cell, width_px=190),
        Column(key="sha256", title="SHA-256", cell=_digest_cell, width_px=500, hidden=True),
    )


def _path_cell(one: Twin) -> Cell:
    return Cell(f"{volume_around(one.entry.volume_id)}{visible(one.entry.path)}", Kind.PATH)


def _state_cell(one: Twin) -> Cell:
    return Cell(state_words(one.entry) or tr("Allocated"))


def _hidden_cell(one: Twin) -> Cell:
    return Cell(one.hidden, tone=Tone.WARN) if one.hidden else EMPTY


def _digest_cell(one: Twin) -> Cell:
    return Cell(text.digest_text(one.entry.sha256), Kind.MONO) if one.entry.sha256 else EMPTY
