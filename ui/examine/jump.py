"""Going to a place of the record: to its file, and to its bytes once the viewer shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from forensics_app.model.areas import AreaKind
from forensics_app.model.target import Target, TargetArea
from ui.examine.places import Destination, Place
from ui.examine.viewers import FILE, MEDIA, SLACK, VOLUME
from ui.examine.words import tr
from ui.latest import Latest

if TYPE_CHECKING:
    from ui.examine.browser import Browser

_TABS = {
    TargetArea.FILE: FILE,
    TargetArea.SLACK: SLACK,
    TargetArea.UNALLOCATED: FILE,
    TargetArea.VOLUME: VOLUME,
    TargetArea.MEDIA: MEDIA,
}
_KINDS = {
    TargetArea.SLACK: AreaKind.SLACK,
    TargetArea.UNALLOCATED: AreaKind.UNALLOCATED,
    TargetArea.VOLUME: AreaKind.VOLUME,
    TargetArea.MEDIA: AreaKind.MEDIA,
}


class Jump(QObject):
    """Takes the page to a :class:`Target`. What shows bytes does so later; the place is kept until it does."""

    def __init__(self, browser: Browser) -> None:
        """Lead ``browser``."""
        super().__init__(browser)
        self._browser = browser
        self._finding = Latest(self, browser.jobs)
        self._wanted: tuple[Target, int] | None = None
        browser.viewers.hex.source_changed.connect(self._arrive)

    def to(self, target: Target) -> None:
        """Find a place again in its catalogue and go there; where it is not, say so."""
        browser = self._browser
        shown = browser.case.image(target.image_id)
        if shown is None:
            return
        lab = browser.session.lab
        self._finding.ask(
            lambda _: lab.findings.entry_of(shown.image, target),
            lambda entry_id: self._go(target, entry_id),
            browser.failed.emit,
        )

    def _go(self, target: Target, entry_id: int | None) -> None:
        browser = self._browser
        if entry_id is None:
            words = tr("{place} is not found in the catalogue as it is now. The record of it stays.")
            browser.messages.tell(words.format(place=target.words))
            return
        self._wanted = (target, entry_id) if target.offset_bytes is not None else None
        if entry_id:
            browser.go_to_entry(Destination(image_id=target.image_id, entry_id=entry_id))
        else:
            unallocated = target.area is TargetArea.UNALLOCATED
            volume_id = target.volume_id or None
            browser.go_to_bytes_of(Place(image_id=target.image_id, volume_id=volume_id, unallocated=unallocated))
        self._arrive()

    def _arrive(self) -> None:
        """Select the bytes where what is shown is what is wanted."""
        wanted, browser = self._wanted, self._browser
        subject, source = browser.subject, browser.viewers.hex.source
        if wanted is None or subject is None or subject.image.id != wanted[0].image_id:
            return
        target, entry_id = wanted
        if entry_id and (subject.entry is None or subject.entry.id != entry_id):
            return
        kind = _KINDS.get(target.area)
        if source is None or (source.area.kind if source.area else None) is not kind:
            browser.viewers.show_tab(_TABS[target.area])  # its source comes, and with it another call
            return
        if source.area is not None and kind is not AreaKind.SLACK and source.area.volume_id != target.volume_id:
            return
        self._wanted = None
        browser.viewers.hex.view.go_to(target.offset_bytes or 0, target.length_bytes or 1)
        browser.viewers.hex.view.setFocus(Qt.FocusReason.OtherFocusReason)
