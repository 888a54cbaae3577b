"""What a container says of itself before anything is read: kind, files, sizes, digests, its own words, problems."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.errors import explain
from forensics_app.model.image import ImageDescription
from forensics_app.model.logical import is_archive_file, is_logical, stores_digests_of_files
from ui import text
from ui.exhibits.parts import section
from ui.exhibits.words import container_words, digest_words, digests_of_words, size_title
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import card, vbox
from ui.widgets.notes import Fact, mono, note

_FILES_SHOWN, _PROBLEMS_SHOWN = 6, 6


def source_card(source: ImageDescription) -> QWidget:
    """A description in a card."""
    rows: list[tuple[str, Fact]] = [
        (_tr("Container"), container_words(source)),
        (_tr("Files, in order"), mono(_files(source))),
        (size_title(source), f"{text.bytes_text(source.media_bytes)} ({text.size_text(source.media_bytes)})"),
    ]
    if is_logical(source):
        rows.append((_tr("Digests of"), digests_of_words(source)))
    else:
        rows.append((_tr("Sectors"), _tr("{n} bytes each").format(n=text.count_text(source.sector_bytes))))
    if not is_archive_file(source):
        rows.append((_tr("Files hold"), text.bytes_text(source.container_bytes)))
    stored = [(digest_words(name), mono(text.digest_text(value))) for name, value in source.stored_digests.items()]
    none: list[tuple[str, Fact]] = [(_tr("None"), _tr("The container stores no digest; nothing can be compared."))]
    if stores_digests_of_files(source):
        none = [
            (_tr("Of each file"), _tr("Where it stores them, they are compared with the files when it is taken in."))
        ]
    parts = [
        section(_tr("Found in the source"), rows),
        section(_tr("Digests that the container stores"), [*stored] or none),
    ]
    own: list[tuple[str, Fact]] = [
        (name.replace("_", " ").capitalize(), value) for name, value in source.metadata.items() if value.strip()
    ]
    if own:
        parts.append(section(_tr("What the container says of itself, not checked"), own))
    parts += [_problem(f"{problem.where}: {problem.what}") for problem in source.problems[:_PROBLEMS_SHOWN]]
    if len(source.problems) > _PROBLEMS_SHOWN:
        more = _tr("and {n} problems more").format(n=text.count_text(len(source.problems) - _PROBLEMS_SHOWN))
        parts.append(label(more, "caption"))
    made = card(vbox(*parts, gap=Space.M, margins=(Space.L, Space.M, Space.L, Space.M)))
    made.setObjectName("sourceCard")
    return made


def refusal_words(error: Exception) -> str:
    """Why a source cannot be taken in, and what to do about it."""
    known = explain(error)
    return f"{known.what} {known.then}" if known else str(error)


def _files(source: ImageDescription) -> str:
    names = [path.name for path in source.paths]
    if len(names) <= _FILES_SHOWN:
        return "\n".join(names)
    shown = [*names[: _FILES_SHOWN - 2], "…", names[-1]]
    return "\n".join([*shown, _tr("{n} files").format(n=text.count_text(len(names)))])


def _problem(sentence: str) -> QWidget:
    return note(Tone.WARN, sentence, name="sourceProblem")


def _tr(words: str) -> str:
    return QCoreApplication.translate("Source", words)
