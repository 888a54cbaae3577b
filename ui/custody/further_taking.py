"""Opens the dialog of an act beside the machine's steps, and has it done in a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.errors import explain
from forensics_app.model.custody import Event
from ui.custody.ask_sheet import Answers, AskSheet
from ui.custody.further import Act, act_words, fields_of, statement_of, take

if TYPE_CHECKING:
    from forensics_app.model.exhibit import Exhibit
    from ui.custody.reading import CustodyView
    from ui.page import PageContext


class FurtherTaking(QObject):
    """``done`` carries the words of the act that was recorded; ``refused`` says that an attempt may have been."""

    done = Signal(str)
    refused = Signal()

    def __init__(self, page: QWidget, context: PageContext) -> None:
        """Act in the session of ``context``."""
        super().__init__(page)
        self._page, self._context = page, context

    def open(self, act: Act, view: CustodyView, exhibit: Exhibit) -> None:
        """Ask for the particulars of ``act``."""
        actor = self._context.session.actor.person
        witnesses, taker = [], ""
        if act is Act.CARRY_OUT:
            taker = view.standing.disposal.recipient if view.standing.disposal else ""
            witnesses = [one for one in view.people if one.revoked_at is None and one.id != actor.id]
        sheet = AskSheet(
            self._page.window(),
            title=f"{act_words(act)}: {exhibit.number}",
            statement=statement_of(act, exhibit, view.standing),
            fields=fields_of(act, view.standing),
            actor=actor,
            witnesses=witnesses,
            taker=taker,
            scratch=self._context.session.lab.folder.scratch,
            rules=view.rules_at(*_steps_of(act, view)),
        )
        sheet.submitted.connect(lambda told: self._take(sheet, act, view, exhibit, told))
        sheet.open()

    def _take(self, sheet: AskSheet, act: Act, view: CustodyView, exhibit: Exhibit, told: Answers) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor
        now = lab.custody.now().astimezone(ZoneInfo(lab.info.zone)).replace(microsecond=0)

        def done(_: object) -> None:
            sheet.accept()
            self.done.emit(act_words(act))

        def failed(error: Exception) -> None:
            known = explain(error)
            if known is None:
                sheet.refuse(self.tr("Nothing was recorded."))
                self._context.show_error(sheet.windowTitle(), error)
                return
            sheet.refuse(f"{known.what} {known.kept} {known.then}")
            self.refused.emit()

        self._context.jobs.start(
            sheet, lambda _: take(lab, actor, act, exhibit, view.standing, told, now), done=done, failed=failed
        )


def _steps_of(act: Act, view: CustodyView) -> tuple[str, ...]:
    """The steps of custody that an act is about."""
    if act is Act.PROPOSE:
        return (Event.PROPOSE_DISPOSAL.value,)
    disposal = view.standing.disposal
    return (disposal.way.value,) if act is Act.CARRY_OUT and disposal else ()
