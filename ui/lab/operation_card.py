"""The chosen operation in full, with what can be decided about an interrupted one."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from forensics_app.model.lab import JobState
from ui import text
from ui.lab.reading import OperationRow
from ui.lab.words import operation_mark, operation_message, operation_title
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import facts
from ui.widgets.refill import refill


class OperationCard(QFrame):
    """``give_up_asked`` says that an interrupted operation is not to be taken up again."""

    give_up_asked = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Show no operation yet; times are shown in ``zone``."""
        super().__init__()
        self.setObjectName("operationCard")
        self.setAccessibleName(self.tr("The chosen operation"))
        self.setProperty("card", True)
        self._zone = zone
        self._title = label(role="section", name="operationTitle", wrap=True)
        self._state = Badge(Tone.NONE, "", name="operationState")
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self.give_up = Button(self.tr("Give up…"), name="giveUp", kind="danger")
        self.give_up.setToolTip(self.tr("Record that it was interrupted and is not taken up again"))
        self.give_up.clicked.connect(self.give_up_asked)
        hint = self.tr("To go on with it, choose “Start again…” in the job tray (F8).")
        self._hint = label(hint, "caption", wrap=True)
        self.setLayout(
            vbox(
                hbox((self._title, 1), self._state), self._body, hbox(self.give_up, None), self._hint,
                margins=(Space.L, Space.M, Space.L, Space.M),
            )
        )  # fmt: skip
        self.hide()

    def show_operation(self, row: OperationRow | None) -> None:
        """Show an operation; None hides the card."""
        self.setVisible(row is not None)
        if row is None:
            return
        self._title.setText(operation_title(row.job))
        self._state.show_state(*operation_mark(row.job))
        refill(self._body, [self._facts(row)])
        interrupted = row.job.state is JobState.INTERRUPTED
        self.give_up.setVisible(interrupted)
        self._hint.setVisible(interrupted)

    def _facts(self, row: OperationRow) -> QWidget:
        job = row.job
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Case"), row.case_number or self.tr("none")),
            (self.tr("Computer"), job.host),
            (self.tr("Began"), text.time_text(job.started_at, self._zone)),
        ]
        if job.ended_at:
            rows.append((self.tr("Ended"), text.time_text(job.ended_at, self._zone)))
        if message := operation_message(job):
            rows.append((self.tr("Message"), message))
        return plain(facts(rows))
