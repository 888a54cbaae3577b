"""How to check a defence kit, in the languages in which that is written beside English."""

from __future__ import annotations

import resources

_WRITTEN = ("az", "fr", "ka", "ro", "uk")


def how_to_recheck(language: str) -> bytes:
    """The text in UTF-8; empty for a language in which it is not written, where the English stands alone."""
    if language not in _WRITTEN:
        return b""
    return resources.path(f"report/how-to-recheck-{language}.txt").read_bytes()
