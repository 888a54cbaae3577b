"""Prints the court guide: python -m build_spec.workshop.guide_pdf TARGET.pdf."""

import os
import sys
from pathlib import Path

from build_spec.workshop.console import ROOT
from build_spec.workshop.guide import page

MARGIN_MM = 20.0
LETTERS_PT = 9.5


def main(target: Path) -> int:
    """Lays the HTML out on A4."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QMarginsF, QSizeF
    from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument
    from PySide6.QtWidgets import QApplication

    from ui.theme.fonts import load_fonts

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
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDefaultFont(QFont("Inter", round(LETTERS_PT)))
    document.setHtml(page((ROOT / "docs" / "court-guide.md").read_text("utf-8")))
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.print_(writer)
    app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
