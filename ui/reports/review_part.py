"""How far a draft is: who wrote it, what reviewers said, what comes next."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QFrame, QWidget

from forensics_app.model.report_draft import DraftState, ReportDraft, Review
from ui import text
from ui.reports.draft import Draft, draft_state_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import facts, note
from ui.widgets.refill import refill

_MARGINS = (Space.L, Space.M, Space.L, Space.M)


class ReviewPart(QFrame):
    """Shows the review of a draft, newest first."""

    def __init__(self) -> None:
        """Start without a draft."""
        super().__init__()
        self._told: tuple[ReportDraft | None, str] = None, ""
        self.setProperty("card", True)
        self.setObjectName("reviewPart")
        self._content = vbox(gap=Space.M)
        self.setLayout(vbox(label(self.tr("Review"), "section"), self._content, None, margins=_MARGINS))

    def show_draft(self, draft: Draft, zone: str) -> None:
        """Show how far ``draft`` is, times in ``zone``."""
        recorded, at = draft.recorded, ZoneInfo(zone)
        if (recorded, zone) == self._told:
            return
        self._told = recorded, zone
        if recorded is None:
            refill(self._content, [label(self._next(DraftState.DRAFT), wrap=True, name="reviewNext")])
            return
        reviews = [_review(one, at) for one in reversed(recorded.reviews)]
        parts = [
            plain(facts(self._facts(recorded, at))),
            note(Tone.INFO, self._next(recorded.state), name="reviewNext"),
        ]
        if recorded.differs:
            then = self.tr("Take it back or return it, look at it, and submit it again: it is reviewed as it is now.")
            parts.append(note(Tone.WARN, " ".join((*recorded.differs, then)), name="reviewDiffers"))
        refill(self._content, [*parts, *reviews])

    def _facts(self, draft: ReportDraft, zone: tzinfo) -> list[tuple[str, str]]:
        rows = [
            (self.tr("Draft"), str(draft.number)),
            (self.tr("State"), draft_state_words(draft.state)),
            (self.tr("Author"), draft.author),
            (self.tr("Last saved"), text.time_text(draft.changed_at, zone, to_minute=True)),
        ]
        if draft.submitted_at:
            rows.append((self.tr("Submitted"), text.time_text(draft.submitted_at, zone, to_minute=True)))
        return rows

    def _next(self, state: DraftState) -> str:
        return {
            DraftState.DRAFT: self.tr("Save it as often as you like, then submit it: a supervisor reads it."),
            DraftState.IN_REVIEW: self.tr("A supervisor who wrote none of it approves it or returns it with comments."),
            DraftState.RETURNED: self.tr("Mend what the comments below say, then submit it again."),
            DraftState.APPROVED: self.tr("Its author issues it, together with who approved it. Both sign."),
            DraftState.ISSUED: self.tr("It was issued and does not change any more. Under Issued reports it is saved, "
                                         "verified, upgraded, or replaced by another."),
            DraftState.DISCARDED: self.tr("It was discarded. Begin another one."),
        }[state]  # fmt: skip


def _review(review: Review, zone: tzinfo) -> QWidget:
    verb = "approved" if review.approved else "returned"
    when = text.time_text(review.decided_at, zone, to_minute=True)
    words = f"{review.reviewer} {verb} it {when}. {review.comment}".strip()
    return note(Tone.OK if review.approved else Tone.WARN, words, name="reviewWords")
