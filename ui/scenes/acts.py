"""What is done at a scene: the dialogs, and the acts that are signed, each as a job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from forensics_app.errors import explain
from forensics_app.model.exhibit import NewPhoto
from forensics_app.model.scene import NewCapture, NewScene, Scene, ScenePhoto, Step
from ui import text
from ui.exhibits.photo_sheet import enlarge
from ui.exhibits.photos_tab import SHARP_PX
from ui.recording import record, refusing, signed_as
from ui.scenes.begin_sheet import BeginSheet
from ui.scenes.capture_sheet import CaptureSheet
from ui.scenes.photo_sheet import ScenePhotoSheet
from ui.scenes.question_pane import Given, QuestionPane
from ui.scenes.reading import ScenesView, SceneView
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import Person, SignedIn
    from ui.page import PageContext


class SceneActs(QObject):
    """Acts in the session of ``context``, with its dialogs over ``page``."""

    def __init__(self, page: QWidget, context: PageContext, now: Callable[[], datetime]) -> None:
        """``now`` is the time that dialogs offer."""
        super().__init__(page)
        self._page, self._context, self._now = page, context, now

    @property
    def _actor(self) -> Person:
        return self._context.session.actor.person

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._context.session.lab.info.zone)

    def begin(self, view: ScenesView, begun: Callable[[Scene], None]) -> None:
        """Ask for a new scene."""
        sheet = BeginSheet(self._page, view, actor=self._actor, now=self._now(), zone=self._zone)

        def work(lab: Lab, actor: SignedIn, new: NewScene) -> Scene:
            return lab.scenes.begin(actor, new)

        record(self._context, sheet, work, begun)

    def answer(self, view: SceneView, pane: QuestionPane, given: Given, done: Callable[[], None]) -> None:
        """Record an answer; a refusal is told under the question."""
        lab, actor, scene_id = self._context.session.lab, self._context.session.actor, view.scene.id
        at = given.at or self._now().astimezone(self._zone)

        def recorded(_: object) -> None:
            pane.ready()
            pane.forget_draft(scene_id, given.step.id)
            done()
            self._context.session.tell_record_changed()

        self._context.jobs.start(
            pane, lambda _: lab.scenes.answer(actor, scene_id, given.step.id, given.answer, at),
            done=recorded, failed=refusing(self._context, pane, self.tr("Record the answer")),
        )  # fmt: skip

    def add_photos(self, view: SceneView, step: Step) -> None:
        """Ask for photographs."""
        scene_id = view.scene.id
        sheet = ScenePhotoSheet(self._page, step, actor=self._actor, now=self._now(), zone=self._zone)

        kept: set[Path] = set()

        def work(lab: Lab, actor: SignedIn, photos: tuple[NewPhoto, ...]) -> None:
            for photo in photos:
                if photo.path not in kept:  # those before one that was refused are recorded already
                    lab.scenes.add_photo(actor, scene_id, step.id, photo)
                    kept.add(photo.path)

        sheet.rejected.connect(lambda: self._context.session.tell_record_changed() if kept else None)
        record(self._context, sheet, work, lambda _: None)

    def add_capture(self, view: SceneView, step: Step) -> None:
        """Ask for the next step of a live capture."""
        scene_id, question = view.scene.id, view.question(step.id)
        sheet = CaptureSheet(
            self._page, subject=view.scene.subject, order=view.order, before=question.captures if question else (),
            actor=self._actor, now=self._now(), zone=self._zone,
        )  # fmt: skip

        def work(lab: Lab, actor: SignedIn, new: NewCapture) -> None:
            lab.scenes.add_capture(actor, scene_id, step.id, new)

        record(self._context, sheet, work, lambda _: None)

    def close(self, view: SceneView) -> None:
        """Ask to close a scene in which nothing is open."""
        scene_id = view.scene.id
        sheet = CloseSheet(self._page, view, actor=self._actor)

        def work(lab: Lab, actor: SignedIn, _: object) -> Scene:
            return lab.scenes.close(actor, scene_id)

        record(self._context, sheet, work, lambda _: None)

    def fetch_thumbnail(self, pane: QuestionPane, photo: ScenePhoto) -> None:
        """Let a child process make a thumbnail, and put it into its place."""
        lab = self._context.session.lab
        self._context.jobs.start(
            pane,
            lambda _: lab.scenes.thumbnail(photo, SHARP_PX),
            done=lambda encoded: pane.show_thumbnail(photo, encoded),
            failed=lambda error: pane.show_no_thumbnail(photo, words_of(error)),
        )

    def enlarge(self, photo: ScenePhoto, subject: str) -> None:
        """Show a photograph large."""
        lab = self._context.session.lab
        enlarge(self._page, self._context, photo, lambda box_px: lab.scenes.thumbnail(photo, box_px), subject)


def words_of(error: Exception) -> str:
    """What is said in the place of a photograph that cannot be shown."""
    told = explain(error)
    return told.what if told else QCoreApplication.translate("Scenes", "It cannot be shown.")


class CloseSheet(FormSheet):
    """Says what is closed, and with whose key; ``submitted`` carries nothing else."""

    def __init__(self, parent: QWidget, view: SceneView, *, actor: Person) -> None:
        """Ask once more: nothing is added to a closed scene."""
        super().__init__(
            parent, title=self.tr("Close the scene"), subtitle=view.scene.subject, name="closeSceneSheet",
            act=self.tr("Close the scene"), width_px=520,
        )  # fmt: skip
        answered = sum(question.standing is not None for question in view.asked)
        said = text.plural(answered, self.tr("1 question is answered."), self.tr("{n} questions are answered."))
        if left := len(view.asked) - answered:
            left_words = self.tr("1 that is optional is left open."), self.tr("{n} that are optional are left open.")
            said += f" {text.plural(left, *left_words)}"
        ends = self.tr("Nothing is added to a closed scene; what is found later begins another one.")
        self.fill(label(said, wrap=True), label(ends, wrap=True), signed_as=signed_as(actor))
