"""What is looked at before a lab is opened or made: its folder, and whether its record is the one that is in use."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import uuid4

from forensics_app.db import schema
from forensics_app.db.engine import Database, sqlite_url, untouched_url
from forensics_app.db.moving import is_arriving, moved_to
from forensics_app.db.network import is_network_path
from forensics_app.db.server import server_url, shown
from forensics_app.errors import LabMovedError, LabUnusableError, NotALabError, RefusedError
from forensics_app.services.folder import LabFolder
from forensics_app.services.people import lab_info
from forensics_app.services.shared import SharedLab, read_shared, refuse_another, write_shared
from forensics_app.services.store import is_encrypted, refuse_another_store, refuse_locked

SQLITE_MAGIC = b"SQLite format 3\x00"


OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_empty(folder: Path, *, own: bool) -> None:
    """Make the folder of a new lab, which may be there if it is empty.

    Args:
        folder: The folder.
        own: Whether one that is made is for this account alone, on systems with POSIX rights; what others work in,
            too, gets the usual rights. The rights of a folder that is there stay as they are.

    Raises:
        RefusedError: It is not empty.
        LabUnusableError: It cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700 if own else 0o777, exist_ok=True)
        if next(folder.iterdir(), None) is not None:
            raise RefusedError(f"{folder} is not empty.", then="Choose an empty folder, or open the lab that is there.")
        _probe(folder)
    except OSError as error:
        raise LabUnusableError(f"A lab cannot be created in {folder}: {error.strerror}.") from error


def rights_note(folder: Path) -> str:
    """What to say of a lab folder that other accounts of the computer can get into; empty where none can."""
    if os.name != "posix" or not (rights := stat.S_IMODE(folder.stat().st_mode)) & OF_OTHERS:
        return ""
    kept = "encrypted, but can be deleted" if is_encrypted(LabFolder(folder)) else "not encrypted, but for keys"
    return (
        f"Other accounts of this computer can get into {folder} (rights {rights:04o}): what is in it is {kept}. "
        f"Where no others are to work in it, close it: chmod 700 '{folder}'"
    )


def server_of(place: LabFolder) -> SharedLab | None:
    """Which server holds the lab of a folder; None for one whose record is in the folder and can be used."""
    check_folder(place.root)
    refuse_locked(place)
    shared = read_shared(place)
    if shared is not None:
        return shared
    check_lab(place)
    database = Database(sqlite_url(place.database))
    try:
        _refuse_moved(place, database)
    finally:
        database.close()
    return None


def open_untouched(place: LabFolder) -> Database:
    """The record of the lab in a folder, or on the server that it names, to be read and never written.

    Raises:
        NotALabError: The folder is no lab.
        NewerLabError: A newer program wrote it.
        OlderLabError: An older program wrote it.
        LabMovedError: It was moved to a server, and the move is not finished.
        LabUnusableError: It cannot be read, or lies on a network share.
    """
    if not place.root.is_dir():
        raise NotALabError(f"There is no folder {place.root}.")
    refuse_locked(place)
    shared = read_shared(place)
    if shared is None:
        _check_record(place)
    database = Database(untouched_url(place.database) if shared is None else server_url(shared.url))
    try:
        if shared is None:
            _refuse_moved(place, database)
        else:
            refuse_arriving(database)
        schema.refuse_another_revision(database)
        if shared is not None:
            refuse_another(database, shared)
        refuse_another_store(place, database)
    except BaseException:
        database.close()
        raise
    return database


def take_folder(place: LabFolder, shared: SharedLab) -> None:
    """Let the folder lead to the server, unless it belongs to another lab."""
    known = read_shared(place)
    if known is not None and (known.lab, known.root) != (shared.lab, shared.root):
        raise NotALabError(f"{place.root} belongs to another lab than the one in {shared.url}.")
    if known is None and place.database.exists():
        _refuse_lab_in_use(place, shared)
    write_shared(place, shared)


def _refuse_lab_in_use(place: LabFolder, shared: SharedLab) -> None:
    database = Database(sqlite_url(place.database))
    try:
        with database.reading() as connection:
            is_moved = moved_to(connection) is not None
        if not is_moved or lab_info(database).id != shared.lab:
            raise NotALabError(
                f"{place.root} holds a lab of its own, which is not the one in {shared.url}.",
                then="Choose the folder that the lab's workstations share.",
            )
    finally:
        database.close()


def refuse_arriving(database: Database) -> None:
    """Refuse a record on a server that is still being moved there.

    Raises:
        LabMovedError: It is.
    """
    with database.reading() as connection:
        if is_arriving(connection):
            raise LabMovedError(
                f"A lab is being moved to {shown(database.url)}, or its move was interrupted.",
                then="Finish the move where the lab was, with: forensics-app lab move FOLDER --to URL",
            )


def refuse_used(database: Database) -> None:
    """Refuse a database that holds a lab, or anything else but the empty tables of one."""
    refuse_arriving(database)
    with database.reading() as connection:
        if not schema.is_unused(connection):
            raise RefusedError(
                "The database on the server is not empty.",
                then="Open the lab that it holds, or let the administrator of the server make an empty one.",
            )


def check_folder(folder: Path) -> None:
    """Refuse a folder that is not there or cannot be written.

    Raises:
        NotALabError: There is none.
        LabUnusableError: It cannot be written.
    """
    if not folder.is_dir():
        raise NotALabError(f"There is no folder {folder}.")
    try:
        _probe(folder)
    except OSError as error:
        raise LabUnusableError(f"The lab in {folder} cannot be opened: {error.strerror}.") from error


def check_lab(place: LabFolder) -> None:
    """Refuse a folder that does not hold the record of a lab itself, on a disk of this computer.

    Raises:
        NotALabError: There is no record in it.
        LabUnusableError: It cannot be read, or lies on a network share.
    """
    check_folder(place.root)
    _check_record(place)


def _refuse_moved(place: LabFolder, database: Database) -> None:
    with database.reading() as connection:
        server = moved_to(connection)
    if server is not None and "://" not in server:
        act = "renew-key" if is_encrypted(place) else "encrypt"
        by = " by a new key" if is_encrypted(place) else ""
        raise LabMovedError(
            f"The lab in {place.root} was encrypted{by}, into the folder {server}.",
            kept="What lies here is as it was then; nothing is recorded in it any more.",
            then=f"Open {server}. If it is not there, the act was cut off; finish it with: forensics-app lab {act} "
            f"{place.root} --to {server} --as ADMINISTRATOR",
        )
    if server is not None:
        raise LabMovedError(
            f"The lab was moved to {server}, and the folder does not lead there yet.",
            then=f"Finish the move with: forensics-app lab move {place.root} --to {server}",
        )


def _check_record(place: LabFolder) -> None:
    try:
        with place.database.open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except FileNotFoundError as error:
        raise NotALabError(f"{place.root} is not a lab: there is no lab.db in it.") from error
    except OSError as error:
        raise LabUnusableError(f"The lab in {place.root} cannot be opened: {error.strerror}.") from error
    refuse_locked(place)
    if not is_encrypted(place) and head != SQLITE_MAGIC:
        raise NotALabError(f"{place.database} is not the record of a lab.")
    refuse_network(place.root)


def _probe(folder: Path) -> None:
    """Write and remove an empty file, so that a folder that cannot be written is told of at once."""
    probe = folder / f".probe-{uuid4().hex}"
    probe.touch(exist_ok=False)
    probe.unlink()


def refuse_network(folder: Path) -> None:
    """Refuse a network share as the place of an SQLite record, whose locks do not hold there.

    Raises:
        LabUnusableError: It is one.
    """
    if is_network_path(folder):
        raise LabUnusableError(
            f"{folder} lies on a network share, where the lab's database can be damaged.",
            then="Put the lab on a disk of this computer; several workstations share a lab through a database server.",
        )
