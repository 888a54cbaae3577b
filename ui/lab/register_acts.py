"""What can be done with a place or somebody outside: add, correct, take out of use. Every act is an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from forensics_app.model.register import Outsider, PlaceLine
from ui.correction_sheet import CorrectionSheet, Recorded
from ui.lab.register_sheets import OutsiderSheet, PlaceSheet
from ui.lab.words import place_words
from ui.recording import record, signed_as
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import SignedIn
    from forensics_app.model.register import NewOutsider, NewPlace, Place
    from ui.correction_sheet import Correction
    from ui.page import PageContext


class RegisterActs(QObject):
    """Opens the dialogs over ``page``."""

    def __init__(self, page: QWidget, context: PageContext) -> None:
        """Every act is signed by whoever is signed in when it is asked for."""
        super().__init__(page)
        self._page, self._context = page, context

    def add_place(self, places: Sequence[PlaceLine]) -> None:
        """Ask for a new place."""
        sheet = PlaceSheet(self._page, actor=self._context.session.actor.person, places=places)

        def work(lab: Lab, actor: SignedIn, asked: NewPlace) -> Place:
            return lab.places.add(actor, asked)

        record(self._context, sheet, work, lambda _: None)

    def add_outsider(self) -> None:
        """Ask for a person who is no user."""
        sheet = OutsiderSheet(self._page, actor=self._context.session.actor.person)

        def work(lab: Lab, actor: SignedIn, asked: NewOutsider) -> Outsider:
            return lab.outsiders.add(actor, asked)

        record(self._context, sheet, work, lambda _: None)

    def correct(self, chosen: PlaceLine | Outsider) -> None:
        """Ask what is to be written instead, and why."""
        name, what = (
            (chosen.place.code, place_words(chosen.place.kind))
            if isinstance(chosen, PlaceLine)
            else (chosen.name, self.tr("An outside person"))
        )
        sheet = CorrectionSheet(
            self._page,
            title=self.tr("Correct {name}").format(name=name),
            subtitle=what,
            recorded=self._recorded(chosen),
            stays=self.tr("The entries until now keep what they say; the old words stay in the record."),
            signed_as=signed_as(self._context.session.actor.person),
        )

        def work(lab: Lab, actor: SignedIn, asked: Correction) -> Place | Outsider:
            if isinstance(chosen, PlaceLine):
                return lab.places.change(actor, chosen.place.id, asked.changes, asked.reason)
            return lab.outsiders.change(actor, chosen.id, asked.changes, asked.reason)

        record(self._context, sheet, work, lambda _: None)

    def end(self, chosen: PlaceLine | Outsider) -> None:
        """Ask why nothing is put there any more, or why somebody is not offered any more."""
        title, sentences, act = self._ending(chosen)
        sheet = ReasonSheet(
            self._page, title=title, subtitle=chosen.path if isinstance(chosen, PlaceLine) else chosen.described,
            sentences=sentences, act=act, name="endRegisterSheet",
            signed_as=signed_as(self._context.session.actor.person),
        )  # fmt: skip

        def work(lab: Lab, actor: SignedIn, reason: str) -> Place | Outsider:
            if isinstance(chosen, PlaceLine):
                return lab.places.close(actor, chosen.place.id, reason)
            return lab.outsiders.end(actor, chosen.id, reason)

        record(self._context, sheet, work, lambda _: None)

    def _ending(self, chosen: PlaceLine | Outsider) -> tuple[str, list[str], str]:
        if isinstance(chosen, PlaceLine):
            title = self.tr("Close {code}").format(code=chosen.place.code)
            ends = self.tr("Nothing is put there any more, and its code is never used again.")
            return title, [ends, self.tr("What lay there until now stays in the record.")], self.tr("Close the place")
        title = self.tr("Take {name} off the list").format(name=chosen.name)
        return title, [self.tr("Entries that name this person stay as they are.")], self.tr("Take off the list")

    def _recorded(self, chosen: PlaceLine | Outsider) -> list[Recorded]:
        if isinstance(chosen, PlaceLine):
            hint = self.tr("As it stands on its label; not while exhibits are recorded there")
            return [
                Recorded(name="name", title=self.tr("Name"), value=chosen.place.name),
                Recorded(name="code", title=self.tr("Code"), value=chosen.place.code, hint=hint),
            ]
        titles = {
            "name": self.tr("Full name"),
            "function": self.tr("Rank or function"),
            "organisation": self.tr("Organisation"),
            "identity": self.tr("Identity document"),
            "contact": self.tr("Address, telephone, mail"),
        }
        return [Recorded(name=name, title=title, value=getattr(chosen, name)) for name, title in titles.items()]
