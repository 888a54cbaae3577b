"""Structured views of contents, one file for each format; the table of them is in ``table.py``."""
