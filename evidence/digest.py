"""Digests of media and of streams: one pass, bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called as ``on_progress(done_units, total_units)``; what it raises passes through and ends the work."""
