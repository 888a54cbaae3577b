"""Does what a dialog asks for as a job, signed by the open key, and closes the dialog when it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QCoreApplication

from forensics_app.errors import AppError

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import Person, SignedIn
    from ui.page import PageContext
    from ui.widgets.form_sheet import FormSheet

R = TypeVar("R")
T = TypeVar("T")


class Refusing(Protocol):
    """Where it is said why nothing was recorded, and what can be done."""

    def refuse(self, sentence: str, then: str = "") -> None:
        """Say it."""


def record(
    context: PageContext, sheet: FormSheet, work: Callable[[Lab, SignedIn, R], T], done: Callable[[T], None]
) -> None:
    """Open ``sheet``; when it is submitted run ``work(lab, actor, request)`` off the UI thread.

    A refusal by a service is told in the dialog, which stays; anything else also opens the error dialog. After the
    record has changed ``done`` is called with the result.
    """

    def finished(result: T) -> None:
        sheet.finish()
        done(result)
        context.session.tell_record_changed()

    failed = refusing(context, sheet, sheet.windowTitle())

    def asked(request: R) -> None:
        lab, actor = context.session.lab, context.session.actor
        context.jobs.start(sheet, lambda _: work(lab, actor, request), done=finished, failed=failed)

    sheet.submitted.connect(asked)
    sheet.open()


def refusing(context: PageContext, place: Refusing, title: str) -> Callable[[Exception], None]:
    """Tells a refusal by a service in ``place``; anything else also opens the error dialog under ``title``."""

    def failed(error: Exception) -> None:
        if isinstance(error, AppError):
            place.refuse(str(error), error.then)
            return
        place.refuse(_tr("It was not recorded."))
        context.show_error(title, error)

    return failed


def signed_as(person: Person) -> str:
    """The sentence that says whose key signs, and that it stays."""
    words = _tr("Signed with the open key {key} of {name}. It becomes an entry of the record and cannot be removed.")
    return words.format(key=f"{person.key_id[:4]} {person.key_id[4:8]}", name=person.name)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Recording", words)
