"""Imaging a source for an exhibit: asking for it, following it, and what came out."""
