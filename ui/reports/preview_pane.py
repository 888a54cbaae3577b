"""The report as it will be printed, and how to move in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSizeF, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.page import PageContext
from ui.theme import Space
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable

    from forensics_app.model.person import Person
    from forensics_app.model.report import ReportRequest
    from forensics_app.model.report_draft import ReportDraft
    from forensics_app.services.reporting import Reporting
    from ui.jobs import OnProgress

WIDTH_PT, LOOK_PX = 595.0, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A PDF with the number of its pages and their size in points."""

    pdf: bytes
    count: int
    size_pt: QSizeF


def pages_of(reporting: Reporting, pdf: bytes) -> Pages:
    """Measure a PDF; all of its pages have the size of the first."""
    first = QImage.fromData(reporting.page_png(pdf, 0, LOOK_PX))
    size = QSizeF(WIDTH_PT, WIDTH_PT * first.height() / max(1, first.width()))
    return Pages(pdf=pdf, count=reporting.page_count(pdf), size_pt=size)


def preview_of(
    reporting: Reporting, author: Person, request: ReportRequest, recorded: ReportDraft | None, on_progress: OnProgress
) -> Pages:
    """The pages of a draft, of the recorded one where there is one; given up when ``on_progress`` raises."""
    if recorded is None:
        return pages_of(reporting, reporting.preview(author, request, on_progress=on_progress))
    return pages_of(reporting, reporting.preview_draft(recorded, on_progress=on_progress))


class PreviewPane(QWidget):
    """Shows pages; ``refresh_asked`` wants them made again, ``save_asked`` wants a copy of what is shown."""

    refresh_asked = Signal()
    save_asked = Signal()

    def __init__(self, context: PageContext) -> None:
        """Start without pages."""
        super().__init__()
        self.setObjectName("previewPane")
        self._context = context
        self._pages: Pages | None = None
        self.paper = Paper(title=self.tr("Preview of the printed pages"), name="reportPaper")
        self.paper.page_changed.connect(lambda _: self._say_page())
        self.paper.zoom_changed.connect(lambda _: self._say_page())
        self._title = label(self.tr("Preview"), "section")
        self._what = label(role="small", name="previewState", wrap=True)
        self._where = label(role="small", name="previewPage")
        self._zoom = label(role="small", name="previewZoom")
        up = self._tool("chevron-up", self.tr("Previous page (PageUp)"), "previousPage", lambda: self._turn(-1))
        down = self._tool("chevron-down", self.tr("Next page (PageDown)"), "nextPage", lambda: self._turn(1))
        smaller = self._tool("zoom-out", self.tr("Smaller (-)"), "zoomOut", lambda: self.paper.zoom_by(-1))
        larger = self._tool("zoom-in", self.tr("Larger (+)"), "zoomIn", lambda: self.paper.zoom_by(1))
        fit = self._tool("fit-width", self.tr("Fit the width (0)"), "fitWidth", self.paper.fit_width)
        save = self._tool("export", self.tr("Save a copy of what is shown"), "saveShown", self.save_asked.emit)
        tools = hbox(
            self._title, None, up, self._where, down, smaller, self._zoom, larger, fit, save, gap=Space.XS
        )  # fmt: skip
        head = vbox(tools, self._what, gap=0, margins=(Space.L, Space.XS, Space.S, Space.XS))
        self._again = Button(self.tr("Show the preview"), name="showPreview")
        self._again.clicked.connect(self.refresh_asked)
        self._empty = EmptyState("report", "", self._again, name="previewEmpty")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.paper)
        self.setLayout(vbox(pane(head), line(), (self._stack, 1), gap=0))
        self._say_page()

    @property
    def pdf(self) -> bytes | None:
        """The document that is shown."""
        return self._pages.pdf if self._pages else None

    def show_pages(self, pages: Pages, what: str) -> None:
        """Show a document, called ``what``; the page at the top stays where it was."""
        page = self.paper.page
        self._pages = pages
        self.paper.show_pages([pages.size_pt] * pages.count, self._render)
        self._stack.setCurrentWidget(self.paper)
        self.paper.go_to_page(page)
        self.say(what)
        self._say_page()

    def say(self, what: str) -> None:
        """Say what is shown."""
        self._what.setText(what)
        self._what.setVisible(bool(what))

    def say_making(self) -> None:
        """Say that the pages are being made; where none are in sight, in their place."""
        self.say(self.tr("Making the preview …"))
        if self._pages is None:
            self._empty.set_sentence(self.tr("The preview of this case is being made."))
            self._again.hide()

    def show_nothing(self, sentence: str) -> None:
        """Say why there are no pages."""
        self._pages = None
        self._empty.set_sentence(sentence)
        self._again.show()
        self._stack.setCurrentWidget(self._empty)
        self.say("")
        self._say_page()

    def _render(self, page: int, pixels_per_point: float, deliver: Callable[[QImage], None]) -> None:
        if self._pages is None:
            return
        reporting, pdf = self._context.session.lab.reporting, self._pages.pdf
        width_px = max(1, round(pixels_per_point * self._pages.size_pt.width()))
        self._context.jobs.start(
            self,
            lambda _: QImage.fromData(reporting.page_png(pdf, page, width_px)),
            done=deliver,
            failed=lambda error: self._context.show_error(self.tr("Draw a page"), error),
        )

    def _turn(self, step: int) -> None:
        self.paper.go_to_page(self.paper.page + step)

    def _say_page(self) -> None:
        count = self.paper.page_count if self._pages else 0
        shown = self.tr("Page {page} of {count}").format(page=self.paper.page, count=count)
        self._where.setText(shown if count else self.tr("No page"))
        self._zoom.setText(f"{round(self.paper.zoom * 100)} %")

    def _tool(self, icon: str, tip: str, name: str, call: Callable[[], None]) -> IconButton:
        made = IconButton(icon, tip, name=name)
        made.clicked.connect(lambda: call())
        return made
