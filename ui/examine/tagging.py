"""Tags in the window: put and taken off by key, on files and on selected bytes, and taken back with Ctrl+Z."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from forensics_app.model.tag import FIRST_TAGS, KEYS, MOST_AT_ONCE
from forensics_app.model.target import entry_target
from ui import text
from ui.announce import announce
from ui.examine.bound_keys import bind
from ui.examine.selected_bytes import bytes_target
from ui.examine.tag_sheet import TagSheet
from ui.examine.words import tr
from ui.recording import record, signed_as
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage, ImageId
    from forensics_app.model.person import SignedIn
    from forensics_app.model.tag import NewTag, Tag, Tagging, TaggingId
    from forensics_app.model.target import Target
    from ui.examine.browser import Browser
    from ui.page import PageContext

_UNDO_STEPS = 100
Work: TypeAlias = "Callable[[Lab, SignedIn], tuple[Tagging, ...]]"
Undo: TypeAlias = "Callable[[tuple[Tagging, ...]], Work]"


class TagActs(QObject):
    """Puts tags on what is selected in the list, or on the selected bytes."""

    def __init__(self, page: QWidget, context: PageContext, browser: Browser) -> None:
        """Act for ``page``."""
        super().__init__(page)
        self._page, self._context, self._browser = page, context, browser
        self._undo: list[tuple[str, Work]] = []
        bytes_view = browser.viewers.hex.view
        self.listen(browser.files.table)
        bind(bytes_view, "T", partial(self.open_menu, on_bytes=True), _HERE)
        for key in KEYS:
            bind(bytes_view, str(key), partial(self.press, key, on_bytes=True), _HERE)
        bind(browser, "Ctrl+Z", self.undo)
        browser.tags_asked.connect(lambda: self.open_menu())

    def listen(self, view: QWidget) -> None:
        """Let T and the digits act on the selected files of a list."""
        bind(view, "T", self.open_menu, _HERE)
        for key in KEYS:
            bind(view, str(key), partial(self.press, key), _HERE)

    def press(self, key: int, *, on_bytes: bool = False) -> None:
        """Put the tag of a digit, or take it off where all of the selected bear it."""
        tag = self._browser.case.tags.with_key(key)
        if tag is None:
            words = tr("No tag has the key {key}. Press T for the tags of the lab.")
            self._browser.messages.tell(words.format(key=key))
        else:
            self.turn(tag, on_bytes=on_bytes)

    def turn(self, tag: Tag, *, on_bytes: bool = False) -> None:
        """Put a tag on what is selected, or take it off where all of it bears it."""
        if on_bytes:
            target = bytes_target(self._browser)
            if target is None:
                self._browser.messages.tell(tr("Select bytes first; then they can be tagged."))
            else:
                there = self._browser.case.tags.of(target.image_id)
                taggings = (*there.areas, *there.lost, *(one for some in there.parts.values() for one in some))
                self._turn(tag, [target], [one for one in taggings if one.tag_id == tag.id])
            return
        if len(self._browser.files.selected_ids()) > MOST_AT_ONCE:
            most = tr("More than {n} files are selected. Narrow the list with a filter, and tag it in parts.")
            self._browser.messages.tell(most.format(n=text.count_text(MOST_AT_ONCE)))
            return
        self._browser.with_selected(lambda image, entries: self._turn_entries(tag, image, entries))

    def turn_targets(self, tag: Tag, image_id: ImageId, targets: Sequence[Target], say: Callable[[str], None]) -> None:
        """Put a tag on these places, or take it off where all bear it; ``say`` shows how it ended."""
        there = self._browser.case.tags.of(image_id)
        held = (there.entries, there.parts)
        taggings = (*there.areas, *there.lost, *(one for part in held for some in part.values() for one in some))
        self._turn(tag, targets, [one for one in taggings if one.tag_id == tag.id], say)

    def _turn_entries(self, tag: Tag, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        there = self._browser.case.tags.of(image.id).entries
        bears = [one for entry in entries for one in there.get(entry.id, ()) if one.tag_id == tag.id]
        self._turn(tag, [entry_target(image, entry) for entry in entries], bears)

    def _turn(
        self,
        tag: Tag,
        targets: Sequence[Target],
        there: Sequence[Tagging],
        say: Callable[[str], None] | None = None,
    ) -> None:
        wanted = {target.key for target in targets}
        bears = {one.target.key: one.id for one in there if one.target.key in wanted}
        if targets and len(bears) == len(wanted):
            ids = tuple(bears.values())
            words = tr("Took {tag} off {n}.")
            self._do(tag, words, lambda lab, actor: lab.tags.remove(actor, ids), _putting_back, say)
        elif targets:
            words = tr("Put {tag} on {n}.")
            self._do(tag, words, lambda lab, actor: lab.tags.put(actor, tag.id, targets), _taking_off, say)

    def undo(self) -> None:
        """Take the last act back, by another entry of the record."""
        if not self._undo:
            self._browser.messages.tell(tr("There is no act on tags of this session that could be taken back."))
            return
        step = words, work = self._undo.pop()

        def done(changed: tuple[Tagging, ...]) -> None:
            told = tr("Taken back: {act}") if changed else tr("There was nothing left to take back of: {act}")
            self._say(told.format(act=words), 2)

        self._run(tr("Take back: {act}").format(act=words), work, done, lambda: self._undo.append(step))

    def open_menu(
        self,
        at: QPoint | None = None,
        *,
        on_bytes: bool = False,
        turn: Callable[[Tag], None] | None = None,
        over: QWidget | None = None,
    ) -> QMenu:
        """The tags with their digits; making, changing, and taking out of use.

        Args:
            at: A place of the screen; without it the middle of ``over`` or of what ``turn`` acts on.
            on_bytes: Whether the tags are for the selected bytes.
            turn: What puts a tag or takes it off, where it is neither files nor bytes that are selected.
            over: The list that ``turn`` acts on.
        """
        turns = turn or partial(self.turn, on_bytes=on_bytes)
        tags = self._browser.case.tags.tags
        menu = QMenu(self._page)
        menu.setObjectName("tagsMenu")
        for tag in tags:
            words = f"&{tag.key}  {_plain(tag.name)}" if tag.key else _plain(tag.name)
            menu.addAction(words).triggered.connect(lambda _=False, tag=tag: turns(tag))
        if not tags:
            names = ", ".join(new.name for new in FIRST_TAGS)
            first = tr("Begin with {names}").format(names=names)
            menu.addAction(first).triggered.connect(self._begin)
        menu.addSeparator()
        menu.addAction(tr("New tag…")).triggered.connect(lambda: self._open_sheet(None))
        for title, act in ((tr("Change"), self._open_sheet), (tr("Take out of use"), self._open_retiring)):
            below = menu.addMenu(title)
            below.setEnabled(bool(tags))
            for tag in tags:
                below.addAction(_plain(tag.name)).triggered.connect(lambda _=False, tag=tag, act=act: act(tag))
        menu.aboutToHide.connect(menu.deleteLater)
        files = self._browser.viewers.hex.view if on_bytes else self._browser.files.table.viewport()
        view: QWidget = over or files
        menu.popup(at or view.mapToGlobal(view.rect().center()))
        return menu

    def _begin(self) -> None:
        def work(lab: Lab, actor: SignedIn) -> tuple[Tagging, ...]:
            lab.tags.make(actor, *FIRST_TAGS)
            return ()

        said = tr("The lab has {n} tags now: press 1 to {n} on a file.").format(n=len(FIRST_TAGS))
        self._run(tr("Make the first tags"), work, lambda _: self._browser.messages.tell(said))

    def _open_sheet(self, tag: Tag | None) -> None:
        actor = self._context.session.actor
        sheet = TagSheet(self._page, self._browser.case.tags.tags, tag, signed_as=signed_as(actor.person))

        def work(lab: Lab, actor: SignedIn, new: NewTag) -> None:
            if tag is None:
                lab.tags.make(actor, new)
            else:
                lab.tags.change(actor, tag.id, new)

        record(self._context, sheet, work, lambda _: None)

    def _open_retiring(self, tag: Tag) -> None:
        sheet = ReasonSheet(
            self._page,
            title=tr("Take {tag} out of use").format(tag=tag.name),
            subtitle=tr("Tags of the lab"),
            sentences=(tr("What bears it still does, and filters still find it. Nobody can put it any more."),),
            act=tr("Take out of use"),
            name="retireTagSheet",
            signed_as=signed_as(self._context.session.actor.person),
        )

        def work(lab: Lab, actor: SignedIn, reason: str) -> None:
            lab.tags.retire(actor, tag.id, reason)

        record(self._context, sheet, work, lambda _: None)

    def _do(self, tag: Tag, words: str, work: Work, undo: Undo, say: Callable[[str], None] | None = None) -> None:
        def done(changed: tuple[Tagging, ...]) -> None:
            many = text.plural(len(changed), tr("1 place"), tr("{n} places"))
            said = words.format(tag=tag.name, n=many)
            if changed:
                self._undo = [*self._undo[1 - _UNDO_STEPS :], (said, undo(changed))]
            if say is None:
                self._say(said, len(changed))
            else:
                say(said)

        self._run(words.format(tag=tag.name, n=tr("the selected")), work, done)

    def _say(self, words: str, places: int) -> None:
        """One file shows its tag itself; of many, say how many there were."""
        if places == 1:
            announce(self._page, words)
        else:
            self._browser.messages.tell(words)

    def _run(
        self,
        title: str,
        work: Work,
        done: Callable[[tuple[Tagging, ...]], None],
        not_done: Callable[[], object] = lambda: None,
    ) -> None:
        session = self._context.session
        lab, actor = session.lab, session.actor

        def finish(changed: tuple[Tagging, ...]) -> None:
            done(changed)
            session.tell_record_changed()

        def fail(error: Exception) -> None:
            not_done()
            self._context.show_error(title, error)

        self._context.jobs.start(self._page, lambda _: work(lab, actor), done=finish, failed=fail)


_HERE = Qt.ShortcutContext.WidgetShortcut


def _taking_off(changed: tuple[Tagging, ...]) -> Work:
    ids: tuple[TaggingId, ...] = tuple(one.id for one in changed)
    return lambda lab, actor: lab.tags.remove(actor, ids)


def _putting_back(changed: tuple[Tagging, ...]) -> Work:
    def work(lab: Lab, actor: SignedIn) -> tuple[Tagging, ...]:
        made: list[Tagging] = []
        for tag_id in dict.fromkeys(one.tag_id for one in changed):
            made += lab.tags.put(actor, tag_id, [one.target for one in changed if one.tag_id == tag_id])
        return tuple(made)

    return work


def _plain(name: str) -> str:
    return name.replace("&", "&&")
