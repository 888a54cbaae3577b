"""The Scenes page: the scenes of the case, or one of them with its questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui import text
from ui.announce import announce
from ui.latest import Latest
from ui.models.record_table import RecordTableModel
from ui.page import Page, PageContext, Shortcut, utc_now
from ui.scenes.acts import SceneActs
from ui.scenes.columns import scene_columns
from ui.scenes.question_pane import Given
from ui.scenes.reading import SceneLine, ScenesView, SceneView, read_scene, read_scenes
from ui.scenes.scene_pane import ScenePane
from ui.scenes.words import open_words, why_not_work
from ui.theme import Row
from ui.widgets.buttons import Button, allow
from ui.widgets.layout import line, pane, vbox
from ui.widgets.notes import EmptyState, FilterRow
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.scene import Scene, SceneId

_NEW = "new"


class ScenesPage(Page):
    """Lists the scenes of a case; one that is opened takes the place of the list."""

    def __init__(self, context: PageContext, *, now: Callable[[], datetime] = utc_now) -> None:
        """Build the page; ``now`` is the time that is offered, and by whose day a review is past."""
        super().__init__(context, title=QCoreApplication.translate("Pages", "Scenes"), name="scenesPage")
        self._now = now
        self._zone = ZoneInfo(context.session.lab.info.zone)
        self._case_id: CaseId | None = None
        self._scene_id: SceneId | None = None
        self._view: ScenesView | None = None
        self._wanted_step = ""
        self._begin_when_read = False
        self._reading = Latest(self, context.jobs)
        self._acts = SceneActs(self, context, now)
        self._model: RecordTableModel[SceneLine] = RecordTableModel(
            scene_columns(self._zone, self._zone.key), self, key=lambda one: one.scene.id
        )
        self._lay_out()
        self._connect()

    def show_case(self, case_id: CaseId | None) -> None:
        """Show the scenes of another case; nothing changes where it is the same one with other words."""
        if case_id == self._case_id:
            return
        self._reading.drop()
        self._case_id, self._scene_id, self._view = case_id, None, None
        self._model.set_records(())
        self._show_bar(None)

    def refresh(self) -> None:
        """Read again what is in sight."""
        case = self.session.case
        self.show_case(case.id if case else None)
        if self._case_id is None:
            self._body.setCurrentWidget(self._no_case)
            self._begin.hide()
        elif self._scene_id is not None:
            lab, case_id, scene_id, now = self.session.lab, self._case_id, self._scene_id, self._now()
            self._reading.ask(lambda _: read_scene(lab, case_id, scene_id, now), self._take_scene, self._failed)
        else:
            lab, case_id, now = self.session.lab, self._case_id, self._now()
            self._reading.ask(lambda _: read_scenes(lab, case_id, now), self._take_list, self._failed)

    def open_target(self, target: object) -> None:
        """``"new"`` begins a scene, anything else is the id of one to show."""
        if target == _NEW:
            self._leave_scene()
            self._begin_when_read = True
        else:
            self._scene_id = target  # type: ignore[assignment]
        self.refresh()

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (
            Shortcut(keys="Return", act=self.tr("open the chosen scene; answer the chosen question")),
            Shortcut(keys="1 … 9", act=self.tr("choose the first answer, the second, and so on")),
            Shortcut(keys="Ctrl+Return", act=self.tr("record the answer and go on")),
            Shortcut(keys="Alt+Down, Alt+Up", act=self.tr("next question, the one before")),
            Shortcut(keys="Alt+Left", act=self.tr("all scenes")),
            Shortcut(keys="Ctrl+N", act=self.tr("begin at a scene")),
        )

    def panes(self) -> Sequence[QWidget]:
        """Bar, and the list or the scene."""
        if self._scene_id is None:
            return self.bar, self.filter, self.table
        return self.bar, self.scene.table, self.scene.question

    def primary(self) -> Button | None:
        """Recording the answer, or beginning."""
        if self._scene_id is None:
            return self._begin
        record = self.scene.question.record
        return None if record.isHidden() else record

    def new_button(self) -> Button | None:
        """Beginning."""
        return self._begin

    def filter_box(self) -> QWidget | None:
        """The filter of the list."""
        return self.filter.box if self._scene_id is None else None

    def _lay_out(self) -> None:
        self._all = Button(self.tr("All scenes"), name="allScenes", icon="chevron-left", shortcut="Alt+Left")
        self._close = Button(self.tr("Close scene…"), name="closeScene", icon="lock")
        self._begin = Button(self.tr("Begin…"), name="beginSceneButton", kind="primary", icon="plus")
        for button in (self._all, self._close, self._begin):
            self.bar.add_action(button)
        self.filter = FilterRow(self.tr("Type to filter: what, place, who leads"), columns=False, export=False)
        self.table = Table(self._model, name="scenes", title=self.tr("Scenes"), row_px=Row.TWO_LINE)
        self._no_fit = EmptyState("filter", self.tr("No scene fits the filter; empty it."), name="noSceneFits")
        self._rows = QStackedWidget()
        self._rows.addWidget(self.table)
        self._rows.addWidget(self._no_fit)
        self._list = pane(vbox(self.filter, line(), (self._rows, 1), gap=0))
        self.scene = ScenePane(self._zone, self._now)
        self._first = Button(self.tr("Begin at the first scene…"), name="beginFirstScene", kind="primary", icon="plus")
        sentence = self.tr("No scenes yet. Begin at a scene, and go through what the guidance asks there.")
        self._none = EmptyState("scene", sentence, self._first, name="noScenes")
        cases = Button(self.tr("Go to the cases"), name="scenesToCases")
        cases.clicked.connect(lambda: self.context.go_to("cases", None))
        words = self.tr("No case is open. Open or choose one first.")
        self._no_case = EmptyState("case", words, cases, name="noCaseForScenes")
        self._body = QStackedWidget()
        for part in (self._list, self.scene, self._none, self._no_case):
            self._body.addWidget(part)
        self.set_body(self._body)
        self._show_bar(None)

    def _connect(self) -> None:
        for button in (self._begin, self._first):
            button.clicked.connect(lambda: self._reading.afterwards(self._ask_to_begin))
        self._all.clicked.connect(self._go_to_list)
        self._close.clicked.connect(lambda: self._reading.afterwards(self._ask_to_close))
        self.table.opened.connect(self._open_line)
        self.filter.filter_changed.connect(self._filter)
        self.scene.case_asked.connect(lambda: self.context.go_to("cases", self._case_id))
        question = self.scene.question
        question.record_asked.connect(self._answer)
        question.photos_asked.connect(lambda step: self._with_scene(lambda view: self._acts.add_photos(view, step)))
        question.capture_asked.connect(lambda step: self._with_scene(lambda view: self._acts.add_capture(view, step)))
        question.thumbnail_wanted.connect(lambda photo: self._acts.fetch_thumbnail(question, photo))
        question.enlarge_asked.connect(
            lambda photo: self._with_scene(lambda view: self._acts.enlarge(photo, view.scene.subject))
        )

    def _with_scene(self, act: Callable[[SceneView], None]) -> None:
        def act_upon_shown() -> None:
            view = self.scene.view
            if view and self.session.is_open:
                act(view)

        self._reading.afterwards(act_upon_shown)

    def _take_list(self, view: ScenesView) -> None:
        self._view = view
        self._body.setCurrentWidget(self._list if view.lines else self._none)
        chosen = self.table.current_record()
        self._model.set_records(view.lines)
        if chosen is None or not self.table.select_key(chosen.scene.id):
            self.table.selectRow(0)
        self._filter(self.filter.box.text())
        self._show_bar(None)
        open_ones = sum(line.scene.closed_at is None for line in view.lines)
        said = text.plural(len(view.lines), self.tr("1 scene"), self.tr("{n} scenes"))
        self.bar.set_subtitle(self.tr("{scenes}, {n} open").format(scenes=said, n=open_ones) if view.lines else "")
        self._begin.setVisible(bool(view.lines))
        why_not = why_not_work(self.session.actor.person) if self.session.is_open else ""
        for button in (self._begin, self._first):
            allow(button, why_not)
        if self._begin_when_read:
            self._begin_when_read = False
            self._ask_to_begin()

    def _take_scene(self, view: SceneView) -> None:
        if view.scene.id != self._scene_id:
            return
        person = self.session.actor.person if self.session.is_open else None
        entering = self._body.currentWidget() is not self.scene
        step, self._wanted_step = self._wanted_step, ""
        if step:
            following = view.next_open(step)
            step = following.step.id if following else ""
        self.scene.show_scene(view, person, step=step)
        self._body.setCurrentWidget(self.scene)
        self._show_bar(view)
        if entering or step:
            self.scene.question.take_keyboard()

    def _show_bar(self, view: SceneView | None) -> None:
        self._all.setVisible(view is not None)
        self._close.setVisible(view is not None and view.scene.closed_at is None)
        self._begin.setVisible(view is None)
        self.bar.set_title(view.scene.subject if view else self.tr("Scenes"))
        if view is None:
            self.bar.set_subtitle("")
            return
        state = self.tr("closed") if view.scene.closed_at else open_words(len(view.open))
        self.bar.set_subtitle(f"{view.flow.title} · {state}")
        why_not = why_not_work(self.session.actor.person) if self.session.is_open else ""
        allow(self._close, why_not)

    def _answer(self, given: Given) -> None:
        view = self.scene.view
        if view is None or not self.session.is_open:
            return

        def recorded() -> None:
            if self.scene.step == given.step.id:  # whoever went on already stays where they are
                self._wanted_step = given.step.id
            announce(self, self.tr("Recorded"))

        self._acts.answer(view, self.scene.question, given, recorded)

    def _ask_to_begin(self) -> None:
        if self._view and self.session.is_open and not why_not_work(self.session.actor.person):
            self._acts.begin(self._view, self._show_scene)

    def _show_scene(self, scene: Scene) -> None:
        self._scene_id = scene.id

    def _ask_to_close(self) -> None:
        if not self.scene.refuse_close():
            self._with_scene(self._acts.close)

    def _open_line(self, chosen: SceneLine | None) -> None:
        if chosen:
            self._scene_id = chosen.scene.id
            self.refresh()

    def _go_to_list(self) -> None:
        self._leave_scene()
        self.refresh()
        self.table.setFocus()

    def _leave_scene(self) -> None:
        self._scene_id = None

    def _filter(self, words: str) -> None:
        self._model.set_filter(words)
        self._rows.setCurrentWidget(self.table if self._model.rowCount() else self._no_fit)

    def _failed(self, error: Exception) -> None:
        if self._scene_id is not None and (self.scene.view is None or self.scene.view.scene.id != self._scene_id):
            self._leave_scene()
        self.context.show_error(self.tr("Read the scenes"), error)
