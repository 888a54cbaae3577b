"""Files in the lab folder that no row of the record names: what an act left behind whose end nobody heard of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from forensics_app.db.tables import EXHIBIT, PAPER, PHOTO, REPORT, SCENE, SCENE_PHOTO
from forensics_app.services.folder import LabFolder
from forensics_app.services.upgraded_reports import upgraded_files

KEPT_IN = ("photos", "papers", "reports")
SETTLED_AFTER_S = 120
"""A younger file may be of an act that is just being recorded, also on another workstation."""


def unrecorded_files(connection: Connection, folder: LabFolder) -> tuple[Path, ...]:
    """The photographs, papers and reports of the lab folder that are not of the record, by path.

    They are left where they are: one may be the only trace of an act.
    """
    there = sorted(_files(folder))
    recorded = set(_recorded(connection)) if there else set()
    return tuple(path for path in there if (path.parts[-3], path.parts[-2], path.stem) not in recorded)


def _files(folder: LabFolder) -> Iterator[Path]:
    now_s = time.time()
    for path in (folder.root / "cases").glob("*/*/*"):
        if path.parent.name in KEPT_IN and path.is_file() and now_s - path.stat().st_mtime > SETTLED_AFTER_S:
            yield path


def _recorded(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Case, folder and name without its ending of each file that the record names."""
    photos = select(EXHIBIT.c.case_id, PHOTO.c.sha256).join(EXHIBIT, EXHIBIT.c.id == PHOTO.c.exhibit_id)
    scenes = select(SCENE.c.case_id, SCENE_PHOTO.c.sha256).join(SCENE, SCENE.c.id == SCENE_PHOTO.c.scene_id)
    papers, reports = select(PAPER.c.case_id, PAPER.c.sha256), select(REPORT.c.case_id, REPORT.c.id)
    for kept_in, query in (("photos", photos), ("photos", scenes), ("papers", papers), ("reports", reports)):
        for case_id, name in connection.execute(query):
            yield case_id, kept_in, name
    for file in upgraded_files(connection):
        yield str(file.case_id), "reports", file.sha256.hex()
