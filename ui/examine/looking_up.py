"""Looking an image up in the hash sets again: offered where sets came since, or where the last look-up failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ui import text
from ui.examine.words import tr, visible
from ui.jobs import JobCard

if TYPE_CHECKING:
    from forensics_app.model.hash_set import LookedUp, LookUpStanding
    from ui.examine.browser import Browser
    from ui.page import PageContext

_NAMED = 3


class LookUps(QObject):
    """Says above the list what is to be known of hash sets of the image in sight."""

    def __init__(self, page: QWidget, context: PageContext, browser: Browser) -> None:
        """Act for ``page``."""
        super().__init__(page)
        self._page, self._context, self._browser = page, context, browser
        self._running = False
        browser.messages.act_asked.connect(self.look_up)
        browser.moved.connect(lambda _: self.renew())

    def renew(self) -> None:
        """Say what is true now."""
        shown = self._browser.image
        standing = self._browser.case.tags.standings.get(shown.image.id) if shown else None
        sentence = standing_words(shown.image.number, standing) if shown and standing else ""
        failed = bool(standing and standing.failed)
        act = tr("Look it up now")
        self._browser.messages.offer("" if self._running else sentence, act, is_warning=failed)

    def look_up(self) -> None:
        """Look the image in sight up in all sets in use, as a job of the tray."""
        shown, session = self._browser.image, self._context.session
        if shown is None or self._running:
            return
        image, lab, actor = shown.image, session.lab, session.actor
        title = tr("Look {image} up in the hash sets").format(image=image.number)
        stopped = tr("What was found before is kept, and nothing is recorded.")
        self._running = True
        self.renew()

        def end() -> None:
            self._running = False
            session.tell_record_changed()

        def done(found: tuple[LookedUp, ...]) -> None:
            end()
            self._browser.messages.tell(visible(" ".join([*(one.words for one in found), _count(found)]).strip()))

        def fail(error: Exception) -> None:
            end()
            self._context.show_error(title, error)

        self._context.jobs.start(
            self._page,
            lambda on_progress: lab.hash_matching.look_up(actor, image.id, on_progress),
            done=done,
            failed=fail,
            cancelled=end,
            card=JobCard(title=title, icon="hash", unit="", if_stopped=stopped, needs_key=True),
        )


def standing_words(image: str, standing: LookUpStanding) -> str:
    """What is to be known and done; empty where the image is looked up in every set that it can be."""
    named = ", ".join(standing.missing[:_NAMED]) + (" …" if len(standing.missing) > _NAMED else "")
    count = text.plural(len(standing.missing), tr("1 hash set"), tr("{n} hash sets"))
    if standing.failed:
        words = tr("{image} is not looked up in {count} ({named}). {why}") if named else tr("{image}: {why}")
        return visible(words.format(image=image, count=count, named=named, why=f"{standing.failed.rstrip('.')}."))
    if standing.missing and not standing.is_looked_up:
        words = tr("{image} was not looked up in the hash sets since its catalogue was built: {named}.")
        return visible(words.format(image=image, named=named))
    if standing.missing:
        one, many = tr("1 hash set was imported"), tr("{n} hash sets were imported")
        came = text.plural(len(standing.missing), one, many)
        return visible(tr("{came} since {image} was looked up: {named}.").format(came=came, image=image, named=named))
    if standing.removed:
        one, many = tr("1 hash set was removed"), tr("{n} hash sets were removed")
        gone = text.plural(standing.removed, one, many)
        words = tr("{gone} since {image} was looked up; what was found in it still shows.")
        return words.format(gone=gone, image=image)
    return ""


def _count(found: tuple[LookedUp, ...]) -> str:
    return "" if found else tr("There is no hash set in use; nothing is told of any.")
