"""The steps of a live capture that answer a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import PersonId
from forensics_app.model.scene import Capture, Rule
from ui import text
from ui.models.record_table import RecordTableModel
from ui.scenes.columns import capture_columns
from ui.theme import Row, Space
from ui.widgets.layout import card, vbox
from ui.widgets.notes import Fact, facts
from ui.widgets.refill import refill
from ui.widgets.table import Table

_ROWS_SHOWN, _LABEL_PX = 5, 140


class Captures(QWidget):
    """The steps of a capture in the order of recording, and everything that was told of the chosen one."""

    def __init__(
        self, captures: Sequence[Capture], *, order: Sequence[Rule], names: Mapping[PersonId, str], zone: ZoneInfo
    ) -> None:
        """Show the last one in full; ``order`` is the order of volatility, ``names`` are those of people."""
        super().__init__()
        self.setObjectName("captureSteps")
        self._texts = {rule.id: rule.text for rule in order}
        self._names, self._zone = names, zone
        model: RecordTableModel[Capture] = RecordTableModel(
            capture_columns(zone, zone.key), self, key=lambda one: one.id
        )
        model.set_records(captures)
        table = Table(model, name="captures", title=self.tr("Steps of the live capture"), row_px=Row.TWO_LINE)
        table.setFixedHeight(Row.HEAD + min(max(1, len(captures)), _ROWS_SHOWN) * Row.TWO_LINE + Space.L)
        self._chosen = vbox(gap=0)
        self.setLayout(vbox(table, self._chosen, gap=Space.S))
        table.chosen.connect(self._show)
        table.selectRow(len(captures) - 1)
        self._show(table.current_record())

    def _show(self, capture: Capture | None) -> None:
        refill(self._chosen, [self._told(capture)] if capture else [])

    def _told(self, capture: Capture) -> QWidget:
        told, fold = capture.told, text.digest_text
        rows = [
            (self.tr("Order"), f"{capture.tier}  {self._texts.get(told.rule, told.rule)}"),
            (self.tr("Captured"), told.what),
            (self.tr("Tool"), f"{told.tool} {told.tool_version}".strip()),
            (self.tr("SHA-256 of the tool"), fold(told.tool_sha256) if told.tool_sha256 else ""),
            (self.tr("Typed or pressed"), told.command),
            (self.tr("Expected change"), told.footprint),
            (self.tr("Began"), text.time_text(told.started_at)),
            (self.tr("Ended"), text.time_text(told.ended_at)),
            (self.tr("Written to"), ", ".join(part for part in (told.medium, told.output) if part)),
            (self.tr("SHA-256 of the output"), fold(told.output_sha256) if told.output_sha256 else ""),
            (self.tr("Witness"), told.witness),
            (self.tr("Why now"), told.reason),
            (self.tr("Recorded by"), self._names.get(capture.person_id, "")),
            (self.tr("Recorded"), text.time_text(capture.recorded_at, self._zone)),
        ]
        missing = ", ".join(name for name, value in rows if not value)
        shown: list[tuple[str, Fact]] = [(name, value) for name, value in rows if value]
        if missing:
            shown.append((self.tr("Not told"), missing))
        sides = (Space.M, Space.S, Space.M, Space.S)
        made = card(vbox(facts(shown, label_px=_LABEL_PX), margins=sides))
        made.setObjectName("captureTold")
        made.setAccessibleName(self.tr("Step {n} of the capture").format(n=capture.number))
        return made
