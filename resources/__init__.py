"""Files the program ships with: icons, fonts, styles, texts and the demonstration image."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def path(name: str) -> Path:
    """Where the resource ``name`` (such as ``"icons/disk.svg"``) lies on this machine."""
    return _FOLDER / name
