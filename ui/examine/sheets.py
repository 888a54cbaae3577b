"""The dialogs of the page: choosing for the report, taking back, and what the catalogue says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QWidget

from forensics_app.model.logical import volume_around
from ui import text
from ui.examine.words import tr, visible
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.theme import Row
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label
from ui.widgets.layout import plain
from ui.widgets.notes import Fact, facts, note
from ui.widgets.sheet import Sheet, sheet_body
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, Problem
    from forensics_app.model.finding import ChosenFile
    from ui.examine.case_reading import ImageShown

_NAMES_SHOWN = 6
_PROBLEM_ROWS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Choose entries for the report."""

    entries: tuple[CatalogueEntry, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Take a chosen file back, for a reason."""

    chosen: ChosenFile
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """Build the catalogue anew; with ``archives`` what lies in archives is listed too."""

    with_content: bool
    archives: bool = False


def name_of(entries: tuple[CatalogueEntry, ...], many: str) -> str:
    """The name of one entry, or ``many`` with their number."""
    if len(entries) == 1:
        return visible(entries[0].name)
    return many.format(n=text.count_text(len(entries)))


class ChooseSheet(Sheet):
    """Which files go into the report, with an optional note for its readers."""

    def __init__(self, parent: QWidget, image_number: str, entries: tuple[CatalogueEntry, ...]) -> None:
        """Name the files."""
        name = name_of(entries, self.tr("{n} files"))
        super().__init__(
            parent,
            title=self.tr("Choose {name} for the report").format(name=_short(name)),
            subtitle=image_number,
            name="chooseSheet",
            width_px=520,
        )
        self._entries = entries
        lines = [f"{volume_around(entry.volume_id)}{visible(entry.path)}" for entry in entries[:_NAMES_SHOWN]]
        if len(entries) > _NAMES_SHOWN:
            lines.append(self.tr("and {n} more").format(n=text.count_text(len(entries) - _NAMES_SHOWN)))
        self._note = forms.Field(
            self.tr("Note for the report"), forms.text_edit(lines=3), name="chooseNote", optional=True
        )
        what = self.tr("Path, address, size, digests and times go into the record as they are in the catalogue now.")
        self.set_body(
            sheet_body(
                label("\n".join(lines), "mono", wrap=True, select=True), self._note, label(what, "caption", wrap=True)
            )
        )
        self.set_buttons(Button(self.tr("Choose"), name="chooseButton", kind="primary"), self.cancel_button())

    def request(self) -> Choose:
        """The entries and the note."""
        return Choose(entries=self._entries, note=self._note.text())


class WithdrawSheet(Sheet):
    """Takes a chosen file back; that it was chosen stays in the record."""

    def __init__(self, parent: QWidget, chosen: ChosenFile) -> None:
        """Name the file and ask for the reason."""
        name = visible(chosen.path.rpartition("/")[2])
        title = self.tr("Take {name} back").format(name=_short(name))
        super().__init__(parent, title=title, name="withdrawSheet", width_px=480)
        self._chosen = chosen
        self._reason = forms.Field(self.tr("Reason"), forms.text_edit(lines=2), name="withdrawReason")
        stays = self.tr(
            "The file leaves the report. That it was chosen, and why it is taken back, stays in the record."
        )
        self.set_body(sheet_body(label(stays, wrap=True), self._reason))
        self.set_buttons(Button(self.tr("Take back"), name="withdrawButton", kind="primary"), self.cancel_button())

    def problem(self) -> str:
        """A reason is needed."""
        missing = "" if self._reason.text() else self.tr("Write why the file is taken back.")
        self._reason.set_error(missing)
        return missing

    def request(self) -> Withdraw:
        """The file and the reason."""
        return Withdraw(chosen=self._chosen, reason=self._reason.text())


class CatalogueSheet(Sheet):
    """How a catalogue was made, what was found to be wrong, and building it anew."""

    def __init__(self, parent: QWidget, shown: ImageShown, zone: tzinfo) -> None:
        """Tell of the catalogue of one image."""
        image, content = shown.image, shown.content
        super().__init__(
            parent,
            title=self.tr("Catalogue of {image}").format(image=image.number),
            name="catalogueSheet",
            width_px=680,
        )
        parts: list[QWidget] = []
        if content:
            header = content.header
            examined = self.tr("digested, and its type found out") if header.content_examined else self.tr("not read")
            rows: list[tuple[str, Fact]] = [
                (self.tr("Entries"), text.count_text(content.entries)),
                (self.tr("Built"), text.time_text(header.created_at, zone)),
                (self.tr("Program"), header.program),
                (self.tr("Read with"), ", ".join(f"{name} {version}" for name, version in header.libraries.items())),
                (self.tr("Content"), self.tr("The content of files was {examined}.").format(examined=examined)),
                (self.tr("Archives"), _archives_words(opened=header.archives_opened)),
            ]
            parts.append(plain(facts(rows)))
            parts += self._problem_parts(content.problems)
        if image.catalogue_sha256:
            parts.append(DigestView(self.tr("SHA-256 of the catalogue's content"), image.catalogue_sha256))
        self._names_only = forms.check(
            self.tr("Names, sizes and times only: faster, without digests and types"), name="rebuildNamesOnly"
        )
        self._archives = archives_check("rebuildArchives", self._names_only)
        self._archives.setChecked(bool(content and content.header.archives_opened))
        again = self.tr("Building it again from the same image and versions gives the same content.")
        parts += [self._names_only, self._archives, label(again, "caption", wrap=True)]
        self.set_body(sheet_body(*parts))
        self.set_buttons(
            Button(self.tr("Build again"), name="rebuildButton", kind="primary"), self.cancel_button(self.tr("Close"))
        )

    def request(self) -> Rebuild:
        """With or without content, with or without what lies in archives."""
        return rebuild_of(self._names_only, self._archives)

    def _problem_parts(self, problems: tuple[Problem, ...]) -> list[QWidget]:
        if not problems:
            return [note(Tone.INFO, self.tr("Nothing was found to be wrong with the structures that were read."))]
        said = text.plural(
            len(problems),
            self.tr("1 thing was found while it was built. What it touches may be missing or wrong in the list."),
            self.tr("{n} things were found while it was built. What they touch may be missing or wrong in the list."),
        )
        model: RecordTableModel[Problem] = RecordTableModel(
            (
                Column(
                    key="what", title=self.tr("What"), cell=lambda p: Cell(visible(p.what)), width_px=360, stretch=True
                ),
                Column(
                    key="where", title=self.tr("Where"), cell=lambda p: Cell(visible(p.where), Kind.MONO), width_px=120
                ),
                Column(key="at", title=self.tr("At byte"), cell=_problem_offset, width_px=120, right=True),
            ),
            self,
        )
        table = Table(model, name="problems", title=self.tr("Problems"))
        model.set_records(problems)
        table.setFixedHeight(Row.HEAD + Row.NORMAL * min(len(problems), _PROBLEM_ROWS) + 2)
        return [note(Tone.WARN, said), table]


def archives_check(name: str, names_only: QCheckBox) -> QCheckBox:
    """Asks whether archives are to be opened, which takes their content being read."""
    check = forms.check(tr("Open archives: list and hash what lies in ZIP, tar and the like, three deep"), name=name)
    names_only.toggled.connect(check.setDisabled)
    return check


def rebuild_of(names_only: QCheckBox, archives: QCheckBox) -> Rebuild:
    """What the two checks ask for."""
    with_content = not names_only.isChecked()
    return Rebuild(with_content=with_content, archives=with_content and archives.isChecked())


def _archives_words(*, opened: bool) -> str:
    if opened:
        return tr("Opened, at most three in each other. Where a limit was reached, a line below says so.")
    return tr("Not opened: what lies in them is not in the list.")


def _problem_offset(problem: Problem) -> Cell:
    return Cell("" if problem.offset_bytes is None else text.count_text(problem.offset_bytes), Kind.NUMBER)


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:18]} … {name[-18:]}"
