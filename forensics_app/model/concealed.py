"""Limits of looking at what is concealed."""

from __future__ import annotations

MOST_AT_ONCE = 500
"""So many pictures can be looked at for one reason; the entry names each."""
