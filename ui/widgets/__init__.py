"""Reusable pieces of the window; none of them knows a case."""
