"""Results in tabs: each keeps its own list and filter, and no other takes its place. The first tab is for browsing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QSettings, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QTabBar, QWidget

from forensics_app.model.image import ImageId
from ui.examine.bound_keys import bind
from ui.examine.places import ListState, Place, View
from ui.examine.words import visible
from ui.theme import Size, Space
from ui.widgets.buttons import IconButton
from ui.widgets.layout import line, vbox

_RESULTS = "examine/results"
_LAST = "examine/place"
_SHOWN_LETTERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one tab shows: a place, how it is filtered, and the entry that is chosen in it.

    ``place_words`` is what the place is called.
    """

    place: Place
    place_words: str
    state: ListState
    entry_id: int | None = None

    @property
    def title(self) -> str:
        """The filter, or the place where there is none."""
        return visible(self.state.text.strip() or self.place_words)


class Results(QFrame):
    """The row of tabs, in sight when there is a result. ``turned`` carries the :class:`Result` to be shown, or None."""

    turned = Signal(object)

    def __init__(self, store: QSettings, now: Callable[[], Result | None]) -> None:
        """Remember tabs in ``store``; ``now`` tells what is in sight."""
        super().__init__()
        self.setObjectName("results")
        self.setProperty("pane", True)
        self._store, self._now = store, now
        self._key = self._last_key = ""
        self._catalogues: dict[ImageId, str] = {}
        self._results: list[Result | None] = [None]
        self._at = 0
        self.bar = QTabBar()
        self.bar.setObjectName("resultTabs")
        self.bar.setAccessibleName(self.tr("Results"))
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        self.bar.addTab(self.tr("Browse"))
        self.bar.currentChanged.connect(self._turn)
        self.setLayout(vbox(self.bar, line(), gap=0, margins=(0, 0, 0, 0)))
        self.hide()

    def add_keys(self, page: QWidget) -> None:
        """Let tabs be made, closed and turned to by keyboard anywhere on ``page``."""
        for keys, call in (
            ("Ctrl+T", self.add),
            ("Ctrl+W", self.close_tab),
            ("Ctrl+PgDown", lambda: self.step(1)),
            ("Ctrl+PgUp", lambda: self.step(-1)),
        ):
            bind(page, keys, call)

    @property
    def is_browsing(self) -> bool:
        """Whether the first tab is in sight."""
        return self._at == 0

    def use_case(self, case_id: UUID, catalogues: Mapping[ImageId, str]) -> None:
        """Show the tabs that were open in a case, those of its images.

        Args:
            case_id: The case.
            catalogues: Of each image, the SHA-256 of its catalogue's content in hex; empty without one.
        """
        self._key, self._catalogues = f"{_RESULTS}/{case_id}", dict(catalogues)
        self._last_key = f"{_LAST}/{case_id}"
        with QSignalBlocker(self.bar):
            while self.bar.count() > 1:
                self.bar.removeTab(1)
            self._results, self._at = [None], 0
            for result, catalogue in _loaded(self._store.value(self._key)):
                if result.place.image_id in catalogues:
                    self._append(self._still(result, catalogue))
        self.setVisible(len(self._results) > 1)

    def keep(self) -> None:
        """Remember for the next start what is in sight."""
        now = self._now()
        if now is not None and self._last_key:
            kept = {**self._stored(now), "entry_id": now.entry_id, "tab": self._at}
            self._store.setValue(self._last_key, json.dumps(kept, default=str))

    def resume(self) -> Result | None:
        """What was last in sight in this case, with its tab; None where nothing is known, or its image is gone."""
        stored = self._store.value(self._last_key)
        for result, catalogue in _loaded(f"[{stored}]" if stored else None):
            if result.place.image_id not in self._catalogues:
                continue
            tab, entry_id = _numbers(str(stored))
            if 0 < tab < len(self._results):
                with QSignalBlocker(self.bar):
                    self._at = tab
                    self.bar.setCurrentIndex(tab)
            return self._still(replace(result, entry_id=entry_id), catalogue)
        return None

    def _stored(self, result: Result) -> dict[str, object]:
        """A result as it is stored, with the catalogue that it is of and without what is chosen in it."""
        catalogue = self._catalogues.get(result.place.image_id, "")
        return {**asdict(replace(result, entry_id=None)), "catalogue": catalogue}

    def use_catalogues(self, catalogues: Mapping[ImageId, str]) -> None:
        """Take leave of folders and entries of catalogues that were built anew: their numbers are others now."""
        before, self._catalogues = self._catalogues, dict(catalogues)
        for at, result in enumerate(self._results):
            if result is None:
                continue
            still = self._still(result, before.get(result.place.image_id, ""))
            if still != result:
                self._results[at] = still
                if at:
                    self._say(at, still)

    def _still(self, result: Result, catalogue: str) -> Result:
        """A result of a ``catalogue``, in the one that there is now."""
        place = result.place
        if place.folder_id is None and result.entry_id is None:
            return result
        if not catalogue or catalogue == self._catalogues.get(place.image_id, catalogue):
            return result  # one that is being built has no digest yet, and its numbers stay
        if place.folder_id is None:
            return replace(result, entry_id=None)
        words = self.tr("{place}: the whole volume, for its catalogue was built anew").format(place=result.place_words)
        return replace(result, place=replace(place, folder_id=None), place_words=words, entry_id=None)

    def add(self) -> None:
        """Keep what is in sight in a tab of its own; browsing goes on without its filter."""
        now = self._now()
        if now is None:
            return
        self._results[self._at] = replace(now, state=ListState()) if self.is_browsing else now
        with QSignalBlocker(self.bar):
            self._append(now)
            self._at = len(self._results) - 1
            self.bar.setCurrentIndex(self._at)
        self.show()
        self._save()
        self.keep()

    def note(self) -> None:
        """Remember what is in sight, such as after its filter was changed."""
        now = self._now()
        if now is None or now == self._results[self._at]:
            return
        self._results[self._at] = now
        if not self.is_browsing:
            self._say(self._at, now)
            self._save()

    def browse(self) -> ListState | None:
        """Put the first tab in sight, for something else is to be listed; give how it was filtered."""
        if self.is_browsing:
            return None
        self.note()
        self._at = 0
        with QSignalBlocker(self.bar):
            self.bar.setCurrentIndex(0)
        first = self._results[0]
        return first.state if first else ListState()

    def step(self, step: int) -> None:
        """Turn to the next tab (1) or the one before (-1), round and round."""
        self.bar.setCurrentIndex((self._at + step) % self.bar.count())

    def close_tab(self, at: int | None = None) -> None:
        """Close a tab, by default the one in sight; the first one stays."""
        at = self._at if at is None else at
        if not 0 < at < len(self._results):
            return
        with QSignalBlocker(self.bar):
            del self._results[at]
            self.bar.removeTab(at)
            was_shown, self._at = at == self._at, self._at - (at <= self._at)
            self.bar.setCurrentIndex(self._at)
        self.setVisible(len(self._results) > 1)
        self._save()
        result = self._results[self._at]
        if was_shown:
            self.turned.emit(result)

    def _append(self, result: Result) -> None:
        self._results.append(result)
        at = self.bar.addTab("")
        close = IconButton("cancel", self.tr("Close this tab (Ctrl+W)"), name="closeResult", size_px=Size.ICON_SMALL)
        close.setFixedSize(Space.L + Space.XS, Space.L + Space.XS)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self.close_tab(self._tab_of(close)))
        self.bar.setTabButton(at, QTabBar.ButtonPosition.RightSide, close)
        self._say(at, result)

    def _tab_of(self, close: IconButton) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next(at for at in range(self.bar.count()) if self.bar.tabButton(at, side) is close)

    def _say(self, at: int, result: Result) -> None:
        title = result.title
        cut = title if len(title) <= _SHOWN_LETTERS else f"{title[: _SHOWN_LETTERS - 1]}…"
        self.bar.setTabText(at, cut.replace("&", "&&"))
        self.bar.setTabToolTip(at, ", ".join(dict.fromkeys((visible(result.place_words), title))))

    def _turn(self, at: int) -> None:
        if at == self._at or not 0 <= at < len(self._results):
            return
        self.note()
        self._at = at
        self.turned.emit(self._results[at])

    def _save(self) -> None:
        if self._key:
            kept = [self._stored(result) for result in self._results[1:] if result is not None]
            self._store.setValue(self._key, json.dumps(kept, default=str))


def _loaded(stored: object) -> list[tuple[Result, str]]:
    """What was stored, with the catalogue it is of; without what is not as it was written."""
    try:
        kept = list(json.loads(str(stored))) if stored else []
    except (ValueError, TypeError):
        return []
    found = []
    for one in kept:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            found.append((_result(one), str(one["catalogue"])))
    return found


def _numbers(stored: str) -> tuple[int, int | None]:
    """Of what was last in sight: its tab, and the entry that was chosen."""
    kept = json.loads(stored)
    tab, entry_id = kept.get("tab"), kept.get("entry_id")
    return tab if isinstance(tab, int) else 0, entry_id if isinstance(entry_id, int) else None


def _result(one: dict[str, Any]) -> Result:
    place = dict(one["place"])
    place["image_id"] = ImageId(UUID(place["image_id"]))
    place["view"] = View(**place["view"]) if place["view"] else None
    return Result(
        place=Place(**place), place_words=str(one["place_words"]), state=ListState(**one["state"]), entry_id=None
    )
