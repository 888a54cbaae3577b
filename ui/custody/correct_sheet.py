"""Corrects what was told of a step of custody: the old value beside the new one, and the reason."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.corrections import step_correctable, told_now
from forensics_app.model.custody import CustodyEvent
from ui.correction_sheet import CorrectionSheet, Recorded
from ui.custody.story import Story
from ui.custody.words import column_words, title_of

_TIMES = ("occurred_at", "expected_return", "due", "departed_at")


class CorrectStepSheet(CorrectionSheet):
    """Asks for a correction of a step."""

    def __init__(self, parent: QWidget, story: Story, event: CustodyEvent, *, signed_as: str) -> None:
        """Show what is told of ``event`` with every correction of it so far."""
        told = told_now(story.events, event.sequence)
        hint = _tr("With its offset, like 2026-11-24 17:00:00 +01:00")
        super().__init__(
            parent,
            title=_tr("Correct entry {number}").format(number=event.sequence),
            subtitle=f"{event.object_label}: {title_of(event)}",
            recorded=[
                Recorded(
                    name=name,
                    title=column_words(name),
                    value=told.get(name, ""),
                    is_time=name in _TIMES,
                    hint=hint if name in _TIMES else "",
                )
                for name in step_correctable(event)
            ],
            stays=_tr(
                "A correction is a new entry that names this one; this one stays and is shown struck through. "
                "Its parties and signatures cannot be corrected."
            ),
            signed_as=signed_as,
        )


def _tr(words: str) -> str:
    return QCoreApplication.translate("CorrectStepSheet", words)
