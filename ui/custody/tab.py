"""What every further tab of the custody page is: a part that reads for itself when it comes into sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from ui.page import PageContext
    from ui.widgets.buttons import Button


class CustodyTab(QWidget):
    """The base of the tabs; a subclass overrides what it needs."""

    def __init__(self, context: PageContext, *, name: str, title: str) -> None:
        """Be called ``title`` by a screen reader."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.context = context
        self.case_id: CaseId | None = None

    def show_case(self, case_id: CaseId | None) -> None:
        """Another case was chosen; None when there is none."""
        self.case_id = case_id

    def refresh(self) -> None:
        """Read again what is shown."""

    def primary(self) -> Button | None:
        """The button that Ctrl+Enter presses."""
        return None

    def filter_box(self) -> QWidget | None:
        """The part that Ctrl+F and the slash key go to."""
        return None
