"""Takes a step: joins the dialog with the services, keeps the opened keys no longer than needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject

from forensics_app.errors import AppError, RefusedError, SignInRefusedError, UnclearNameError
from ui.custody.step_sheet import PassphraseGiven, StatementAsked, StepSheet
from ui.latest import Latest

if TYPE_CHECKING:
    from forensics_app.model.custody import CustodyEvent, CustodyRequest
    from forensics_app.model.person import SignedIn
    from ui.page import PageContext


class StepTaking(QObject):
    """Lives as long as its dialog. ``done`` is called with the entry; ``recorded`` when a refusal was recorded."""

    def __init__(
        self,
        context: PageContext,
        sheet: StepSheet,
        *,
        done: Callable[[CustodyEvent], None],
        recorded: Callable[[], None],
    ) -> None:
        """Follow ``sheet``."""
        super().__init__(sheet)
        self._context, self._sheet = context, sheet
        self._done, self._recorded = done, recorded
        self._wording = Latest(self, context.jobs)
        self._giver: SignedIn | None = None
        self._receiver: SignedIn | None = None
        sheet.statement_asked.connect(self._ask_statement)
        sheet.signing.connect(self._perform)
        sheet.giver_given.connect(self._open_giver)
        sheet.receiver_given.connect(self._open_receiver)
        sheet.discarded.connect(self._close_keys)
        sheet.finished.connect(lambda _: self._close_keys())

    def _ask_statement(self, asked: StatementAsked) -> None:
        lab = self._context.session.lab
        self._wording.ask(
            lambda _: lab.custody.statement(asked.request, asked.giver, asked.receiver),
            self._sheet.show_statement,
            self._failed,
        )

    def _perform(self, request: CustodyRequest) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor
        self._context.jobs.start(
            self, lambda _: lab.custody.perform(actor, request), done=self._finish, failed=self._failed
        )

    def _open_giver(self, given: PassphraseGiven) -> None:
        def opened(signed_in: SignedIn) -> None:
            self._giver = signed_in
            zone = ZoneInfo(self._context.session.lab.info.zone)
            self._sheet.show_giver_signed(datetime.now(zone).replace(microsecond=0))

        self._open(given, opened)

    def _open_receiver(self, given: PassphraseGiven) -> None:
        def opened(signed_in: SignedIn) -> None:
            self._receiver = signed_in
            self._hand_over()

        self._open(given, opened)

    def _open(self, given: PassphraseGiven, opened: Callable[[SignedIn], None]) -> None:
        lab = self._context.session.lab

        def failed(error: Exception) -> None:
            if isinstance(error, SignInRefusedError):
                self._sheet.refuse_passphrase(str(error), error.retry_after_s)
            else:
                self._failed(error)

        self._context.jobs.start(
            self, lambda _: lab.people.sign_in(given.person.name, given.passphrase), done=opened, failed=failed
        )

    def _hand_over(self) -> None:
        lab, giver, receiver = self._context.session.lab, self._giver, self._receiver
        if giver is None or receiver is None:
            return
        request = self._sheet.form.request()
        self._context.jobs.start(
            self, lambda _: lab.custody.hand_over(giver, receiver, request), done=self._finish, failed=self._failed
        )

    def _finish(self, event: CustodyEvent) -> None:
        self._sheet.finish()
        self._done(event)

    def _failed(self, error: Exception) -> None:
        self._close_keys()
        if isinstance(error, AppError):
            self._sheet.refuse(str(error), f"{error.kept} {error.then}")
            if isinstance(error, UnclearNameError):
                self._sheet.form.ask_meaning()
            if isinstance(error, RefusedError):
                self._recorded()
            return
        self._sheet.refuse(self.tr("The step was not taken."), "")
        self._context.show_error(self._sheet.windowTitle(), error)

    def _close_keys(self) -> None:
        for signed_in in (self._giver, self._receiver):
            if signed_in:
                signed_in.key.close()
        self._giver = self._receiver = None
