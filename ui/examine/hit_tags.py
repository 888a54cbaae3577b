"""Tags on what a search found: T and the digits in the list of hits, on the bytes of each selected hit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.tag import KEYS, MOST_AT_ONCE
from forensics_app.model.target import LONGEST_TERM_CHARACTERS, Target, area_target, entry_target
from ui import text
from ui.examine.bound_keys import bind
from ui.examine.words import tr
from ui.latest import Latest

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.tag import Tag
    from ui.examine.browser import Browser
    from ui.examine.search_hits import ShownHit
    from ui.examine.search_view import SearchView
    from ui.examine.tagging import TagActs
    from ui.page import PageContext

_HERE = Qt.ShortcutContext.WidgetShortcut


class HitTags(QObject):
    """Puts tags on the selected hits, or takes them off where all of them bear the tag."""

    def __init__(self, page: QWidget, context: PageContext, browser: Browser, view: SearchView, acts: TagActs) -> None:
        """Act on the hits of ``view``."""
        super().__init__(page)
        self._context, self._browser, self._view, self._acts = context, browser, view, acts
        self._reading = Latest(self, context.jobs)
        bind(view.table, "T", self.open_menu, _HERE)
        for key in KEYS:
            bind(view.table, str(key), partial(self._press, key), _HERE)
        view.tags_asked.connect(self.open_menu)
        context.session.record_changed.connect(view.model.refresh)

    def open_menu(self) -> None:
        """The tags of the lab, over the list."""
        self._acts.open_menu(turn=self.turn, over=self._view.table.viewport())

    def _press(self, key: int) -> None:
        tag = self._browser.case.tags.with_key(key)
        if tag is None:
            self._view.say(tr("No tag has the key {key}. Press T for the tags of the lab.").format(key=key))
        else:
            self.turn(tag)

    def turn(self, tag: Tag) -> None:
        """Put a tag on what is selected, or take it off where all of it bears it."""
        shown, hits = self._browser.image, self._selected()
        if shown is None or not hits:
            self._view.say(tr("Choose hits first; then they can be tagged."))
        elif len(hits) > MOST_AT_ONCE:
            most = tr("More than {n} hits are selected. Tag them in parts.")
            self._view.say(most.format(n=text.count_text(MOST_AT_ONCE)))
        elif not all(hit.is_in_catalogue_of(shown.image) for hit in hits):
            self._view.say_old()
        else:
            lab, image = self._context.session.lab, shown.image
            self._reading.ask(
                lambda _: targets_of(lab, image, hits),
                lambda targets: self._acts.turn_targets(tag, image.id, targets, self._view.say),
                lambda error: self._context.show_error(tr("Tag hits"), error),
            )

    def _selected(self) -> list[ShownHit]:
        table, model = self._view.table, self._view.model
        rows = sorted({index.row() for index in table.selectionModel().selectedRows()})
        return [hit for row in rows[: MOST_AT_ONCE + 1] if (hit := model.record(row)) is not None]


def targets_of(lab: Lab, image: EvidenceImage, hits: Sequence[ShownHit]) -> list[Target]:
    """The bytes of each hit; of one in the text of a document the whole file, whose bytes the text is not."""
    with lab.catalogues.open(image) as catalogue:
        ids = {one.hit.entry_id for one in hits if one.hit.entry_id is not None}
        entries = {entry.id: entry for entry in catalogue.rows(tuple(ids))}
    found: dict[tuple[object, ...], Target] = {}
    for one in hits:
        hit, term = one.hit, one.term[:LONGEST_TERM_CHARACTERS]
        entry = entries.get(hit.entry_id or 0)
        span = (hit.offset_bytes, hit.length_bytes)
        if entry is not None and hit.space != "slack":
            start, length = (None, None) if hit.is_in_text else span
            target = entry_target(image, entry, start, length, term)
        else:
            area = hit.area()
            if entry is not None:
                area = Area(
                    kind=AreaKind.SLACK,
                    volume_id=entry.volume_id,
                    file_address=entry.address,
                    file_path=entry.path,
                )
            if area is None:
                continue
            target = area_target(image, area, lab.examine.area_facts(image, area).size_bytes, *span, term=term)
        found[target.key] = target
    return list(found.values())
