"""The decision about an image whose integrity failed: a reason, then a signature on words that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from ui.custody.words import key_words
from ui.review.words_card import Choice, WordsCard, why_not_decide
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, vbox
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.person import Person

_RELEASE = "releaseImage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a supervisor decides about an image, and why."""

    image: EvidenceImage
    release: bool
    reason: str


class DecisionCard(WordsCard):
    """Asks for a reason; ``decided`` carries the decision before it is signed."""

    decided = Signal(object)

    def __init__(self, image: EvidenceImage, person: Person) -> None:
        """Let ``person`` decide about ``image`` if they may; say why not otherwise."""
        reason = forms.Field(
            _tr("Reason"), forms.text_edit(lines=3), name="decisionReason",
            hint=_tr("Required. It becomes part of the record and stands in the report."),
        )  # fmt: skip
        why_not = _tr("Only a supervisor decides about a failed integrity (REQ-28). {name} is signed in as {roles}.")
        super().__init__(
            reason,
            (
                Choice(name="quarantineImage", words=_tr("Quarantine…"), kind="danger", icon="lock"),
                Choice(name=_RELEASE, words=_tr("Release for analysis…"), kind="primary", icon="sign"),
            ),
            name="decisionCard",
            lacking=_tr("State the reason; without it nothing is decided."),
            why_not=why_not_decide(person, why_not),
        )
        self.chosen.connect(
            lambda name, words: self.decided.emit(Decision(image=image, release=name == _RELEASE, reason=words))
        )


class DecisionSheet(Sheet):
    """Shows the words that are signed; its request is the decision."""

    def __init__(self, parent: QWidget, decision: Decision, person: Person) -> None:
        """Let ``person`` sign ``decision``."""
        image = decision.image
        verb = self.tr("Release {number}") if decision.release else self.tr("Quarantine {number}")
        super().__init__(parent, title=verb.format(number=image.number), name="decisionSheet", width_px=600)
        self._decision = decision
        releases = self.tr("{name} releases {number} for analysis although its integrity failed. Reason: {reason}")
        holds = self.tr("{name} quarantines {number}, as its integrity failed; it is not analysed. Reason: {reason}")
        words = (releases if decision.release else holds).format(
            name=person.name, number=image.number, reason=decision.reason
        )
        key = self.tr("Signed with the open key {key} of {name}").format(key=key_words(person.key_id), name=person.name)
        head = hbox(IconLabel("sign", "accent"), (label(self.tr("You sign this, and nothing else"), "strong"), 1))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        says = vbox(head, label(words, wrap=True, name="decisionStatement"), label(key, "caption"), margins=margins)
        stays = self.tr("This adds an entry that cannot be removed. The failed digests stay in the record.")
        self.set_body(sheet_body(frame(says, note="info"), note(Tone.WARN, stays)))
        act = self.tr("Sign and release") if decision.release else self.tr("Sign and quarantine")
        sign = Button(act, name="signDecision", kind="primary" if decision.release else "danger", icon="sign")
        self.set_buttons(sign, self.cancel_button())

    def request(self) -> Decision:
        """What is signed."""
        return self._decision


def _tr(words: str) -> str:
    return QCoreApplication.translate("DecisionCard", words)
