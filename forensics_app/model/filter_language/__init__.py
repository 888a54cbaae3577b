"""The language of filters, such as ``type:image size>10M deleted``. No Qt, no SQL; see docs/filter-language.md.

:func:`forensics_app.model.filter_language.parser.parse` makes a tree (:mod:`.tree`) of a text. A tree means the same to
everybody who reads it: what :mod:`.tree` says of each of its parts.
"""
