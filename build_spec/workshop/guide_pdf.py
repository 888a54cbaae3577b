"""Prints the court guide: python -m build_spec.workshop.guide_pdf TARGET.pdf."""

import os
import sys
from pathlib import Path

from build_spec.workshop.console import ROOT, StepError
from build_spec.workshop.guide import page

MARGIN_MM = 20.0
PAGES = 2
LETTERS_PT = (10.0, 9.5, 9.0)
"""Largest first: the guide is set in the first in which it has no more than so many pages, and in none smaller."""


def main(target: Path) -> int:
    """Lays the HTML out on A4.

    Raises:
        StepError: The text is too long for its pages.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QMarginsF, QSizeF
    from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument
    from PySide6.QtWidgets import QApplication

    from ui.theme.fonts import load_fonts, ui_font

    app = QApplication([])
    load_fonts()
    writer = QPdfWriter(str(target))
    writer.setTitle("How to check this report")
    writer.setCreator("forensics-app")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM), QPageLayout.Unit.Millimeter,
        )
    )  # fmt: skip
    text = page((ROOT / "docs" / "court-guide.md").read_text("utf-8"))
    for letters_pt in LETTERS_PT:
        document = QTextDocument()
        document.documentLayout().setPaintDevice(writer)
        font = ui_font()
        font.setPointSizeF(letters_pt)
        document.setDefaultFont(font)
        document.setHtml(text)
        document.setPageSize(QSizeF(writer.width(), writer.height()))
        if document.pageCount() <= PAGES:
            break
    else:
        raise StepError(f"docs/court-guide.md is too long for {PAGES} pages; take something out of it.")
    document.print_(writer)
    app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
