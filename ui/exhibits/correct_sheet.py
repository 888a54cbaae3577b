"""Corrects what was written of an exhibit: the old value beside the new one, and the reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.corrections import EXHIBIT_CORRECTABLE, told_by_seizure
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import REGISTRABLE, Exhibit
from ui.correction_sheet import CorrectionSheet, Recorded
from ui.exhibits.words import make_title, serial_title, type_words


class CorrectSheet(CorrectionSheet):
    """Asks for a correction of an exhibit."""

    def __init__(self, parent: QWidget, exhibit: Exhibit, events: Sequence[CustodyEvent], *, signed_as: str) -> None:
        """Show what is recorded of ``exhibit``; what its seizure told, by ``events``, is corrected with that entry."""
        fixed = ("type",) if exhibit.type not in REGISTRABLE else ()
        seizure, told = told_by_seizure(events)
        stays = _tr("A correction is a new entry. The old value stays in the record, with your name.")
        if told:
            words = _tr("Who seized and saw it, when and where is corrected with entry {number} on the Custody page.")
            stays = f"{stays} {words.format(number=seizure)}"
        super().__init__(
            parent,
            title=_tr("Correct {number}").format(number=exhibit.number),
            subtitle=exhibit.description,
            recorded=[_recorded(exhibit, name) for name in EXHIBIT_CORRECTABLE if name not in (*fixed, *told)],
            stays=stays,
            signed_as=signed_as,
        )


def _recorded(exhibit: Exhibit, name: str) -> Recorded:
    title = {
        "type": _tr("Type"),
        "description": _tr("Description"),
        "make": make_title(exhibit.type),
        "model": _tr("Model"),
        "serial": serial_title(exhibit.type),
        "condition": _tr("Condition"),
        "seal_number": _tr("Seal number"),
        "seized_at": _tr("Time of the seizure"),
        "seized_place": _tr("Place of seizure"),
        "seized_by": _tr("Seized by"),
        "seizure_witness": _tr("Witness of the seizure"),
    }[name]
    if name == "type":
        options = tuple((kind.value, type_words(kind)) for kind in REGISTRABLE)
        return Recorded(name=name, title=title, value=exhibit.type.value, options=options)
    if name == "seized_at":
        at = exhibit.seized_at.isoformat() if exhibit.seized_at else ""
        hint = _tr("With its offset, like 2026-11-24 17:00:00 +01:00")
        return Recorded(name=name, title=title, value=at, hint=hint, is_time=True)
    return Recorded(name=name, title=title, value=getattr(exhibit, name))


def _tr(words: str) -> str:
    return QCoreApplication.translate("CorrectSheet", words)
