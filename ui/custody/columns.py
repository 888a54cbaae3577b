"""The entries about an exhibit as lines of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.custody import CustodyEvent
from ui import text
from ui.custody.story import Story, moment_of, particulars_words, people_words, seal_words, signature_marks
from ui.custody.words import state_change, title_of
from ui.models import export
from ui.tones import Tone


def events_csv(story: Story, events: Sequence[CustodyEvent], zone: tzinfo) -> str:
    """``events`` with a line of heads, newest first, times in ``zone`` with their offset."""
    heads = [
        _tr("Entry"), _tr("Occurred"), _tr("Recorded"), _tr("Act"), _tr("People"), _tr("Particulars"), _tr("Seal"),
        _tr("State"), _tr("Signatures"), _tr("Previous, SHA-256"), _tr("This entry, SHA-256"),
    ]  # fmt: skip
    lines = [
        [
            str(event.sequence),
            text.time_text(moment_of(event), zone),
            text.time_text(event.recorded_at, zone),
            title_of(event),
            people_words(event),
            particulars_words(story, event),
            seal_words(event),
            state_change(event),
            ", ".join(word for _, word in signature_marks(event, Tone.NONE)),
            event.previous.hex(),
            event.digest.hex(),
        ]
        for event in reversed(events)
    ]
    return export.as_csv([heads, *lines])


def _tr(words: str) -> str:
    return QCoreApplication.translate("CustodyColumns", words)
