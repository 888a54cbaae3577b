"""Wiring: the only place that builds services, and opens the databases that they use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chain_of_custody.passphrase import Argon2Parameters
from forensics_app.bootstrap.lab import Lab
from forensics_app.db import schema
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.moving import moved_to
from forensics_app.db.network import is_network_path
from forensics_app.db.server import server_url, shown
from forensics_app.errors import RefusedError
from forensics_app.model.lab import LabInfo, MovedLab, NewLab, Rekeyed
from forensics_app.model.person import NewPerson
from forensics_app.model.store import StoreKey
from forensics_app.services.folder import LabFolder, place_on_this_computer
from forensics_app.services.opening import (
    check_folder,
    check_lab,
    make_empty,
    open_untouched,
    refuse_arriving,
    refuse_network,
    refuse_used,
    server_of,
    take_folder,
)
from forensics_app.services.people import create_lab_record, lab_info, sealed_digest
from forensics_app.services.record import Writer
from forensics_app.services.shared import read_shared, refuse_another, shared_lab, write_shared
from forensics_app.services.start_checks import check_start
from forensics_app.services.store import (
    Store,
    held,
    hold_for,
    is_encrypted,
    names,
    new_store,
    refuse_another_store,
    unlocked_store,
)

if TYPE_CHECKING:
    from forensics_app.model.backup import Restored, RestoreRequest
    from forensics_app.model.image import OnProgress

__all__ = (
    "Lab",
    "checked_zone",
    "create_lab",
    "join_lab",
    "move_lab",
    "open_lab",
    "open_lab_untouched",
    "rekey_lab",
    "restore_lab",
    "sign_for_move",
    "unlocked",
    "utc_now",
    "who_unlocks",
)


def utc_now() -> datetime:
    """The present moment, from the system's clock."""
    return datetime.now(UTC)


def create_lab(
    new: NewLab,
    administrator: NewPerson,
    passphrase: str,
    *,
    now: Callable[[], datetime] = utc_now,
    key_parameters: Argon2Parameters | None = None,
) -> Lab:
    """Create a lab folder with its record and its first administrator, and open it.

    The record gets its name only when it is complete: a creation that is cut off leaves a folder that is no lab.

    Raises:
        SelfTestFailedError: A digest, cipher or signature is computed wrongly here, as for all that opens a lab.
        RefusedError: The folder or the database on the server is not empty, or something required is missing.
        LabUnusableError: The folder or the server cannot be written, or a lab without a server is to lie on a network
            share.
    """
    check_start()
    if not new.name.strip():
        raise RefusedError("A lab needs a name.")
    url = server_url(new.server) if new.server.strip() else None
    folder = LabFolder(new.folder.absolute())
    make_empty(folder.root, own=url is None)
    if url is None:
        refuse_network(folder.root)
    key = StoreKey.create() if new.encrypted else None
    with held(folder, key):
        part = folder.root / "lab.db.part"
        database = Database(url or sqlite_url(part))
        try:
            _put_record(folder, database, new, administrator, passphrase, now(), key_parameters or Argon2Parameters())
        finally:
            database.close()
            part.unlink(missing_ok=True)
        return open_lab(folder.root, now=now, key_parameters=key_parameters)


def _put_record(
    folder: LabFolder,
    database: Database,
    new: NewLab,
    administrator: NewPerson,
    passphrase: str,
    at: datetime,
    parameters: Argon2Parameters,
) -> None:
    """Put the record of a new lab into its folder, or on its server, and let the folder lead there."""
    with new_store(folder) if new.encrypted else nullcontext():
        info = LabInfo(
            id=uuid4(),
            name=new.name.strip(),
            address=new.address.strip(),
            zone=checked_zone(new.zone),
            created_at=at,
        )
        if not database.is_sqlite:
            refuse_used(database)
        schema.create(database)
        with database.writing() as connection:
            store, writer = Store(folder=folder, parameters=parameters), Writer(connection, at)
            first = create_lab_record(writer, info, administrator, passphrase, parameters, store=store.key)
            first.key.close()
            slot = store.sealed(str(first.person.id), first.person.name, passphrase)
            store.keep(slot, sealed_digest(connection, first.person.id))
        if database.is_sqlite:
            database.close()
            Path(str(database.url.database)).replace(folder.database)
    if not database.is_sqlite:
        write_shared(folder, shared_lab(database, shown(database.url)))


@contextmanager
def unlocked(folder: Path, name: str, passphrase: str) -> Iterator[None]:
    """Unlock the encrypted lab in ``folder`` for the block that opens it; the lab keeps it so until it is closed.

    A folder that is not encrypted is taken as it is, and nothing is judged.

    Raises:
        StoreRefusedError: Name and passphrase do not belong together.
    """
    with unlocked_store(LabFolder(folder.absolute()), name, passphrase):
        yield


def who_unlocks(folder: Path) -> tuple[str, ...] | None:
    """Whose passphrases open the encrypted lab in ``folder``, by its own word; None where it is not encrypted.

    Raises:
        LabUnusableError: The folder cannot be read.
    """
    place = LabFolder(folder.absolute())
    return names(place) if is_encrypted(place) else None


def open_lab(
    folder: Path, *, now: Callable[[], datetime] = utc_now, key_parameters: Argon2Parameters | None = None
) -> Lab:
    """Open the lab in ``folder``, or the one on the server that the folder names.

    An older record is brought up to date; one in the folder is copied before.

    Raises:
        NotALabError: The folder is no lab, or the server holds another one.
        NewerLabError: A newer program wrote it.
        LabMovedError: It was moved to a server, and the move is not finished.
        LabLockedError: Another program holds the database.
        LabUnusableError: It cannot be read or written, or a record in the folder lies on a network share.
    """
    check_start()
    place = LabFolder(folder.absolute())
    shared = server_of(place)
    database = Database(sqlite_url(place.database) if shared is None else server_url(shared.url))
    try:
        copy_to = place.root / f"lab-before-{schema.REVISIONS[-1]}.db" if shared is None else None
        if shared is not None:
            refuse_arriving(database)
        schema.bring_up_to_date(database, copy_to)
        if shared is not None:
            refuse_another(database, shared)
            if is_network_path(place.root):
                place = LabFolder(place.root, place_on_this_computer(shared.lab))
        info = lab_info(database)
        refuse_another_store(place, database)
        hold_for(place)
        return Lab(
            info=info,
            folder=place,
            database=database,
            now=now,
            key_parameters=key_parameters or Argon2Parameters(),
        )
    except BaseException:
        database.close()
        raise


def open_lab_untouched(folder: Path, *, now: Callable[[], datetime] = utc_now) -> Lab:
    """Open a lab to verify it: nothing of it is written, neither its record nor its folder.

    Raises:
        NotALabError: The folder is no lab, or the server holds another one.
        NewerLabError: A newer program wrote it.
        OlderLabError: An older program wrote it; it is not brought up to date.
        LabMovedError: It was moved to a server, and the move is not finished.
        LabLockedError: Another program holds the database.
        LabUnusableError: It cannot be read, or a record in the folder lies on a network share.
    """
    check_start()
    place = LabFolder(folder.absolute(), is_read_only=True)
    database = open_untouched(place)
    try:
        info = lab_info(database)
        if not database.is_sqlite and is_network_path(place.root):
            place = LabFolder(place.root, place_on_this_computer(info.id), is_read_only=True)
        hold_for(place)
        return Lab(info=info, folder=place, database=database, now=now, key_parameters=Argon2Parameters())
    except BaseException:
        database.close()
        raise


def join_lab(
    server: str,
    folder: Path,
    *,
    now: Callable[[], datetime] = utc_now,
    key_parameters: Argon2Parameters | None = None,
) -> Lab:
    """Open the lab on a server, and let ``folder`` lead there from now on.

    Args:
        server: URL of the lab's database.
        folder: The folder that the workstations share, with photographs and reports; it is there already.
        now: The clock.
        key_parameters: How keys are sealed.

    Raises:
        NotALabError: The database holds no lab, or the folder belongs to another one.
        RefusedError: The URL is none, or holds a password.
        LabUnusableError: The server cannot be reached, or the folder cannot be written.
    """
    check_start()
    url, place = server_url(server), LabFolder(folder.absolute())
    check_folder(place.root)
    database = Database(url)
    try:
        refuse_arriving(database)
        schema.bring_up_to_date(database, None)
        refuse_another_store(place, database)
        take_folder(place, shared_lab(database, shown(url)))
    finally:
        database.close()
    return open_lab(place.root, now=now, key_parameters=key_parameters)


def move_lab(
    folder: Path, server: str, *, now: Callable[[], datetime] = utc_now, on_progress: OnProgress = lambda *_: None
) -> MovedLab:
    """Move the record of the lab in ``folder`` to the empty database ``server``; the folder leads there afterwards.

    Raises:
        AppError: See :meth:`forensics_app.services.moving.Moving.move` and :func:`open_lab`.
    """
    from forensics_app.services.moving import Moving

    url, place = server_url(server), LabFolder(folder.absolute())
    check_lab(place)
    database = Database(sqlite_url(place.database))
    try:
        with database.reading() as connection:
            is_moved = moved_to(connection) is not None
        if not is_moved:
            schema.bring_up_to_date(database, place.root / f"lab-before-{schema.REVISIONS[-1]}.db")
        return Moving(source=database, lab=lab_info(database), folder=place, now=now).move(url, on_progress)
    finally:
        database.close()


def sign_for_move(
    folder: Path, name: str, passphrase: str, moved: MovedLab, *, now: Callable[[], datetime] = utc_now
) -> None:
    """Let an administrator sign an entry about the move, the first one that only the new place has.

    Raises:
        SignInRefusedError: Name and passphrase do not belong together. The lab is moved all the same.
        PermissionRefusedError: They are no administrator.
    """
    from forensics_app.services.moving import record_move

    with unlocked(folder, name, passphrase):
        lab = open_lab(folder, now=now)
    try:
        actor = lab.people.sign_in(name, passphrase)
        try:
            record_move(lab.database, lab.info, now(), actor, moved)
        finally:
            actor.key.close()
    finally:
        lab.close()


def rekey_lab(
    folder: Path,
    target: Path,
    name: str,
    passphrase: str,
    *,
    renew: bool,
    now: Callable[[], datetime] = utc_now,
    key_parameters: Argon2Parameters | None = None,
    on_progress: OnProgress = lambda *_: None,
) -> Rekeyed:
    """Encrypt the lab in ``folder`` by a new key, into the new folder ``target``.

    Args:
        folder: A lab whose record lies in it.
        target: A folder that does not exist yet or is empty.
        name: An administrator, who signs for it and is the first who can unlock it.
        passphrase: Theirs.
        renew: Whether the lab is encrypted already.
        now: The clock.
        key_parameters: How keys are sealed.
        on_progress: Bytes copied, bytes in all.

    Raises:
        RefusedError: The lab is not what ``renew`` says, or its record is on a server.
        AppError: See :meth:`forensics_app.services.rekeying.Rekeying.into`, and :func:`unlocked`.
    """
    from forensics_app.services.rekeying import Rekeying

    check_start()
    place, new = LabFolder(folder.absolute()), target.absolute()
    check_folder(place.root)
    if is_encrypted(place) is not renew:
        raise RefusedError(
            f"The lab in {place.root} is {'encrypted already' if not renew else 'not encrypted'}.",
            then="A new key gets: lab renew-key." if not renew else "Encrypt it: lab encrypt.",
        )
    if read_shared(place) is not None:
        raise RefusedError(
            "The record of this lab lies on a server; its folder cannot be encrypted by a new key.",
            then="Let the disks of the server and of the shared folder be encrypted by their systems.",
        )
    with unlocked_store(place, name, passphrase):
        check_lab(place)
        refuse_network(new.parent)
        database = Database(sqlite_url(place.database))
        try:
            with database.reading() as connection:
                is_moved = moved_to(connection) is not None
            if not is_moved:
                schema.bring_up_to_date(database, place.root / f"lab-before-{schema.REVISIONS[-1]}.db")
            rekeying = Rekeying(
                source=database, lab=lab_info(database), folder=place, now=now,
                key_parameters=key_parameters or Argon2Parameters(),
            )  # fmt: skip
            return rekeying.into(new, name, passphrase, on_progress)
        finally:
            database.close()


def restore_lab(
    asked: RestoreRequest,
    name: str,
    passphrase: str,
    *,
    now: Callable[[], datetime] = utc_now,
    key_parameters: Argon2Parameters | None = None,
    on_progress: OnProgress = lambda *_: None,
) -> Restored:
    """Make a lab folder of a backup.

    Raises:
        AppError: See :meth:`forensics_app.services.restoring.Restoring.restore`.
    """
    from forensics_app.services.restoring import Restoring

    restoring = Restoring(now=now, key_parameters=key_parameters or Argon2Parameters())
    return restoring.restore(asked, name, passphrase, on_progress)


def checked_zone(zone: str) -> str:
    """The IANA zone, if it is one.

    Raises:
        RefusedError: It is none.
    """
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RefusedError(f"{zone!r} is not a time zone.", then="Name one like Europe/Berlin or UTC.") from error
