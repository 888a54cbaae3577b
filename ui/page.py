"""What every page of the window is: a title, its acts, its keys, and a case to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.widgets.buttons import Button
from ui.widgets.layout import line, vbox
from ui.widgets.notes import PageBar

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from ui.jobs import JobRunner
    from ui.session import Session


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """One line of the help: the keys in portable form (``Ctrl+G``) and what they do."""

    keys: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What a page may use: the session, the jobs, the way to other pages, and the words for errors.

    ``go_to(key, target)`` shows another page and hands it ``target``; ``show_error(title, error)`` opens the error
    dialog over the window, ``title`` being the act that failed.
    """

    session: Session
    jobs: JobRunner
    go_to: Callable[[str, object], None]
    show_error: Callable[[str, BaseException], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """A page's place in the rail; ``make`` builds it when it is first shown. ``at_foot`` puts it below the others.

    A large page is built in steps: ``make`` then yields None after each, and the page with the last.
    """

    key: str
    title: str
    icon: str
    make: Callable[[PageContext], Page | Iterator[Page | None]]
    at_foot: bool = False


class Page(QWidget):
    """The base of the pages. A subclass fills :attr:`bar`, calls :meth:`set_body` and overrides what it needs."""

    def __init__(self, context: PageContext, *, title: str, name: str) -> None:
        """Show the bar; the body follows by :meth:`set_body`."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.context = context
        self.bar = PageBar(title)
        self._column = vbox(self.bar, line(), gap=0)
        self.setLayout(self._column)

    @property
    def session(self) -> Session:
        """Who works in which lab and case."""
        return self.context.session

    def set_body(self, body: QWidget) -> None:
        """Put the content under the bar."""
        self._column.addWidget(body, 1)

    def show_case(self, case_id: CaseId | None) -> None:
        """Another case was chosen; None when there is none. Called before the page comes into sight."""

    def refresh(self) -> None:
        """Read again what is shown: the record changed, or the page came into sight."""

    def open_target(self, target: object) -> None:
        """Show a particular thing that another page pointed at."""

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page alone, for F1."""
        return ()

    def panes(self) -> Sequence[QWidget]:
        """The parts that F6 goes through, from left to right."""
        return ()

    def primary(self) -> Button | None:
        """The button that Ctrl+Enter presses."""
        return None

    def new_button(self) -> Button | None:
        """The button that Ctrl+N presses."""
        return None

    def verify_shown(self) -> None:
        """F5: verify what is shown; by default the page only reads again."""
        self.refresh()

    def filter_box(self) -> QWidget | None:
        """The box that Ctrl+F and the slash key go to."""
        return None
