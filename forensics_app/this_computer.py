"""Where this computer keeps what belongs to the program and to no lab folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def program_folder() -> Path:
    """The program's folder for the person who is logged in; it need not be there yet. Qt names the same place."""
    home = Path.home()
    base = {
        "win32": Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"),
        "darwin": home / "Library" / "Application Support",
    }.get(sys.platform, Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share"))
    return base / "forensics-app"
