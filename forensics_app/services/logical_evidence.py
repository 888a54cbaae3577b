"""Logical evidence at its intake: what is refused, what its contents are compared with, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from chain_of_custody.ledger import Json
from evidence.digest import MediaDigests
from evidence.isolation import run_isolated
from forensics_app.db.ledger import entries_about
from forensics_app.errors import FolderRefusedError
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import ImageDescription, OnProgress, Problem
from forensics_app.model.logical import StoredCheck, is_archive_file, is_logical, opening

NAMED_MAX = 50
"""So many contents that differ are named in the record; the catalogue has all of them."""


def refuse_folder(paths: Sequence[Path]) -> None:
    """Refuse a folder as it is.

    Raises:
        FolderRefusedError: It is one; says what to do first.
    """
    folder = next((path for path in paths if path.is_dir()), None)
    if folder is not None:
        raise FolderRefusedError(folder)


def compare_contents(source: ImageDescription, on_progress: OnProgress) -> StoredCheck | None:
    """Hold the contents of logical evidence against the digests that its container stores; None for a medium.

    Raises:
        EvidenceError: It cannot be read.
    """
    if not is_logical(source):
        return None
    found: StoredCheck = run_isolated("check_stored", opening(source), on_progress=on_progress)
    return found


def findings(
    connection: Connection, exhibit: Exhibit, source: ImageDescription, media: MediaDigests, check: StoredCheck | None
) -> tuple[Problem, ...]:
    """What the comparisons of logical evidence gave, as problems of the image; what is damage makes its integrity fail.

    Args:
        connection: To the record, which may know the container.
        exhibit: That it was made of.
        source: As it was opened.
        media: Its digests.
        check: How its contents compare; None for a medium.
    """
    if check is None:
        return ()
    name = source.paths[0].name
    told = (*_about_contents(check, source), *_about_acquisition(connection, exhibit, source, media))
    return tuple(problem if problem.where else replace(problem, where=name) for problem in told)


def content_facts(check: StoredCheck | None) -> dict[str, Json]:
    """What the comparison of the contents gave, for the entry of an intake; nothing for a medium."""
    if check is None:
        return {}
    return {
        "contents_compared": check.compared,
        "contents_equal": check.equal,
        "contents_differing": [f"{path}: {why}" for path, why in check.differing[:NAMED_MAX]],
        "content_digests_in": check.stored_in,
    }


def _about_contents(check: StoredCheck, source: ImageDescription) -> Iterator[Problem]:
    yield from check.problems
    if not check.stored_in:
        if is_archive_file(source):
            what = "It stores no digests of its files: only the digests of the file itself show that it stays the same."
            yield _problem(what, is_damage=False)
        return
    equal = f"{check.equal:,} of {check.compared:,} files with digests in {check.stored_in}"
    yield _problem(f"{equal} were read and equal them.", is_damage=False)
    for path, why in check.differing[:NAMED_MAX]:
        yield _problem(f"{path} is not what was copied: {why}.")
    more = check.compared - check.equal - min(len(check.differing), NAMED_MAX)
    if more:
        yield _problem(f"{more:,} more differ; the catalogue names each.")


def _about_acquisition(
    connection: Connection, exhibit: Exhibit, source: ImageDescription, media: MediaDigests
) -> Iterator[Problem]:
    """Whether the container is the one that the record says was made of folders for this exhibit."""
    name, sha256 = source.paths[0].name, media.digests["sha256"].hex()
    made = [
        (entry.content.sequence, entry.content.facts)
        for entry in entries_about(connection, [str(exhibit.id)])
        if entry.content.action == "image.acquire_folders"
    ]
    same = [sequence for sequence, facts in made if facts.get("container_sha256") == sha256]
    if same:
        what = f"Its SHA-256 is the one in entry {same[-1]} of the record, by which folders were copied into it."
        yield _problem(what, is_damage=False)
        return
    named = [sequence for sequence, facts in made if Path(str(facts.get("file", ""))).name == name]
    if named:
        yield _problem(
            f"Entry {named[-1]} of the record tells of a container of this name, made for this exhibit, with another "
            "SHA-256: this is not that container, or it was changed."
        )


def _problem(what: str, *, is_damage: bool = True) -> Problem:
    return Problem(what=what, where="", offset_bytes=None, is_damage=is_damage)
