"""How to check a defence kit, in the languages in which that is written beside English."""

from __future__ import annotations

import resources

_WRITTEN = {"fr": "report/how-to-recheck-fr.txt"}


def how_to_recheck(language: str) -> bytes:
    """The text in UTF-8; empty for a language in which it is not written, where the English stands alone."""
    path = _WRITTEN.get(language)
    return resources.path(path).read_bytes() if path else b""
