"""The timeline of the open case in the window: made as a job, shown in the place of the files, written to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.timeline import TimelineForm, TimelineMissingError
from forensics_app.services.safe_names import safe_name
from ui import text
from ui.examine.places import Destination
from ui.examine.targets import Targets, last_folder, remember_folder
from ui.examine.timeline_reading import OpenTimeline, open_timeline
from ui.examine.timeline_view import TimelineView
from ui.examine.words import tr
from ui.jobs import JobCard
from ui.latest import Latest

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.timeline import TimelineEvent, TimelineExport, TimelineState
    from ui.examine.browser import Browser
    from ui.page import PageContext
    from ui.preferences import Preferences


class CaseTimeline:
    """Puts :class:`TimelineView` into the page's stack."""

    def __init__(
        self,
        page: QWidget,
        context: PageContext,
        stack: QStackedWidget,
        browser: Browser,
        targets: Targets,
        preferences: Preferences,
    ) -> None:
        """Act for ``page``; ``targets`` asks where files go."""
        self._page, self._context, self._stack, self._browser = page, context, stack, browser
        self._targets, self._preferences = targets, preferences
        self._case_id: CaseId | None = None
        self._making: set[CaseId] = set()
        self._timeline: OpenTimeline | None = None
        self._opening = Latest(page, context.jobs)
        self.view = TimelineView(context.jobs, preferences.store)
        stack.addWidget(self.view)
        view = self.view
        view.left.connect(self.leave)
        view.make_asked.connect(self._make)
        view.jump_asked.connect(self._jump)
        view.export_asked.connect(self._export)
        view.failed.connect(self._on_failure)
        page.destroyed.connect(self.close)

    @property
    def is_shown(self) -> bool:
        """Whether it is in the place of the files."""
        return self._stack.currentWidget() is self.view

    def show_case(self, case_id: CaseId) -> None:
        """Show the timeline of a case, or how it comes to be."""
        self._case_id = case_id
        self._stack.setCurrentWidget(self.view)
        if case_id in self._making:
            self.view.show_making()
            return
        lab = self._context.session.lab
        self._opening.ask(lambda _: open_timeline(lab, case_id), self._take, self._on_failure)

    def leave(self) -> None:
        """Show the files again."""
        self._stack.setCurrentWidget(self._browser)
        self._browser.files.table.setFocus()

    def close(self) -> None:
        """Let go of what is open."""
        if self._timeline is not None:
            self._timeline.close()
        self._timeline = None

    def _take(self, found: OpenTimeline | TimelineState) -> None:
        if isinstance(found, OpenTimeline) and self._timeline and self._timeline.state == found.state:
            found.close()
            self.view.show_again()
            return
        self.view.leave_timeline()
        self.close()
        if isinstance(found, OpenTimeline):
            self._timeline = found
            self.view.show_timeline(found)
        else:
            self.view.show_unmade(found)
        self.view.panes()[0].setFocus()

    def _make(self) -> None:
        case_id = self._case_id
        if case_id is None or case_id in self._making:
            return
        lab, actor = self._context.session.lab, self._context.session.actor
        self._making.add(case_id)
        self.view.show_making()
        title = tr("Make the timeline")

        def end() -> None:
            self._making.discard(case_id)
            if self.is_shown and self._case_id == case_id:
                self.show_case(case_id)

        def failed(error: Exception) -> None:
            end()
            self._context.show_error(title, error)

        card = JobCard(
            title=title,
            icon="clock",
            unit=tr("entries"),
            if_stopped=tr("Nothing of it is kept. Catalogues and images are not changed."),
            may_be_dropped=True,
        )
        self._context.jobs.start(
            self._page,
            lambda on_progress: lab.timelines.make(actor, case_id, on_progress),
            done=lambda _: end(),
            failed=failed,
            cancelled=end,
            card=card,
        )

    def _jump(self, event: TimelineEvent) -> None:
        self._stack.setCurrentWidget(self._browser)
        self._browser.go_to_entry(Destination(image_id=event.image.id, entry_id=event.entry.id))

    def _export(self, form: TimelineForm) -> None:
        query, case_id, view = self.view.listed, self._case_id, self.view
        if query is None or case_id is None:
            return
        lab, actor = self._context.session.lab, self._context.session.actor
        zone, told = view.zone, view.box.text().strip()
        name = "timeline.csv" if form is TimelineForm.CSV else "timeline.bodyfile"
        title = tr("Export the timeline")
        target = self._targets.file(self._page, title, last_folder(self._preferences) / safe_name(name))
        if target is None:
            return
        remember_folder(self._preferences, target.parent)

        def done(made: TimelineExport) -> None:
            lines = text.plural(made.lines, tr("1 line"), tr("{n} lines"))
            words = tr(
                "Exported to {path}, {lines}. SHA-256 {digest}. Read back and equal; the record has an entry of it."
            )
            said = words.format(path=made.target, lines=lines, digest=text.digest_text(made.sha256))
            view.messages.tell(" ".join((said, *made.remarks)), made.sha256.hex())
            self._context.session.tell_record_changed()

        card = JobCard(
            title=title,
            icon="export",
            unit=tr("events"),
            if_stopped=tr("No part of the file is kept, and nothing is recorded."),
            needs_key=True,
        )
        self._context.jobs.start(
            self._page,
            lambda on_progress: lab.timelines.export(
                actor, case_id, query, target, form, zone, told=told, on_progress=on_progress
            ),
            done=done,
            failed=lambda error: self._context.show_error(title, error),
            card=card,
        )

    def _on_failure(self, error: Exception) -> None:
        """A timeline whose catalogues were built anew meanwhile is to be made again, which is no error."""
        if isinstance(error, TimelineMissingError) and self._case_id is not None:
            lab, case_id = self._context.session.lab, self._case_id
            self._opening.ask(lambda _: lab.timelines.state(case_id), self.view.show_unmade, self._tell)
        else:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        self._context.show_error(tr("Read the timeline"), error)
