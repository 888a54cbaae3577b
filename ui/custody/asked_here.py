"""What the guidance asks to be thought of at a step of custody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ui.days import overdue_review
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, vbox
from ui.widgets.notes import note

if TYPE_CHECKING:
    from forensics_app.model.scene import Rule


def asked_here(rules: Sequence[Rule]) -> QWidget | None:
    """A card with the rules, each with where it comes from as its tip; None where there are none.

    Those whose review is past are told below them (REQ-03).
    """
    if not rules:
        return None
    head = hbox(IconLabel("report", "text2"), (label(_tr("The guidance asks here"), "overline"), 1))
    lines: list[QWidget] = []
    for rule in rules:
        line = label(f"•  {rule.text}", "small", wrap=True, name=f"rule-{rule.id}")
        until = _tr("to be reviewed by {day}").format(day=rule.origin.review_by.isoformat())
        line.setToolTip(f"{rule.origin.words()}; {until}")
        lines.append(line)
    if overdue := overdue_review(rules):
        lines.append(note(Tone.WARN, overdue, name="askedOverdue"))
    margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
    card = frame(vbox(head, *lines, gap=Space.XS, margins=margins), sunken=True)
    card.setObjectName("askedHere")
    return card


def _tr(words: str) -> str:
    return QCoreApplication.translate("AskedHere", words)
