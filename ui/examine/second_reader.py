"""A volume listed once more by a second reader: asked for at its node of the tree, and what differs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from forensics_app.model.catalogue import TIME_FIELDS
from ui import text
from ui.examine.places import Place
from ui.examine.stamps import field_names
from ui.examine.words import tr, visible
from ui.jobs import JobCard
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.widgets.labels import label
from ui.widgets.sheet import Sheet, sheet_body
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.second_reading import DifferingLine, SecondReading
    from ui.examine.browser import Browser
    from ui.page import PageContext

_TABLE_PX = 320


class SecondReader(QObject):
    """Compares the volume of a place as a job, and shows what was found."""

    def __init__(self, page: QWidget, context: PageContext, browser: Browser) -> None:
        """Act for ``page``."""
        super().__init__(page)
        self._page, self._context, self._browser = page, context, browser
        browser.tree.compare_asked.connect(self.compare)

    def compare(self, place: Place) -> None:
        """List the volume of a place by a second reader."""
        shown = self._browser.case.image(place.image_id)
        if shown is None or place.volume_id is None:
            return
        image, volume_id = shown.image, place.volume_id
        lab, actor = self._context.session.lab, self._context.session.actor
        title = tr("Compare two readers on {volume} of {image}").format(volume=volume_id, image=image.number)

        def done(made: SecondReading) -> None:
            self._context.session.tell_record_changed()
            DifferencesSheet(self._page, image.number, made).open()

        card = JobCard(
            title=title,
            icon="verify-ok",
            unit=tr("names"),
            if_stopped=tr("Nothing is kept and nothing is recorded. The catalogue is not changed."),
            needs_key=True,
        )
        self._context.jobs.start(
            self._page,
            lambda on_progress: lab.second_readings.compare(actor, image.id, volume_id, on_progress),
            done=done,
            failed=lambda error: self._context.show_error(title, error),
            card=card,
        )


class DifferencesSheet(Sheet):
    """How two readers agree, in a sentence, and what differs."""

    def __init__(self, parent: QWidget, image: str, made: SecondReading) -> None:
        """Show a comparison."""
        from forensics_app.services.second_readings import words_of  # loaded when it is used: a start would wait

        title = tr("Two readers on {volume} of {image}").format(volume=made.volume_id, image=image)
        super().__init__(parent, title=title, name="differencesSheet", width_px=1160)
        self.words = label(words_of(made), wrap=True, select=True, name="differencesWords")
        known = [f"{count:,}: {why}" for why, count in made.known.items()]
        parts: list[QWidget] = [self.words]
        if known:
            why = tr("Known of this reader: {known}.").format(known="; ".join(known))
            parts.append(label(why, "small", wrap=True, name="differencesKnown"))
        self.model = RecordTableModel(_columns(made), self)
        self.model.set_records(made.lines)
        self.table = Table(self.model, name="differences", title=tr("What differs"))
        self.table.setMinimumHeight(_TABLE_PX)
        if made.lines:
            parts.append(self.table)
        all_told = sum(made.counts.values()) + sum(made.known.values())
        if all_told > len(made.lines):
            more = tr("{n} more are counted and not listed.").format(n=text.count_text(all_told - len(made.lines)))
            parts.append(label(more, "small", wrap=True, name="differencesMore"))
        self.set_body(sheet_body(*parts))
        self.set_buttons(None, self.cancel_button(self.tr("Close")))


def _columns(made: SecondReading) -> tuple[Column[DifferingLine], ...]:
    return (
        Column(key="what", title=tr("What"), cell=lambda one: Cell(_what(one)), width_px=190),
        Column(key="ours", title=tr("Catalogue"), cell=lambda one: _value(made, one, one.ours), width_px=280),
        Column(key="theirs", title=tr("Second reader"), cell=lambda one: _value(made, one, one.theirs), width_px=280),
        Column(key="path", title=tr("Path"), cell=lambda one: Cell(visible(one.path), Kind.PATH), stretch=True),
        Column(key="known", title=tr("Known reason"), cell=lambda one: Cell(one.known, Kind.MUTED), width_px=160),
    )


def _what(one: DifferingLine) -> str:
    names = {
        "name": tr("Name"),
        "kind": tr("Kind"),
        "size": tr("Size"),
        "md5": tr("MD5"),
        "target": tr("Target of a link"),
    }
    return {**field_names(), **names}.get(one.what, one.what.capitalize())


def _value(made: SecondReading, one: DifferingLine, value: str | int | None) -> Cell:
    if value is None:
        return Cell(tr("not told"), Kind.MUTED)
    if one.what in TIME_FIELDS and isinstance(value, int):
        return Cell(made.time_text(value), Kind.MONO)
    return Cell(text.bytes_text(value) if isinstance(value, int) else visible(value), Kind.MONO)
