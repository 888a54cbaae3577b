"""The bytes that are selected in the viewer of bytes, as a place that can be tagged and cited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics_app.model.target import Target, area_target, entry_target

if TYPE_CHECKING:
    from ui.examine.browser import Browser


def bytes_target(browser: Browser) -> Target | None:
    """The selected bytes of a file, its slack, unallocated space, a volume or the media; None where there are none."""
    subject, pane = browser.subject, browser.viewers.hex
    source = pane.source
    if subject is None or source is None or not source.length_bytes:
        return None
    start, length = pane.view.selection
    if length < 1:
        return None
    if source.area is None:
        return entry_target(subject.image, subject.entry, start, length) if subject.entry else None
    target = area_target(subject.image, source.area, source.length_bytes, start, length)
    return replace(target, entry_id=subject.entry.id) if target.address and subject.entry else target
