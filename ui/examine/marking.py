"""Marks in the window: what the dialog asks for is recorded, and the viewers show or hide the content at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.examine.mark_sheet import MarkAct, MarkRequest, MarkSheet, kind_of
from ui.examine.words import tr
from ui.latest import Latest
from ui.recording import record

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.mark import Mark
    from forensics_app.model.person import SignedIn
    from ui.page import PageContext


class Marking:
    """Opens the dialog for the selected files; ``shown_again`` is called when what hides them has changed."""

    def __init__(self, page: QWidget, context: PageContext, shown_again: Callable[[], None]) -> None:
        """Act for ``page``."""
        self._page, self._context, self._shown_again = page, context, shown_again
        self._reading = Latest(page, context.jobs)

    def ask(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        """Read the marks of a single file, then ask what is to be done; several files can only be marked."""
        files, lab = tuple(entries), self._context.session.lab

        def read() -> tuple[Mark, ...]:
            only = files[0]
            return lab.examine.marks.of_content(image, only.volume_id, only.address) if len(files) == 1 else ()

        self._reading.ask(
            lambda _: read(),
            lambda marks: self._open(image, files, marks),
            lambda error: self._context.show_error(tr("Read the marks"), error),
        )

    def _open(self, image: EvidenceImage, files: tuple[CatalogueEntry, ...], marks: tuple[Mark, ...]) -> None:
        person = self._context.session.actor.person
        sheet = MarkSheet(self._page, image.number, files, marks, person)

        def work(lab: Lab, actor: SignedIn, request: MarkRequest) -> None:
            service = lab.examine.marks
            match request.act:
                case MarkAct.LOOK:
                    for mark in marks:
                        service.look(actor, image.id, mark, request.reason)
                case MarkAct.WITHDRAW:
                    for mark in marks:
                        service.withdraw(actor, image.id, mark, request.reason)
                case _:
                    for entry in files:
                        service.add(actor, image.id, entry, kind_of(request.act), request.reason)

        record(self._context, sheet, work, lambda _: self._shown_again())
