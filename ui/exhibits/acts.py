"""The dialogs about one exhibit: registering, correcting, photographs; each act in a job, each refusal told there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.errors import RefusedError, UnclearNameError, explain
from ui.exhibits.correct_sheet import CorrectSheet
from ui.exhibits.derive_sheet import DeriveSheet
from ui.exhibits.device_sheet import DeviceSheet, Telling
from ui.exhibits.memory import Memory
from ui.exhibits.note_sheet import NoteSheet
from ui.exhibits.photo_sheet import AddPhotoSheet, enlarge
from ui.exhibits.photos_tab import SHARP_PX, PhotosTab
from ui.exhibits.reading import ExhibitsView
from ui.exhibits.register_sheet import RegisterSheet
from ui.exhibits.registering import Registration, add_photos, register
from ui.recording import record, signed_as

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.custody import CustodyEvent
    from forensics_app.model.device import DeviceForm
    from forensics_app.model.exhibit import Exhibit, NewDerived, NewPhoto, Photo
    from forensics_app.model.note import NewNote, Note
    from forensics_app.model.person import SignedIn
    from ui.correction_sheet import Correction
    from ui.page import PageContext


class ExhibitActs(QObject):
    """Opens the dialogs over the window of a page; ``registered`` carries the new exhibit."""

    registered = Signal(object)

    def __init__(self, page: QWidget, context: PageContext, memory: Memory) -> None:
        """Act in the session of ``context``."""
        super().__init__(page)
        self._page, self._context, self._memory = page, context, memory

    def register(self, view: ExhibitsView) -> None:
        """Ask for a new exhibit."""
        lab = self._context.session.lab
        zone = ZoneInfo(lab.info.zone)
        sheet = RegisterSheet(
            self._page.window(),
            case=view.case,
            exhibits=view.exhibits,
            now=lab.exhibits.now(),
            zone=zone,
            memory=self._memory,
            devices=view.devices,
            places=view.places,
            rules=view.rules,
        )
        sheet.submitted.connect(lambda asked: self._register(sheet, asked))
        sheet.open()

    def correct(self, exhibit: Exhibit, events: Sequence[CustodyEvent]) -> None:
        """Ask for a correction."""
        signed = signed_as(self._context.session.actor.person)
        sheet = CorrectSheet(self._page.window(), exhibit, events, signed_as=signed)

        def work(lab: Lab, actor: SignedIn, asked: Correction) -> Exhibit:
            return lab.exhibits.correct(actor, exhibit.id, asked.changes, asked.reason)

        record(self._context, sheet, work, lambda _: None)

    def derive(self, exhibit: Exhibit, exhibits: Sequence[Exhibit]) -> None:
        """Ask for a part taken out of an exhibit, or for an export of an image."""
        signed = signed_as(self._context.session.actor.person)
        sheet = DeriveSheet(self._page.window(), exhibit, exhibits, signed_as=signed)

        def work(lab: Lab, actor: SignedIn, new: NewDerived) -> Exhibit:
            return lab.exhibits.derive(actor, new)

        record(self._context, sheet, work, self.registered.emit)

    def tell(self, exhibit: Exhibit, form: DeviceForm) -> None:
        """Ask for the particulars of a device."""
        sheet = DeviceSheet(self._page.window(), exhibit, form)
        sheet.submitted.connect(lambda asked: self._tell(sheet, exhibit, asked))
        sheet.open()

    def add_photos(self, exhibit: Exhibit) -> None:
        """Ask for photographs."""
        sheet = AddPhotoSheet(self._page.window(), exhibit)
        sheet.submitted.connect(lambda photos: self._add_photos(exhibit, photos))
        sheet.open()

    def add_note(self, exhibit: Exhibit, first: Note | None) -> None:
        """Ask for a note, or for an addendum to its note ``first``."""
        session = self._context.session
        zone = ZoneInfo(session.lab.info.zone)
        sheet = NoteSheet(
            self._page.window(), exhibit, first, now=session.lab.notes.now().astimezone(zone), zone=zone,
            signed_as=signed_as(session.actor.person),
        )  # fmt: skip

        def work(lab: Lab, actor: SignedIn, new: NewNote) -> Note:
            return lab.notes.add(actor, new)

        record(self._context, sheet, work, lambda _: None)

    def fetch_thumbnail(self, tab: PhotosTab, photo: Photo) -> None:
        """Let a child process make a thumbnail, and put it into its place."""
        lab = self._context.session.lab
        self._context.jobs.start(
            tab,
            lambda _: lab.exhibits.thumbnail(photo, SHARP_PX),
            done=lambda encoded: tab.show_thumbnail(photo, encoded),
            failed=lambda error: tab.show_refused(photo, _words(error)),
        )

    def enlarge(self, photo: Photo, number: str) -> None:
        """Show a photograph large."""
        lab = self._context.session.lab
        enlarge(self._page, self._context, photo, lambda box_px: lab.exhibits.thumbnail(photo, box_px), number)

    def _register(self, sheet: RegisterSheet, asked: Registration) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor

        def done(made: Exhibit) -> None:
            sheet.accept()
            self.registered.emit(made)

        self._context.jobs.start(sheet, lambda _: register(lab, actor, asked), done=done, failed=self._refuse(sheet))

    def _tell(self, sheet: DeviceSheet, exhibit: Exhibit, asked: Telling) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor

        def done(_: DeviceForm) -> None:
            sheet.accept()
            self._context.session.tell_record_changed()

        self._context.jobs.start(
            sheet,
            lambda _: lab.exhibits.tell(actor, exhibit.id, asked.values, asked.reason),
            done=done,
            failed=self._refuse(sheet),
        )

    def _add_photos(self, exhibit: Exhibit, photos: tuple[NewPhoto, ...]) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor

        def done(left_out: tuple[str, ...]) -> None:
            self._context.session.tell_record_changed()
            self._tell_left_out(left_out)

        self._context.jobs.start(
            self,
            lambda _: add_photos(lab, actor, exhibit.id, photos),
            done=done,
            failed=lambda error: self._context.show_error(self.tr("Add photographs"), error),
        )

    def _refuse(self, sheet: RegisterSheet | DeviceSheet) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if isinstance(error, UnclearNameError) and isinstance(sheet, RegisterSheet):
                sheet.seizure.ask_meaning()
            if explain(error):
                sheet.refuse(_words(error))
            else:
                sheet.refuse(self.tr("Nothing was recorded."))
                self._context.show_error(sheet.windowTitle(), error)

        return failed

    def _tell_left_out(self, left_out: tuple[str, ...]) -> None:
        if left_out:
            error = RefusedError(
                "\n".join(left_out), kept="Everything else was recorded.", then="Add these photographs again."
            )
            self._context.show_error(self.tr("Add photographs"), error)


def _words(error: Exception) -> str:
    known = explain(error)
    return f"{known.what} {known.then}" if known else str(error)
