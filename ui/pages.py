"""The pages of the window in the order of the rail.

A page's module is imported after somebody was asked to sign in, at the latest when the page is first shown: the window
must be usable before that.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from PySide6.QtCore import QCoreApplication

from ui.appearance import Appearance
from ui.page import Page, PageContext, PageSpec
from ui.preferences import Preferences
from ui.zones import zone_names

MODULES = tuple(
    f"ui.{name}.page" for name in ("cases", "exhibits", "examine", "custody", "review", "reports", "scenes", "lab")
)
"""In the order of the rail."""


def load_first_page() -> None:
    """Import the one that is shown to somebody who signs in, in any thread."""
    import_module(MODULES[0])


def load_pages() -> None:
    """Import all of them, in any thread, so that nobody has to wait for it when a page is first shown."""
    for name in MODULES:
        import_module(name)
    zone_names()


def page_specs(preferences: Preferences, appearance: Appearance) -> tuple[PageSpec, ...]:
    """Every page; each is built when it is first shown."""

    def examine(context: PageContext) -> Page:
        from ui.examine.page import ExaminePage

        return ExaminePage(context, preferences)

    def exhibits(context: PageContext) -> Page:
        from ui.exhibits.page import ExhibitsPage

        return ExhibitsPage(context, preferences)

    def lab(context: PageContext) -> Page:
        from ui.lab.page import LabPage

        return LabPage(context, preferences, appearance)

    return (
        PageSpec(key="cases", title=_tr("Cases"), icon="case", make=_cases),
        PageSpec(key="exhibits", title=_tr("Exhibits"), icon="exhibit", make=exhibits),
        PageSpec(key="examine", title=_tr("Examine"), icon="examine", make=examine),
        PageSpec(key="custody", title=_tr("Custody"), icon="custody", make=_custody),
        PageSpec(key="review", title=_tr("Review"), icon="review", make=_review),
        PageSpec(key="reports", title=_tr("Reports"), icon="report", make=_reports),
        PageSpec(key="scenes", title=_tr("Scenes"), icon="scene", make=_scenes),
        PageSpec(key="lab", title=_tr("Lab"), icon="lab", make=lab, at_foot=True),
    )


def _cases(context: PageContext) -> Page:
    from ui.cases.page import CasesPage

    return CasesPage(context)


def _custody(context: PageContext) -> Page:
    from ui.custody.page import CustodyPage

    return CustodyPage(context)


def _review(context: PageContext) -> Page:
    from ui.review.page import ReviewPage

    return ReviewPage(context)


def _reports(context: PageContext) -> Iterator[Page | None]:
    from ui.reports.editors import Editors
    from ui.reports.page import ReportsPage

    editors = Editors()
    yield None
    yield ReportsPage(context, editors=editors)


def _scenes(context: PageContext) -> Page:
    from ui.scenes.page import ScenesPage

    return ScenesPage(context)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Pages", words)
