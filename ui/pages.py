"""The pages of the window in the order of the rail."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ui.appearance import Appearance
from ui.lab.page import LabPage
from ui.page import PageSpec
from ui.preferences import Preferences


def page_specs(preferences: Preferences, appearance: Appearance) -> tuple[PageSpec, ...]:
    """Every page; each is built when it is first shown."""
    return (
        PageSpec(
            key="lab",
            title=QCoreApplication.translate("Pages", "Lab"),
            icon="lab",
            make=lambda context: LabPage(context, preferences, appearance),
            at_foot=True,
        ),
    )
