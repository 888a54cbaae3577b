"""Copying rows of a table that holds only the pages looked at last: the others are read first, in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from ui import text
from ui.announce import announce
from ui.jobs import JobCard, JobRunner, OnProgress
from ui.models import export
from ui.models.cells import Column
from ui.models.lazy_table import PAGE_ROWS, LazyTableModel
from ui.widgets.table import Table

Read = Callable[[Sequence[int]], Sequence[Any]]
MOST_ROWS_COPIED = 50_000
"""More are a file's business: programs that take them from the clipboard stop answering."""
READ_AT_ONCE = 1_000
LISTED_ROWS = 2_000
"""Copying more rows is listed among the jobs, where it can be stopped."""


class RowsCopy(QObject):
    """Puts rows of one table on the clipboard: every one of them whole, or none and a sentence that says why."""

    def __init__(
        self, table: Table, jobs: JobRunner, reading: Callable[[], Read | None], *,
        say: Callable[[str], None], why: Callable[[Exception], str], instead: str,
    ) -> None:  # fmt: skip
        """Copy for ``table``, whose model is a :class:`LazyTableModel`.

        Args:
            table: Its keys and its menus copy in this way from now on.
            jobs: Where rows are read.
            reading: Gives, on the UI thread, what reads the records of ids in a worker thread, None for one that is
                gone; or None where nothing is open.
            say: Shows a sentence.
            why: Puts into words why rows could not be read.
            instead: What to do where more is selected than can be copied.
        """
        super().__init__(table)
        self._table, self._jobs, self._reading = table, jobs, reading
        self._say, self._why, self._instead = say, why, instead
        self._stop: Callable[[], None] = lambda: None
        table.copy_by(self.copy)

    @property
    def _model(self) -> LazyTableModel[Any]:
        return cast("LazyTableModel[Any]", self._table.model())

    def copy(self, count: int, rows: Callable[[], Sequence[int]], columns: Sequence[int], *, with_heads: bool) -> None:
        """Put rows on the clipboard; what it holds stays until all of them are read.

        Which rows they are is asked only where that many can be copied: to list 400,000 keeps the window waiting.
        """
        self._stop()
        model = self._model
        if not count:
            self._say(self.tr("No row is selected. Choose rows first; Ctrl+A chooses all."))
            return
        if count > MOST_ROWS_COPIED:
            words = self.tr("Nothing was copied: {n} rows are selected, and at most {most} can be copied at once.")
            told = words.format(n=text.count_text(count), most=text.count_text(MOST_ROWS_COPIED))
            self._say(f"{told} {self._instead}")
            return
        heads = [export.heads(model, columns)] if with_heads else []
        wanted = rows()
        held = [model.held(row) for row in wanted] if count <= PAGE_ROWS else [None]
        if all(record is not None for record in held):
            self._put([*heads, *_lines(held, [model.columns[at] for at in columns])])
            announce(self._table, self._copied(len(wanted), with_heads))
            return
        self._read([model.ids[row] for row in wanted], columns, heads)

    def _read(self, ids: Sequence[int], columns: Sequence[int], heads: Sequence[list[str]]) -> None:
        model, read = self._model, self._reading()
        shown = [model.columns[at] for at in columns]
        if read is None:
            self._say(self.tr("Nothing was copied: the list is not open any more. Open it again, and copy then."))
            return
        title = self.tr("Copy {rows}").format(rows=self._counted(len(ids)))
        card = JobCard(
            title=title, icon="copy", unit=self.tr("rows"), may_be_dropped=True,
            if_stopped=self.tr("Nothing is copied; the clipboard stays as it is."),
        )  # fmt: skip

        def work(on_progress: OnProgress) -> list[list[str]]:
            lines: list[list[str]] = []
            for start in range(0, len(ids), READ_AT_ONCE):
                on_progress(start, len(ids))
                lines += _lines(read(ids[start : start + READ_AT_ONCE]), shown)
            on_progress(len(ids), len(ids))
            return lines

        def done(lines: list[list[str]]) -> None:
            if gone := len(ids) - len(lines):
                words = self.tr("Nothing was copied: {rows} of those selected are not there any more. List them again.")
                self._say(words.format(rows=self._counted(gone)))
            elif heads and heads != [export.heads(model, columns)]:
                self._say(self.tr("Nothing was copied: the zone of times was changed meanwhile. Copy again."))
            else:
                self._put([*heads, *lines])
                self._say(self._copied(len(lines), bool(heads)))

        def failed(error: Exception) -> None:
            words = self.tr("Nothing was copied, for a row could not be read: {why}")
            self._say(words.format(why=self._why(error)))

        is_listed = len(ids) > LISTED_ROWS
        if is_listed:
            words = self.tr("{rows} are being read to be copied. How far that is stands in the tray of operations.")
            self._say(words.format(rows=self._counted(len(ids))))
        self._stop = self._jobs.start(
            self, work, done=done, failed=failed, card=card if is_listed else None,
            cancelled=lambda: self._say(self.tr("Copying was stopped. The clipboard is as it was.")),
        )  # fmt: skip

    def _copied(self, count: int, with_heads: bool) -> str:
        words = self.tr("Copied {rows} with the heads of their columns.") if with_heads else self.tr("Copied the cell.")
        return words.format(rows=self._counted(count))

    def _counted(self, count: int) -> str:
        return text.plural(count, self.tr("1 row"), self.tr("{n} rows"))

    def _put(self, lines: Sequence[Sequence[str]]) -> None:
        QGuiApplication.clipboard().setText(export.as_tabbed(lines))


def _lines(records: Sequence[Any], columns: Sequence[Column[Any]]) -> list[list[str]]:
    """The cells of the records that are there."""
    return [[column.said(record) for column in columns] for record in records if record is not None]
