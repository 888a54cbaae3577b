"""Reports of errors that nobody foresaw: kept on this computer, never sent anywhere."""

from __future__ import annotations

import logging
import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path

from forensics_app import __version__
from forensics_app.this_computer import program_folder

_log = logging.getLogger(__name__)


def crash_report(title: str, error: BaseException) -> str:
    """Version, system and stack; no case, no name and no evidence but what stands in the error's own words."""
    stack = "".join(traceback.format_exception(error))
    return (
        f"{title}\nforensics-app {__version__}\nPython {platform.python_version()} on {platform.platform()}\n\n{stack}"
    )


def crash_folder() -> Path:
    """Where reports are kept on this computer: the same place that the window has from Qt."""
    return program_folder() / "crashes"


def save_report(report: str, folder: Path) -> Path | None:
    """Write a report into ``folder`` under the present time; None where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S-%fZ}.txt"
        path.write_text(report, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        _log.warning("the report could not be saved: %s", error)
        return None
    return path
