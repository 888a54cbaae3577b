"""The viewers side by side: bytes, text and preview, facts; fewer beside each other where room is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from forensics_app.model.areas import READS_SLACK_OF, AreaKind
from ui.examine.bound_keys import bind
from ui.examine.details_pane import DetailsPane, TimesPane
from ui.examine.hex_pane import HexPane
from ui.examine.places import BytesWanted
from ui.examine.preview_pane import PreviewPane
from ui.examine.sources import ByteSource, area_source, file_source, in_words, media_source, volume_source
from ui.examine.tab_group import Tab, TabGroup
from ui.examine.text_panes import StringsPane, TextPane
from ui.examine.values_pane import ValuesPane
from ui.examine.words import visible
from ui.jobs import JobRunner
from ui.latest import Latest
from ui.theme import Size, Space
from ui.widgets.buttons import IconButton
from ui.widgets.labels import CutLabel
from ui.widgets.layout import hbox, plain, splitter, vbox

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.finding import ChosenFile
    from ui.examine.places import Subject

FILE, SLACK, VOLUME, MEDIA = "file", "slack", "volume", "media"
BYTES = (FILE, SLACK, VOLUME, MEDIA)
TEXT, STRINGS, PREVIEW, DETAILS, TIMES, VALUES = "text", "strings", "preview", "details", "times", "values"
THREE_PX, TWO_PX = 1060, 880
FACTS_PX = 290
_SPLIT = "examine/viewers"


class Viewers(QWidget):
    """Shows one subject in every way; the bytes of its file or unallocated space, its slack, its volume or its media.

    ``bytes_export_asked`` carries :class:`BytesWanted`; ``enlarged`` tells whether one pane is to have all the room.
    """

    bytes_export_asked = Signal(object)
    enlarged = Signal(bool)

    def __init__(self, jobs: JobRunner, settings: QSettings, parent: QWidget) -> None:
        """Start without a subject; where the viewers part is kept in ``settings``."""
        super().__init__(parent)
        self.setObjectName("viewers")
        self._settings = settings
        self._lab: Lab | None = None
        self._subject: Subject | None = None
        self._bytes_shown: tuple[object, ...] = ()
        self._finding, self._sets = Latest(self, jobs), Latest(self, jobs)
        self.hex, self.text, self.strings = HexPane(jobs), TextPane(jobs), StringsPane(jobs)
        self.preview, self.details, self.times = PreviewPane(jobs), DetailsPane(), TimesPane()
        self.values = ValuesPane(jobs)
        self._selection = CutLabel("", "caption", name="hexSelection")
        self._selection.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.hex.said.connect(self._selection.setText)
        self.hex.selected.connect(lambda offset, _: self.values.show_place(self.hex.source, offset))
        self.hex.source_changed.connect(lambda: self.values.show_place(self.hex.source, 0))
        self._groups = (
            TabGroup(name="bytesGroup", title=self.tr("Bytes"), may_be_large=True),
            TabGroup(name="textGroup", title=self.tr("Text and preview"), may_be_large=True),
            TabGroup(name="factsGroup", title=self.tr("Facts"), may_be_large=True),
        )
        self._groups[0].when_shown(self._show_bytes)
        for group in self._groups:
            group.enlarge_asked.connect(partial(self.enlarge, group))
        self._large: TabGroup | None = None
        self._before: QWidget | None = None
        self._of = CutLabel("", "small", mode=Qt.TextElideMode.ElideMiddle, name="enlargedOf")
        self._of_row = plain(hbox((self._of, 1), margins=(Space.M, Space.XS, Space.M, Space.XS)))
        self._of_row.hide()
        tools = self._hex_tools()
        self._columns: tuple[tuple[Tab, ...], ...] = (
            (
                Tab(key=FILE, words=self.tr("Hex"), viewer=self.hex, tools=tools),
                Tab(key=SLACK, words=self.tr("Slack"), viewer=self.hex, tools=tools),
                Tab(key=VOLUME, words=self.tr("Volume"), viewer=self.hex, tools=tools),
                Tab(key=MEDIA, words=self.tr("Media"), viewer=self.hex, tools=tools),
            ),
            (
                Tab(key=TEXT, words=self.tr("Text"), viewer=self.text),
                Tab(key=PREVIEW, words=self.tr("Preview"), viewer=self.preview),
                Tab(key=STRINGS, words=self.tr("Strings"), viewer=self.strings),
            ),
            (
                Tab(key=DETAILS, words=self.tr("Details"), viewer=self.details),
                Tab(key=TIMES, words=self.tr("Times"), viewer=self.times),
                Tab(key=VALUES, words=self.tr("Values"), viewer=self.values),
            ),
        )
        self._split = splitter(Qt.Orientation.Horizontal, *self._groups, name="viewerSplit")
        for at, share in enumerate((0, 1, 1)):
            self._split.setStretchFactor(at, share)
        self._split.splitterMoved.connect(lambda *_: self._keep_sizes())
        self.setLayout(vbox(self._of_row, (self._split, 1), gap=0))
        self._across = 0
        self._recent: tuple[str, ...] = ()
        for group in self._groups:
            group.when_shown(self._note_recent)
        self._arrange(3)
        self._recent = ()

    def show_subject(
        self, lab: Lab, subject: Subject | None, chosen: ChosenFile | None, zone: tzinfo, zone_name: str
    ) -> None:
        """Look at another subject in every viewer."""
        is_other = subject is None or self._subject is None or subject.key != self._subject.key
        if is_other and lab.examine.marks.cover():  # whoever comes back to a marked file says again why
            self._bytes_shown = ()
        self._lab, self._subject = lab, subject
        self._of.setText(_path_of(subject) if subject else "")
        entry = subject.entry if subject else None
        group = self._groups[0]
        self._enable()
        has_content = entry is not None or (subject is not None and subject.unallocated)
        wanted = FILE if has_content else VOLUME if subject and subject.volume else MEDIA
        if group.current in BYTES:
            group.show_tab(wanted)
        self._show_bytes(group.current if group.current in BYTES else wanted)
        if subject is None or not subject.unallocated:
            self._show_text(self._source(wanted, lab, subject) if subject else None)
        self.preview.show_subject(lab, subject)
        self.show_facts(subject, chosen, zone, zone_name)

    def show_again(self) -> None:
        """Read what is shown anew, as what hides it may have changed."""
        lab, subject = self._lab, self._subject
        if lab is None or subject is None:
            return
        self._bytes_shown = ()
        self._show_bytes(self._groups[0].current)
        self._show_text(file_source(lab, subject))
        self.preview.show_subject(lab, subject)

    def preview_again(self) -> None:
        """Show the preview anew, as what conceals it may have changed."""
        if self._lab is not None and self._subject is not None:
            self.preview.show_subject(self._lab, self._subject)

    def show_facts(self, subject: Subject | None, chosen: ChosenFile | None, zone: tzinfo, zone_name: str) -> None:
        """Tell the facts again, such as in another zone; the bytes stay as they are."""
        self.details.show_subject(subject, chosen, zone)
        self.times.show_entry(subject.entry if subject else None, zone, zone_name)
        self._ask_for_sets(subject)

    def _ask_for_sets(self, subject: Subject | None) -> None:
        """Tell the hash sets of an entry as soon as they are read."""
        lab, entry = self._lab, subject.entry if subject else None
        if lab is None or subject is None or entry is None or not (entry.md5 or entry.sha256):
            return
        self._sets.ask(
            lambda _: lab.hash_matching.of_entry(subject.image, entry.id),
            self.details.show_sets,
            lambda error: self.details.show_sets_unreadable(str(error)),
        )

    def show_tab(self, key: str) -> None:
        """Bring a viewer into sight."""
        for group in self._groups:
            if group.show_tab(key):
                return

    def focus_bytes(self, key: str) -> None:
        """Show the bytes of file, volume or media, with the keyboard in them."""
        self.show_tab(key)
        self.hex.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def panes(self) -> Sequence[QWidget]:
        """The groups, from left to right."""
        return self._groups

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put more behind one row of tabs where the room is short."""
        super().resizeEvent(event)
        if self._large is None:
            self._arrange(self._fitting())
            self._share_out()

    @property
    def is_enlarged(self) -> bool:
        """Whether one pane has all the room."""
        return self._large is not None

    def enlarge(self, group: TabGroup | None = None) -> None:
        """Give one pane all the room of the page, or give the room back.

        Args:
            group: The pane; without it the one with the keyboard, else the one with the preview.
        """
        if self._large is not None:
            self.shrink()
            return
        focused = QApplication.focusWidget()
        with_keyboard = [one for one in self._groups if focused is not None and one.isAncestorOf(focused)]
        with_preview = [one for one in self._groups if PREVIEW in one.keys]
        self._large = chosen = group or (with_keyboard or with_preview)[0]
        self._before = None if chosen in with_keyboard else focused
        for one in self._groups:
            one.setVisible(one is chosen)
            one.show_large(one is chosen)
        self._of_row.show()
        self.enlarged.emit(True)
        if chosen not in with_keyboard:
            chosen.take_focus()

    def shrink(self) -> None:
        """Give the room back that a pane took, and the keyboard to where it was."""
        if self._large is None:
            return
        self._large = None
        self._of_row.hide()
        for group in self._groups:
            group.setVisible(bool(group.keys))
            group.show_large(False)
        self.enlarged.emit(False)
        self._arrange(self._fitting())
        self._share_out()
        before, self._before = self._before, None
        if before is not None and shiboken6.isValid(before):
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fitting(self) -> int:
        """How many groups stand side by side in the width that there is."""
        return 3 if self.width() >= THREE_PX else 2 if self.width() >= TWO_PX else 1

    def _arrange(self, across: int) -> None:
        """Put the tabs into so many groups beside each other; of two, one is of what is read, one of what is told."""
        if across == self._across:
            return
        self._across = across
        self._selection.setVisible(across > 1)
        self.hex.tell_selection_below(across == 1)
        focused = self._focused_viewer()
        recent = self._recent
        bytes_, text, facts = self._columns
        read, told = [tab for tab in text if tab.key != PREVIEW], [tab for tab in text if tab.key == PREVIEW]
        arranged = {
            1: ((*bytes_, *text, *facts), (), ()),
            2: ((*bytes_, *read), (), (*facts, *told)),
            3: self._columns,
        }[across]
        for group, tabs in zip(self._groups, arranged, strict=True):
            if not tabs:
                group.set_tabs(())
        for group, tabs in zip(self._groups, arranged, strict=True):
            if tabs:
                keys = {tab.key for tab in tabs}
                group.set_tabs(tabs, next((key for key in recent if key in keys), ""))
        self._recent = recent  # what the groups show now is nobody's choice
        self._share_out()
        self._enable()
        if focused:
            key, part = focused
            self.show_tab(key)
            part.setFocus(Qt.FocusReason.OtherFocusReason)

    def _note_recent(self, key: str) -> None:
        """Keep which tabs were chosen, the last first, for when the groups part or join."""
        self._recent = (key, *(one for one in self._recent if one != key))

    def _focused_viewer(self) -> tuple[str, QWidget] | None:
        """The tab in whose viewer the keyboard is, and where there; the tabs are about to be taken apart."""
        part = QApplication.focusWidget()
        if part is None or not self.isAncestorOf(part):
            return None
        keys = (group.current for group in self._groups)
        tabs = {tab.key: tab for column in self._columns for tab in column}
        return next(((key, part) for key in keys if key and tabs[key].viewer.isAncestorOf(part)), None)

    def _share_out(self) -> None:
        """Give the groups the sizes that somebody dragged them to, else those that suit the width."""
        stored = self._settings.value(f"{_SPLIT}{self._across}")
        kept = isinstance(stored, list) and len(stored) == len(self._groups)
        self._split.setSizes([int(size) for size in stored] if kept else self._first_sizes(self._across))

    def _first_sizes(self, across: int) -> list[int]:
        """Room for whole rows of bytes; the rest for the others."""
        row = self.hex.view.sizeHint().width()
        rest = max(0, self.width() - row)
        facts = min(rest, max(FACTS_PX, rest * 2 // 5))
        return {1: [self.width(), 0, 0], 2: [row, 0, rest], 3: [row, rest - facts, facts]}[across]

    def _keep_sizes(self) -> None:
        self._settings.setValue(f"{_SPLIT}{self._across}", self._split.sizes())

    def _enable(self) -> None:
        subject, group = self._subject, self._groups[0]
        has_content = subject is not None and (subject.entry is not None or subject.unallocated)
        group.set_enabled(FILE, has_content, self.tr("Choose a file"))
        no_slack = self.tr("Choose a file of a file system whose slack is read")
        group.set_enabled(SLACK, subject is not None and _has_slack(subject), no_slack)
        group.set_enabled(VOLUME, subject is not None and subject.volume is not None, self.tr("Choose a volume"))

    def _show_bytes(self, key: str) -> None:
        lab, subject = self._lab, self._subject
        if lab is None or subject is None:
            self._bytes_shown = ()
            self.hex.show_source(None)
            return
        if key not in BYTES:
            return
        of_entry = key in (FILE, SLACK)
        shown = (key, *(subject.key if of_entry else subject.key[:2] if key == VOLUME else subject.key[:1]))
        if shown == self._bytes_shown:
            return
        before, self._bytes_shown = self._bytes_shown, shown
        self._finding.drop()
        if key == SLACK or (key == FILE and subject.unallocated):
            self._look_for(AreaKind.SLACK if key == SLACK else AreaKind.UNALLOCATED, lab, subject)
            return
        self.hex.show_source(self._source(key, lab, subject))
        if before[:1] == (SLACK,) and before[1:] == subject.key:  # the text was of the slack
            self._show_text(self._source(FILE, lab, subject))

    def _look_for(self, kind: AreaKind, lab: Lab, subject: Subject) -> None:
        """Find unallocated space or slack off the UI thread, and show it as bytes and text."""
        looking = self.tr("Looking for it …")
        self.hex.show_source(None, looking)
        self._show_text(None, looking)

        def take(source: ByteSource) -> None:
            self.hex.show_source(source)
            self._show_text(source)

        def refuse(error: Exception) -> None:
            self.hex.show_source(None, in_words(error))
            self._show_text(None, in_words(error))

        self._finding.ask(lambda _: area_source(lab, subject, kind), take, refuse)

    def _show_text(self, source: ByteSource | None, why_none: str = "") -> None:
        self.text.show_source(source, why_none)
        self.strings.show_source(source, why_none)

    def _ask_export(self) -> None:
        subject, source = self._subject, self.hex.source
        if subject is None or source is None or source.area is None or not source.length_bytes:
            return
        start, length = self.hex.view.selection
        wanted = BytesWanted(image=subject.image, area=source.area)
        if length > 1:
            wanted = replace(wanted, offset_bytes=start, size_bytes=length)
        self.bytes_export_asked.emit(wanted)

    def _find_bytes(self) -> None:
        """Let the person type what to find, with the bytes in front where text or a preview is."""
        if self._groups[0].current not in BYTES:
            self.show_tab(str(self._bytes_shown[0]) if self._bytes_shown else MEDIA)
        self.hex.open_find()

    def _show_tools(self) -> None:
        source = self.hex.source
        self._export.setEnabled(source is not None and source.area is not None and source.length_bytes > 0)

    def _source(self, key: str, lab: Lab, subject: Subject) -> ByteSource | None:
        match key:
            case "file":
                return file_source(lab, subject)
            case "volume":
                return volume_source(lab, subject)
        return media_source(lab, subject)

    def _hex_tools(self) -> QWidget:
        find = IconButton(
            "search", self.tr("Find bytes or text (Ctrl+Shift+H)"), name="findBytes", size_px=Size.ICON_SMALL
        )
        find.clicked.connect(self.hex.open_find)
        bind(self, "Ctrl+Shift+H", self._find_bytes, Qt.ShortcutContext.WindowShortcut)
        jump = IconButton("arrow-right", self.tr("Go to offset (Ctrl+G)"), name="gotoOffset", size_px=Size.ICON_SMALL)
        jump.clicked.connect(self.hex.open_goto)
        self._export = IconButton(
            "export", self.tr("Export the selected bytes, or all of the slack, volume or media"), name="exportBytes",
            size_px=Size.ICON_SMALL,
        )  # fmt: skip
        self._export.clicked.connect(self._ask_export)
        self.hex.source_changed.connect(self._show_tools)
        self._show_tools()
        return plain(hbox(None, (self._selection, 100), find, jump, self._export, gap=Space.XXS))


def _path_of(subject: Subject) -> str:
    """What is looked at, whole: image, volume and path."""
    entry, volume = subject.entry, subject.volume
    parts = (subject.image.number, entry.volume_id if entry else volume.id if volume else "")
    return "  ".join((*filter(None, parts), visible(entry.path) if entry else "")).strip()


def _has_slack(subject: Subject) -> bool:
    """Whether slack can be asked for: of a file in the volume itself, not in an archive, of a system that is read."""
    entry, volume = subject.entry, subject.volume
    if entry is None or volume is None or volume.file_system is None or entry.volume_id != volume.id:
        return False
    return volume.file_system.type in READS_SLACK_OF and entry.kind in ("file", "stream", "directory")
