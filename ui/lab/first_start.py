"""The first page of the program: create a lab with its first administrator, or open one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import Qt, QTimeZone, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QLineEdit, QWidget

from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button, RowButton
from ui.widgets.labels import CutLabel, IconLabel, label
from ui.widgets.layout import card, hbox, line, plain, scrolled, vbox
from ui.widgets.notes import note

if TYPE_CHECKING:
    from forensics_app.model.person import Role

_COLUMN_PX = 620
_SIDE_PX = 320
_NARROW_PX = 820


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLab:
    """What is asked when a lab is to be created.

    ``roles`` are those besides administrator; ``server`` is empty for a record in the folder; ``encrypted`` says that
    all that is kept in the folder is.
    """

    folder: Path
    name: str
    address: str
    zone: str
    person_name: str
    function: str
    organisation: str
    id_number: str
    roles: frozenset[Role]
    passphrase: str
    server: str = ""
    encrypted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinLab:
    """What is asked when a lab on a server is to be opened: the URL of its database, and the shared folder."""

    server: str
    folder: Path


class FirstStart(QWidget):
    """Tells what is asked; whoever shows the page does it and says by :meth:`show_busy` how it goes."""

    create_asked = Signal(object)
    open_asked = Signal(object)
    join_asked = Signal(object)
    restore_asked = Signal()

    def __init__(self, recent: Sequence[Path], *, shortest_passphrase: int) -> None:
        """Offer ``recent`` lab folders; a passphrase has ``shortest_passphrase`` characters at least."""
        super().__init__()
        self.setObjectName("firstStart")
        self.setAccessibleName(self.tr("First start"))
        self._shortest = shortest_passphrase
        self._busy = note(Tone.RUN, "", name="busyNote")
        self._busy.hide()
        self._create = Button(self.tr("Create the lab"), name="createLab", kind="primary", icon="lab")
        self._create.clicked.connect(self._ask_create)
        self._open = Button(self.tr("Choose a lab folder…"), name="openLab", icon="folder")
        self._open.clicked.connect(self._choose_lab)
        self._restore = Button(self.tr("Restore a backup…"), name="restoreLab", icon="backup")
        self._restore.clicked.connect(self.restore_asked)
        self._join = Button(self.tr("Open the shared lab"), name="joinLab", icon="lab")
        self._join.clicked.connect(self._ask_join)
        self._body = hbox((self._creation(), 3), (self._opening(recent), 2), gap=Space.L)
        self._body.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = vbox(
            label(self.tr("Forensics"), "figure"),
            label(
                self.tr(
                    "A lab is one folder: the record, its keys, and what is found in images. Several workstations "
                    "share one whose record is on a server. Evidence itself stays where it is and is only read."
                ),
                "muted",
                wrap=True,
            ),
            gap=Space.XS,
        )
        column = plain(vbox(head, self._busy, self._body, None, gap=Space.L))
        column.setMaximumWidth(_COLUMN_PX + _SIDE_PX + Space.L)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        inner = plain(hbox(None, (column, 100), None, gap=0, margins=margins))
        self.setLayout(vbox((scrolled(inner, name="startScroll"), 1), gap=0))
        self.setFocusProxy(self._name.entry)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put opening under creating where the page is narrow."""
        super().resizeEvent(event)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._body.setDirection(down if self.width() < _NARROW_PX else across)

    def show_busy(self, sentence: str) -> None:
        """Say what is being done and take no other wish; an empty text gives the page back."""
        self._busy.say(Tone.RUN, sentence)
        self._busy.setVisible(bool(sentence))
        for part in (self._create, self._open, self._restore, self._join, *self.findChildren(RowButton)):
            part.setEnabled(not sentence)

    def _creation(self) -> QWidget:
        self._place, self._person = self._lab_form(), self._administrator()
        key = self.tr(
            "Your key is made now and signs your own enrolment: the root of the lab's trust. "
            "Only your passphrase opens it; nobody can reset it."
        )
        return card(
            vbox(
                label(self.tr("Create a lab"), "title"),
                self._place,
                line(),
                label(self.tr("You, the first administrator"), "section"),
                label(key, "small", wrap=True),
                self._person,
                line(),
                hbox(None, self._create),
                gap=Space.M,
                margins=(Space.XL - 4, Space.L, Space.XL - 4, Space.L),
            )
        )

    def _lab_form(self) -> forms.Form:
        form = forms.Form(columns=2)
        name = forms.line_edit(placeholder=self.tr("Digital Forensics Laboratory, North"))
        self._name = form.add(
            forms.Field(self.tr("Name of the lab"), name, name="labName"),
            rule=forms.required(self.tr("Write the lab's name; it stands on every report.")),
        )
        zones = forms.choice(zone_names(), editable=True)
        zones.setCurrentText(bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC")
        self._zone = form.add(
            forms.Field(self.tr("Time zone of screens and papers"), zones, name="labZone"), rule=self._unknown_zone
        )
        folder = forms.line_edit(placeholder=self.tr("An empty folder on a disk of this computer"))
        choose = self._folder_button("chooseFolder", self._choose_new_folder)
        self._folder = form.add(
            forms.Field(self.tr("Folder"), folder, name="labFolder", beside=choose),
            span=2,
            rule=forms.required(self.tr("Choose the folder that the lab will live in.")),
        )
        server = forms.line_edit(placeholder=self.tr("Only for several workstations: postgresql://server/lab"))
        self._server = form.add(
            forms.Field(self.tr("Database on a server"), server, name="labServer", optional=True), span=2
        )
        self._address = form.add(
            forms.Field(self.tr("Address on reports"), forms.line_edit(), name="labAddress", optional=True), span=2
        )
        self._encrypted = forms.check(self.tr("Encrypt the lab folder"), name="labEncrypted")
        words = self.tr(
            "Record, photographs, papers, reports and catalogues can then be read only after somebody who is enrolled "
            "typed their passphrase. If all passphrases are forgotten nobody opens the lab again, nor its backups: "
            "enrol a second administrator."
        )
        form.add_wide(plain(vbox(self._encrypted, label(words, "caption", wrap=True), gap=Space.XXS)))
        return form

    def _folder_button(self, name: str, act: Callable[[], None]) -> Button:
        choose = Button(self.tr("Choose…"), name=name, icon="folder")
        choose.clicked.connect(act)
        return choose

    def _administrator(self) -> forms.Form:
        person = forms.Form(columns=2)
        self._fields: dict[str, forms.Field] = {}
        for name, title, error in (
            ("personName", self.tr("Full name"), self.tr("Write your name as it stands on papers.")),
            ("function", self.tr("Rank or function"), self.tr("Write your rank or function.")),
            ("organisation", self.tr("Organisation"), self.tr("Write the organisation you work for.")),
            ("idNumber", self.tr("Badge or staff number"), ""),
        ):
            field = forms.Field(title, forms.line_edit(), name=name, optional=not error)
            self._fields[name] = person.add(field, rule=forms.required(error) if error else None)
        self._roles = [
            (value, forms.check(words, name=f"role-{value.replace(' ', '-')}", on=value == "examiner"))
            for value, words in (
                ("examiner", self.tr("Examiner")),
                ("exhibits officer", self.tr("Exhibits officer")),
                ("supervisor", self.tr("Supervisor")),
                ("auditor", self.tr("Auditor")),
            )
        ]
        boxes = hbox(*(box for _, box in self._roles), None, gap=Space.L)
        person.add_wide(plain(vbox(label(self.tr("You also work as"), "label"), boxes, gap=Space.XXS)))
        hint = self.tr("At least {n} characters; several words are easy to remember.").format(n=self._shortest)
        self._passphrase = forms.Field(self.tr("Passphrase"), forms.PassphraseEdit(), name="passphrase", hint=hint)
        self._repeat = forms.Field(self.tr("The same again"), forms.PassphraseEdit(), name="passphraseAgain")
        person.add(self._passphrase, rule=self._too_short)
        person.add(self._repeat, rule=self._differs)
        self._passphrase.changed.connect(self._show_strength)
        return person

    def _unknown_zone(self, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            return self.tr("Choose a zone from the list, such as Europe/Berlin.")
        return ""

    def _opening(self, recent: Sequence[Path]) -> QWidget:
        column = vbox(label(self.tr("Open a lab"), "title"), gap=Space.S, margins=(Space.L, Space.L, Space.L, Space.L))
        if recent:
            column.addWidget(label(self.tr("Opened last"), "label"))
        for number, folder in enumerate(recent):
            row = RowButton(name=f"recentLab{number}", tip=str(folder), ground="surface", edge="border")
            row.setAccessibleName(self.tr("Open the lab in {folder}").format(folder=folder))
            where = CutLabel(str(folder.parent), "caption", mode=Qt.TextElideMode.ElideMiddle)
            words = vbox(CutLabel(folder.name, "strong"), where, gap=0)
            row.setLayout(hbox(IconLabel("lab", "text2", Size.ICON_TWO_LINE), (words, 1), margins=(10, 6, 10, 6)))
            row.adopt()
            row.clicked.connect(lambda _=False, folder=folder: self.open_asked.emit(folder))
            column.addWidget(row)
        hint = self.tr(
            "A lab folder holds a file lab.db, or lab-server.json when the record is on a server. A lab.db on a "
            "network share is refused: the record would be damaged there."
        )
        column.addLayout(hbox(self._open, None))
        column.addWidget(label(hint, "caption", wrap=True))
        column.addLayout(hbox(self._restore, None))
        column.addWidget(line())
        column.addWidget(self._joining())
        made = card(column)
        holder = plain(vbox(made, None, gap=0))
        holder.setMinimumWidth(_SIDE_PX - Space.XXL)
        return holder

    def _joining(self) -> QWidget:
        self._shared = forms.Form(columns=1)
        url = forms.line_edit(placeholder=self.tr("postgresql://server/lab"))
        self._join_server = self._shared.add(
            forms.Field(self.tr("Address of the server"), url, name="joinServer"),
            rule=forms.required(self.tr("Write the address that the administrator of the server gave you.")),
        )
        folder = forms.line_edit(placeholder=self.tr("Seen by all workstations"))
        choose = self._folder_button("chooseShared", self._choose_shared_folder)
        self._join_folder = self._shared.add(
            forms.Field(self.tr("Shared folder"), folder, name="joinFolder", beside=choose),
            rule=forms.required(self.tr("Choose the folder in which the lab keeps photographs and reports.")),
        )
        hint = self.tr(
            "Only once; afterwards the folder is enough. The password of the login comes from a file (.pgpass) or the "
            "environment of this computer, never from here."
        )
        return plain(
            vbox(
                label(self.tr("Open a shared lab for the first time"), "section"),
                self._shared,
                hbox(self._join, None),
                label(hint, "caption", wrap=True),
                gap=Space.S,
            )
        )

    def _choose_shared_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("The shared folder"), self._join_folder.text())
        if chosen:
            self._join_folder.set_text(chosen)

    def _ask_join(self) -> None:
        if self._shared.show_problems():
            self.join_asked.emit(JoinLab(server=self._join_server.text(), folder=Path(self._join_folder.text())))

    def _choose_new_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("An empty folder for the lab"), self._folder.text())
        if chosen:
            self._folder.set_text(chosen)

    def _choose_lab(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("The folder of the lab"))
        if chosen:
            self.open_asked.emit(Path(chosen))

    def _typed(self, field: forms.Field) -> str:
        return field.entry.text() if isinstance(field.entry, QLineEdit) else field.text()

    def _too_short(self, _: str) -> str:
        missing = self._shortest - len(self._typed(self._passphrase))
        return self.tr("Add {n} more characters.").format(n=missing) if missing > 0 else ""

    def _differs(self, _: str) -> str:
        same = self._typed(self._passphrase) == self._typed(self._repeat)
        return "" if same else self.tr("The two differ. Type the same passphrase again.")

    def _show_strength(self) -> None:
        length = len(self._typed(self._passphrase))
        short, enough = self.tr("{length} of at least {n} characters"), self.tr("{length} characters: long enough")
        words = short if length < self._shortest else enough
        self._passphrase.set_hint(words.format(length=length, n=self._shortest))

    def _ask_create(self) -> None:
        from forensics_app.model.person import Role

        place_is_right, person_is_right = self._place.show_problems(), self._person.show_problems()
        if not place_is_right:
            self._place.show_problems()
        if not (place_is_right and person_is_right):
            return
        self.create_asked.emit(
            CreateLab(
                folder=Path(self._folder.text()),
                name=self._name.text(),
                address=self._address.text(),
                zone=self._zone.text(),
                person_name=self._fields["personName"].text(),
                function=self._fields["function"].text(),
                organisation=self._fields["organisation"].text(),
                id_number=self._fields["idNumber"].text(),
                roles=frozenset(Role(value) for value, box in self._roles if box.isChecked()),
                passphrase=self._typed(self._passphrase),
                server=self._server.text(),
                encrypted=self._encrypted.isChecked(),
            )
        )


def zone_names() -> list[str]:
    """Every IANA zone of the bundled time-zone data, in alphabetical order."""
    return sorted(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())
