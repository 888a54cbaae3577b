"""Searches in the window: asked for, run as a job, listed while they run; from a hit one goes to its bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from forensics_app.errors import AppError
from forensics_app.model.person import Role
from forensics_app.model.search import SearchRequest
from ui.examine.case_reading import ImageShown
from ui.examine.hit_tags import HitTags
from ui.examine.places import Destination, Place
from ui.examine.search_hits import ShownHit
from ui.examine.search_sheet import RevealRequest, RevealSheet, SearchSheet
from ui.examine.search_view import SearchView
from ui.examine.viewers import FILE, SLACK, TEXT
from ui.examine.words import tr, visible
from ui.jobs import JobCard
from ui.latest import Latest
from ui.recording import record, signed_as
from ui.widgets.labels import label
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.person import Person, SignedIn
    from forensics_app.model.search import CaseSearched, SearchId, SearchInfo
    from ui.examine.browser import Browser
    from ui.examine.tagging import TagActs
    from ui.jobs import OnProgress
    from ui.page import PageContext

_TOLD = 200
T = TypeVar("T")


class ContentSearch:
    """Puts :class:`SearchView` into the page's stack, in the place of the files while hits are looked at."""

    def __init__(
        self,
        page: QWidget,
        context: PageContext,
        stack: QStackedWidget,
        browser: Browser,
        tag_acts: TagActs,
        settings: QSettings,
    ) -> None:
        """Act for ``page``; ``settings`` keeps the columns of the hits."""
        self._page, self._context, self._stack, self._browser = page, context, stack, browser
        self._reading = Latest(page, context.jobs)
        self._stop: Callable[[], None] = lambda: None
        self._wanted: ShownHit | None = None
        self.view = SearchView(context.session, context.jobs, settings)
        stack.addWidget(self.view)
        view = self.view
        view.left.connect(self.leave)
        view.new_asked.connect(self.ask)
        view.go_on_asked.connect(self._go_on)
        view.stop_asked.connect(lambda _: self._stop())
        view.jump_asked.connect(self._jump)
        view.reveal_asked.connect(self._ask_reveal)
        view.missed_asked.connect(self._tell_missed)
        view.failed.connect(lambda error: context.show_error(tr("Read the search"), error))
        browser.viewers.hex.source_changed.connect(self._mark)
        self.hit_tags = HitTags(page, context, browser, view, tag_acts)

    def open(self) -> None:
        """Show the searches of the image in sight; ask for one where there is none yet."""
        shown = self._shown()
        if shown is None:
            return
        self._stack.setCurrentWidget(self.view)
        self.view.show_image(shown.image)
        self.view.take_focus()
        if not self._has_searches(shown.image):
            self._context.jobs.next_turn(self._page, self._ask_first)

    def _ask_first(self) -> None:
        """Ask, now that the view is in sight, unless it was left or asks already."""
        if self._stack.currentWidget() is self.view and QApplication.activeModalWidget() is None:
            self.ask()

    def leave(self) -> None:
        """Show the files again."""
        self._stack.setCurrentWidget(self._browser)
        self._browser.files.table.setFocus()

    def ask(self) -> None:
        """Ask what to look for in the image in sight, and look for it."""
        shown = self._shown()
        if shown is None:
            return
        context, image = self._context, shown.image
        images = len(self._browser.case.images)
        sheet = SearchSheet(self._page, image.number, signed_as(context.session.actor.person), images)

        def asked(request: SearchRequest) -> None:
            lab = context.session.lab
            context.jobs.start(
                sheet, lambda _: lab.searching.check(request),
                done=lambda without: begin(request, without), failed=refused,
            )  # fmt: skip

        def refused(error: Exception) -> None:
            if isinstance(error, AppError):
                sheet.refuse(str(error), error.then)
                return
            sheet.refuse(tr("It cannot be searched."))
            context.show_error(sheet.windowTitle(), error)

        def begin(request: SearchRequest, without: tuple[str, ...]) -> None:
            sheet.finish()
            if without:
                words = tr("None of the chosen encodings can write {terms}; it is not looked for.")
                named = tr("some of the secret words") if request.secret_key else visible(", ".join(without))
                self._browser.messages.tell(words.format(terms=named), "")
            if sheet.is_of_all:
                self._begin_all(image, request)
            else:
                self._begin(image, request)

        sheet.submitted.connect(asked)
        sheet.open()

    def _has_searches(self, image: EvidenceImage) -> bool:
        return any(self._context.session.lab.folder.searches(image.case_id, image.id).glob("*.db"))

    def _shown(self) -> ImageShown | None:
        shown = self._browser.image
        return shown if shown is not None and shown.content is not None else None

    def _begin(self, image: EvidenceImage, request: SearchRequest) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor
        begun: list[SearchId] = []

        def work(on_progress: OnProgress) -> SearchInfo:
            return lab.searching.begin(actor, image.id, request, on_progress, begun.append)

        self._run(image, tr("Search {image}").format(image=image.number), work, begun)

    def _begin_all(self, shown: EvidenceImage, request: SearchRequest) -> None:
        """Search every image of the case; the hits of the one that is in sight are listed as they come."""
        from forensics_app.services.case_searching import CaseSearching

        lab, actor = self._context.session.lab, self._context.session.actor
        begun: list[SearchId] = []
        title = tr("Search all images of the case")

        def work(on_progress: OnProgress) -> CaseSearched:
            def note(image: EvidenceImage, search_id: SearchId) -> None:
                if image.id == shown.id:
                    begun.append(search_id)

            return CaseSearching(searching=lab.searching).begin(actor, shown.case_id, request, on_progress, note)

        self._run(shown, title, work, begun, self._tell_all)

    def _tell_all(self, made: CaseSearched) -> None:
        each = [f"{number}: {info.hits:,}" for number, info in made.found]
        said = tr("Hits by image: {each}.").format(each=", ".join(each))
        if made.left_out:
            first = made.left_out[0]
            out = tr("NOT searched: {n}. {image}: {why}")
            said += " " + out.format(n=len(made.left_out), image=first.path, why=first.why)
        self.view.say(said)

    def _go_on(self, search_id: SearchId) -> None:
        shown = self._shown()
        if shown is None:
            return
        lab, actor, image = self._context.session.lab, self._context.session.actor, shown.image
        title = tr("Search {image}").format(image=image.number)

        def work(on_progress: OnProgress) -> SearchInfo:
            return lab.searching.resume(actor, image.id, search_id, on_progress)

        self._run(image, title, work, [search_id])
        self.view.say_running(search_id)

    def _run(
        self,
        image: EvidenceImage,
        title: str,
        work: Callable[[OnProgress], T],
        begun: Sequence[SearchId],
        done: Callable[[T], None] = lambda made: None,
    ) -> None:
        def progress(_: int, __: int) -> None:
            if begun and self.view.running is None:
                self.view.say_running(begun[0])

        def finish(made: T) -> None:
            end()
            done(made)

        def end() -> None:
            self.view.say_running(None)
            if begun:
                self.view.show_image(image, begun[0])
            self._context.session.tell_record_changed()

        def failed(error: Exception) -> None:
            end()
            self._context.show_error(title, error)

        card = JobCard(
            title=title, icon="search", needs_key=True,
            if_stopped=tr("What was found is kept, and the search can be gone on with from there."),
        )  # fmt: skip
        self._stop = self._context.jobs.start(
            self._page, work, done=finish, failed=failed, cancelled=end, progress=progress, card=card
        )

    def _jump(self, one: ShownHit) -> None:
        """Show the bytes of a hit, marked."""
        shown = self._shown()
        if shown is None:
            return
        if not one.is_in_catalogue_of(shown.image):
            self.view.say_old()
            return
        self._wanted, image_id, hit = one, shown.image.id, one.hit
        self._stack.setCurrentWidget(self._browser)
        if hit.entry_id is not None:
            self._browser.go_to_entry(Destination(image_id=image_id, entry_id=hit.entry_id))
            self._browser.viewers.focus_bytes(TEXT if hit.is_in_text else SLACK if hit.space == "slack" else FILE)
        else:
            is_free = hit.space == "unallocated"
            self._browser.tree.bytes_asked.emit(Place(image_id=image_id, volume_id=hit.volume_id, unallocated=is_free))
        self._mark()

    def _mark(self) -> None:
        """Select the bytes that were wanted, once they are the ones in sight."""
        one, subject, source = self._wanted, self._browser.subject, self._browser.viewers.hex.source
        if one is None or subject is None or source is None or one.hit.is_in_text:
            return
        shown = self._shown()
        if shown is None or not one.is_in_catalogue_of(shown.image):
            return
        hit, entry = one.hit, subject.entry
        if hit.entry_id is not None:
            is_there = entry is not None and entry.id == hit.entry_id
            if is_there and hit.space == "slack":
                self._browser.viewers.show_tab(SLACK)
                source = self._browser.viewers.hex.source
                is_there = source is not None and source.area is not None
        else:
            volume = subject.volume
            is_there = entry is None and volume is not None and volume.id == hit.volume_id
            is_there = is_there and subject.unallocated == (hit.space == "unallocated")
        if is_there and source is not None and hit.offset_bytes < source.length_bytes:
            self._wanted = None
            self._browser.viewers.hex.view.go_to(hit.offset_bytes, hit.length_bytes)

    def _ask_reveal(self, one: ShownHit | None) -> None:
        shown, search_id = self._shown(), self.view.search_id
        if shown is None or one is None or search_id is None:
            return
        lab, me = self._context.session.lab, self._context.session.actor.person
        self._reading.ask(
            lambda _: [one.name for one in lab.people.list() if one.id != me.id and _may_answer(one)],
            lambda people: self._open_reveal(shown.image, search_id, one, people),
            lambda error: self._context.show_error(tr("Show the secret"), error),
        )

    def _open_reveal(self, image: EvidenceImage, search_id: SearchId, one: ShownHit, people: list[str]) -> None:
        sheet = RevealSheet(self._page, one.hit, people, signed_as(self._context.session.actor.person))

        def work(lab: Lab, actor: SignedIn, request: RevealRequest) -> str:
            second = lab.people.sign_in(request.second, request.passphrase)
            try:
                return lab.searching.reveal(actor, second, image.id, search_id, one.hit.id, request.reason)
            finally:
                second.key.close()

        record(self._context, sheet, work, lambda words: self._show_secret(one, words))

    def _show_secret(self, one: ShownHit, words: str) -> None:
        TellSheet(self._page, one.hit.kind, words, name="secretShown").open()

    def _tell_missed(self, search_id: SearchId) -> None:
        shown, lab = self._shown(), self._context.session.lab
        if shown is None:
            return

        def read() -> str:
            with lab.catalogues.open(shown.image) as catalogue, lab.searching.open(shown.image, search_id) as found:
                missed, count = found.missed(_TOLD), found.info.missed
                paths = found.paths(catalogue, missed)
            lines = [visible(f"{one.where(paths.get(one.entry_id or 0, ''))}: {one.why}") for one in missed]
            rest = tr("… and {n} more; the command 'search missed' prints all of them.")
            more = [rest.format(n=f"{count - len(lines):,}")] if count > len(lines) else []
            return "\n".join([*lines, *more])

        self._reading.ask(
            lambda _: read(),
            lambda words: TellSheet(self._page, tr("Not searched"), words, name="missedShown").open(),
            lambda error: self._context.show_error(tr("Read the search"), error),
        )


def _may_answer(person: Person) -> bool:
    return person.revoked_at is None and bool(person.roles & {Role.EXAMINER, Role.SUPERVISOR})


class TellSheet(Sheet):
    """Shows some lines to be read, and nothing else."""

    def __init__(self, parent: QWidget, title: str, words: str, *, name: str) -> None:
        """Show ``words``."""
        super().__init__(parent, title=title, name=name, width_px=720)
        self.words = label(words, "mono", wrap=True, select=True, name="toldWords")
        self.set_body(sheet_body(self.words))
        self.set_buttons(None, self.cancel_button(self.tr("Close")))
