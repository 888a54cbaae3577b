"""The decision about an image whose integrity failed: a reason, then a signature on words that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from forensics_app.model.person import Role
from ui.custody.words import key_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, plain, vbox
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a supervisor decides about an image, and why."""

    image: EvidenceImage
    release: bool
    reason: str


class DecisionCard(QFrame):
    """Asks for a reason; ``decided`` carries the decision before it is signed."""

    decided = Signal(object)

    def __init__(self, image: EvidenceImage, person: Person) -> None:
        """Let ``person`` decide about ``image`` if they may; say why not otherwise."""
        super().__init__()
        self.setObjectName("decisionCard")
        self.setProperty("card", True)
        self._image = image
        may = Role.SUPERVISOR in person.roles
        self._reason = forms.Field(
            self.tr("Reason"), forms.text_edit(lines=3), name="decisionReason",
            hint=self.tr("Required. It becomes part of the record and stands in the report."),
        )  # fmt: skip
        self._reason.setEnabled(may)
        hold = Button(self.tr("Quarantine…"), name="quarantineImage", kind="danger", icon="lock")
        hold.clicked.connect(lambda: self._decide(release=False))
        free = Button(self.tr("Release for analysis…"), name="releaseImage", kind="primary", icon="sign")
        free.clicked.connect(lambda: self._decide(release=True))
        for button in (hold, free):
            button.setEnabled(may)
        self._release = free
        why_not = self.tr(
            "Only a supervisor decides about a failed integrity (REQ-28). {name} is signed in as {roles}."
        ).format(name=person.name, roles=", ".join(sorted(person.roles)))
        refused = note(Tone.LOCK, why_not, name="mayNotDecide")
        if may:
            refused.hide()
        buttons = plain(WrapLayout(hold, free))
        margins = (Space.L, Space.S + 2, Space.L, Space.M)
        self.setLayout(
            vbox(label(self.tr("Your decision"), "section"), refused, self._reason, buttons, margins=margins)
        )

    @property
    def release_button(self) -> Button:
        """The button that releases the image."""
        return self._release

    def _decide(self, *, release: bool) -> None:
        if not self._reason.text():
            self._reason.set_error(self.tr("State the reason; without it nothing is decided."))
            self._reason.entry.setFocus()
            return
        self.decided.emit(Decision(image=self._image, release=release, reason=self._reason.text()))


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
