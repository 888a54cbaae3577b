"""The calls of :mod:`evidence.tasks` that show what a content holds; one content at a time is kept open for them.

Each names the file as ``read_file`` does, so that it is opened again where another was looked at since, or where the
child is a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from evidence.viewers.base import Viewer
from evidence.viewers.table import in_words, open_viewer
from evidence.worker import Reporter, Session

if TYPE_CHECKING:
    from evidence.filesystems.reading import FileContent

_KEPT = "viewer"

_Arguments = Mapping[str, Any]
ContentOf = Callable[[Session, _Arguments], "FileContent"]


def call(name: str, content_of: ContentOf, session: Session, arguments: _Arguments, reporter: Reporter) -> object:
    """Answer one call.

    Args:
        name: ``open`` gives the ``Sheet``; ``rows`` a ``Rows`` of ``count`` from ``first`` on, of the table ``part`` or
            of ``node`` in a tree; ``nodes`` what lies in ``node``; ``text`` the text ``part``; ``picture`` the page
            ``number`` of ``part``, to fit ``width_pixels`` and ``height_pixels``.
        content_of: Finds the file that the arguments name.
        session: What lives in the child between calls.
        arguments: Of the call. ``beside`` are kinds and addresses of files with changes of this one; it may be absent.
        reporter: The way to tell how far the reading is.
    """
    viewer = _viewer(content_of, session, arguments, reporter)
    with in_words(viewer.sheet.format):
        return _answer(viewer, name, arguments)


def _answer(viewer: Viewer, name: str, arguments: _Arguments) -> object:
    match name:
        case "rows":
            return viewer.rows(arguments["part"], arguments["node"], arguments["first"], arguments["count"])
        case "nodes":
            return viewer.nodes(arguments["part"], arguments["node"])
        case "text":
            return viewer.text(arguments["part"])
        case "picture":
            box = arguments["width_pixels"], arguments["height_pixels"]
            return viewer.picture(arguments["part"], arguments["number"], *box)
    return viewer.sheet


def _viewer(content_of: ContentOf, session: Session, arguments: _Arguments, reporter: Reporter) -> Viewer:
    """The viewer of the content; another one is closed first, and so gives its memory back."""
    beside = arguments.get("beside", ())
    key = (arguments["image"], arguments["volumes"][-1].id, arguments["address"], tuple(map(tuple, beside)))
    kept: tuple[object, Viewer] | None = session.get(_KEPT)
    if kept is not None and kept[0] == key:
        return kept[1]
    if kept is not None:
        kept[1].close()
        del session[_KEPT], kept
    reporter.place = arguments["address"]
    others = tuple((kind, content_of(session, {**arguments, "address": address})) for kind, address in beside)
    viewer = open_viewer(content_of(session, arguments), reporter.progress, others)
    session[_KEPT] = key, viewer
    return viewer
