"""What can be done in the lab: enrol people, replace and end keys, decide about what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from forensics_app.errors import RefusedError, SignInRefusedError
from forensics_app.model.wording import left_behind_words
from ui import text
from ui.announce import announce
from ui.jobs import State
from ui.lab.enrol_sheet import Enrolment, EnrolSheet
from ui.lab.key_sheets import NewKey, NewKeySheet, PassphraseChange, PassphraseSheet
from ui.lab.words import operation_title
from ui.recording import record, signed_as
from ui.widgets.form_sheet import ReasonSheet
from ui.widgets.sheet import ConfirmSheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.lab import Job
    from forensics_app.model.person import LeftBehind, Person, SignedIn
    from ui.page import PageContext


class LabActs(QObject):
    """Opens the dialogs over ``page``; ``enrolled`` is called with somebody new."""

    def __init__(self, page: QWidget, context: PageContext, *, enrolled: Callable[[Person], None]) -> None:
        """Every act is signed by whoever is signed in when it is asked for."""
        super().__init__(page)
        self._page, self._context, self._enrolled = page, context, enrolled

    def enrol(self, people: Sequence[Person]) -> None:
        """Ask for a new person."""
        names = [person.name for person in people]
        sheet = EnrolSheet(self._page, actor=self._context.session.actor.person, taken=names)

        def work(lab: Lab, actor: SignedIn, asked: Enrolment) -> Person:
            return lab.people.enrol(actor, asked.new, asked.passphrase)

        record(self._context, sheet, work, self._enrolled)

    def change_passphrase(self) -> None:
        """Ask whoever is signed in for another passphrase."""
        sheet = PassphraseSheet(self._page, actor=self._context.session.actor.person)
        wrong = self.tr(
            "The present passphrase does not open your key. Nothing was changed, and the attempt was recorded."
        )
        wait = self.tr("The next attempt is possible in {time}.")

        def work(lab: Lab, actor: SignedIn, asked: PassphraseChange) -> Person:
            try:
                return lab.person_keys.change_passphrase(actor.person.name, asked.old, asked.new)
            except SignInRefusedError as error:
                then = wait.format(time=text.duration_text(error.retry_after_s)) if error.retry_after_s else ""
                raise RefusedError(wrong, then=then) from error

        def done(_: Person) -> None:
            announce(self._page, self.tr("Your passphrase was changed"))

        record(self._context, sheet, work, done)

    def new_key(self, person: Person) -> None:
        """Ask why a key is replaced; who replaces their own is signed out."""
        session = self._context.session
        own = person.id == session.actor.person.id
        sheet = NewKeySheet(self._page, actor=session.actor.person, person=person)

        def work(lab: Lab, actor: SignedIn, asked: NewKey) -> Person:
            return lab.person_keys.replace(actor, person.id, asked.passphrase, asked.reason)

        record(self._context, sheet, work, lambda _: session.lock() if own else None)

    def end_key(self, person: Person) -> None:
        """Read what stays with the person, and ask why their key ends."""
        lab = self._context.session.lab
        self._context.jobs.start(
            self,
            lambda _: lab.person_keys.left_behind(person.id),
            done=lambda left: self._ask_why_it_ends(person, left),
            failed=lambda error: self._context.show_error(self.tr("End the key"), error),
        )

    def _ask_why_it_ends(self, person: Person, left: LeftBehind) -> None:
        """Who ends their own key is signed out."""
        session = self._context.session
        own = person.id == session.actor.person.id
        stays = self.tr("What {name} signed until now stays valid. From now on the key signs nothing.")
        out = self.tr("{name} cannot sign in any more, unless an administrator gives them a new key.")
        sentences = [stays.format(name=person.name), out.format(name=person.name)]
        if own:
            sentences.append(self.tr("This is your own key: you are signed out at once."))
        sheet = ReasonSheet(
            self._page,
            title=self.tr("End the key of {name}").format(name=person.name),
            subtitle=person.described,
            sentences=sentences,
            warning="\n".join(self._warned(person.name, left)),
            act=self.tr("End the key"),
            name="endKeySheet",
            signed_as=signed_as(session.actor.person),
        )

        def work(lab: Lab, actor: SignedIn, reason: str) -> Person:
            return lab.people.revoke(actor, person.id, reason)

        record(self._context, sheet, work, lambda _: session.lock() if own else None)

    def _warned(self, name: str, left: LeftBehind) -> list[str]:
        said = left_behind_words(name, left)
        if left.exhibits:
            said.append(self.tr("Where there is time, have them handed over first."))
        return said

    def give_up(self, job: Job) -> None:
        """Ask whether an interrupted operation is given up, and record it."""
        title = operation_title(job)
        sheet = ConfirmSheet(
            self._page,
            title=self.tr("Give up: {operation}?").format(operation=title),
            sentences=(
                self.tr("The record will say that it was interrupted and given up. The source is untouched."),
                self.tr("It can be done anew at any time, as an operation of its own."),
            ),
            act=self.tr("Give up"),
            keep=self.tr("Decide later"),
            name="giveUpSheet",
        )
        sheet.accepted.connect(lambda: self._settle(job, title))
        sheet.open()

    def _settle(self, job: Job, title: str) -> None:
        session, jobs = self._context.session, self._context.jobs
        lab, actor = session.lab, session.actor

        def settled(_: Job) -> None:
            for listed in jobs.jobs:
                if listed.state is State.INTERRUPTED and listed.card.title == title:
                    jobs.forget(listed)
            session.tell_record_changed()

        jobs.start(
            self,
            lambda _: lab.journal.settle(actor, job.id, again=False),
            done=settled,
            failed=lambda error: self._context.show_error(title, error),
        )
