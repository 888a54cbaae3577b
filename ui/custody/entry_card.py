"""The chosen entry in full: act, times, people, seal, digests, signatures with their keys."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QWidget

from forensics_app.model.custody import NOT_SIGNED, ON_PAPER, ON_SCREEN, CustodyEvent, SignatureInfo, bare_name
from ui import text
from ui.custody.digest_line import digest_line
from ui.custody.story import (
    Story,
    corrected_entry,
    digest_of_event,
    moment_of,
    particulars_words,
    seal_words,
    signature_marks,
)
from ui.custody.words import did_words, key_words, state_change, title_of
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import facts, note
from ui.widgets.refill import refill

_SIDES = ("giver", "receiver")


class EntryCard(QFrame):
    """Shows one entry; ``text_asked`` wants the very text that was signed, ``correct_asked`` a correction of a step."""

    text_asked = Signal(object)
    correct_asked = Signal(object)

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.setObjectName("entryCard")
        self.setProperty("card", True)
        self._event: CustodyEvent | None = None
        self._title = label(role="section", name="entryTitle")
        self._badge = Badge(Tone.NONE, "", name="entryBadge")
        self._body = vbox(gap=Space.S)
        self._show_text = Button(
            self.tr("Show signed text"), name="showSignedText", icon="file",
            tip=self.tr("The exact text that was signed, to be copied and checked elsewhere"),
        )  # fmt: skip
        self._show_text.clicked.connect(lambda: self.text_asked.emit(self._event))
        self._correct = Button(
            self.tr("Correct…"), name="correctStep",
            tip=self.tr("Correct what was told of this step, by a new entry"),
        )  # fmt: skip
        self._correct.clicked.connect(lambda: self.correct_asked.emit(self._event))
        self._may_correct = False
        self.setLayout(
            vbox(
                hbox(self._title, None, self._badge), self._body, None, hbox(self._show_text, self._correct, None),
                margins=(Space.L, Space.S + 2, Space.L, Space.M),
            )
        )  # fmt: skip
        self.show_nothing()

    @property
    def event_shown(self) -> CustodyEvent | None:
        """The entry that is shown."""
        return self._event

    def let_correct(self, may: bool) -> None:
        """Whether who is signed in may correct a step; the button is not there for anybody else."""
        self._may_correct = may

    def show_nothing(self) -> None:
        """Say that an entry can be chosen."""
        self._event = None
        self._correct.hide()
        self._title.setText(self.tr("Entry"))
        self._badge.hide()
        self._show_text.setEnabled(False)
        refill(self._body, [label(self.tr("Choose an entry at the left to see it in full."), "muted", wrap=True)])

    def show_entry(self, story: Story, event: CustodyEvent, zone: tzinfo, checked: Tone) -> None:
        """Show an entry; ``checked`` is ok when this session verified its chain up to it."""
        self._event = event
        self._title.setText(self.tr("Entry {number}").format(number=event.sequence))
        both = len(event.signatures) > 1
        words = self.tr("Both signed") if both else self.tr("Signed")
        unchecked = self.tr("Both signed, not checked") if both else self.tr("Signed, not checked")
        self._badge.show_state(checked, words if checked is Tone.OK else unchecked)
        self._badge.show()
        self._show_text.setEnabled(True)
        self._correct.setVisible(self._may_correct and event.is_step)
        parts: list[QWidget] = []
        if later := story.corrected_by.get(event.sequence):
            words = self.tr("Corrected by entry {number}; both stay in the record.").format(number=later)
            parts.append(note(Tone.WARN, words, name="correctedBy"))
        parts.append(plain(facts(self._rows(story, event, zone), label_px=80, gap=5)))
        parts.append(line())
        parts.append(label(self.tr("Signatures, Ed25519"), "strong"))
        parts += [_signature(one, checked) for one in event.signatures]
        outside = next(
            (told for told in map(event.fact, _SIDES) if told.endswith((ON_PAPER, ON_SCREEN, NOT_SIGNED))), ""
        )
        if outside:
            mark = signature_marks(event, Tone.NONE)[0]
            who = label(bare_name(outside), wrap=True)
            parts.append(plain(hbox(Badge(*mark), (who, 1))))
        refill(self._body, parts)

    def _rows(self, story: Story, event: CustodyEvent, zone: tzinfo) -> list[tuple[str, str | QWidget]]:
        old = corrected_entry(story, event)
        told = [
            (self.tr("Act"), title_of(event)),
            (self.tr("Corrects"), self.tr("entry {number}").format(number=old) if old else ""),
            (self.tr("State"), state_change(event)),
            (self.tr("Occurred"), text.time_text(moment_of(event), zone) if event.occurred_at else ""),
            (self.tr("Recorded"), text.time_text(event.recorded_at, zone)),
            (self.tr("Given by"), event.fact("giver")),
            (self.tr("Received by"), event.fact("receiver")),
            (self.tr("Recorded by"), f"{event.actor}, {event.actor_function}"),
            (self.tr("Told"), particulars_words(story, event)),
            (self.tr("Seal"), seal_words(event)),
        ]
        rows: list[tuple[str, str | QWidget]] = [(name, value) for name, value in told if value]
        if digest := digest_of_event(event):
            rows.append((self.tr("SHA-256"), digest_line(self.tr("SHA-256"), digest)))
        rows.append((self.tr("Previous"), digest_line(self.tr("Previous"), event.previous, short=True)))
        rows.append((self.tr("This entry"), digest_line(self.tr("This entry"), event.digest)))
        return rows


def _signature(one: SignatureInfo, checked: Tone) -> QWidget:
    word = _tr("Verifies") if checked is Tone.OK else _tr("Not checked")
    who = _tr("{name} {did}").format(name=one.name, did=did_words(one.role))
    key = _tr("Key {id}").format(id=key_words(one.key_id))
    shown = label(key, "caption", select=True)
    shown.setToolTip(text.digest_text(one.key_id))
    return plain(hbox(Badge(checked, word), (vbox(label(who, wrap=True), shown, gap=0), 1)))


def _tr(words: str) -> str:
    return QCoreApplication.translate("EntryCard", words)
