"""Wiring: the only place that builds services and opens databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chain_of_custody.passphrase import Argon2Parameters
from forensics_app.db import schema
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.network import is_network_path
from forensics_app.errors import LabUnusableError, NotALabError, RefusedError
from forensics_app.model.lab import LabInfo, NewLab
from forensics_app.model.person import NewPerson
from forensics_app.services.acquisition import Acquisitions
from forensics_app.services.cases import Cases
from forensics_app.services.catalogues import Catalogues
from forensics_app.services.custody import Custody
from forensics_app.services.examine import Examine
from forensics_app.services.exhibits import Exhibits
from forensics_app.services.folder import LabFolder
from forensics_app.services.intake import Intake
from forensics_app.services.journal import Journal
from forensics_app.services.part_checks import PartChecks
from forensics_app.services.people import People, create_lab_record, lab_info
from forensics_app.services.readers import Readers
from forensics_app.services.record import Writer
from forensics_app.services.reporting import Reporting
from forensics_app.services.unlocking import Unlocking
from forensics_app.services.verification import Verification

SQLITE_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """An open lab: its use cases, wired. Close it last."""

    info: LabInfo
    folder: LabFolder
    people: People
    cases: Cases
    exhibits: Exhibits
    custody: Custody
    intake: Intake
    acquisitions: Acquisitions
    part_checks: PartChecks
    catalogues: Catalogues
    examine: Examine
    unlocking: Unlocking
    reporting: Reporting
    verification: Verification
    journal: Journal
    database: Database

    def close(self) -> None:
        """Let go of the database and of the processes that read evidence."""
        self.examine.close()
        self.database.close()


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
        RefusedError: The folder is not empty, or something required is missing.
        LabUnusableError: The folder cannot be written, or lies on a network share.
    """
    if not new.name.strip():
        raise RefusedError("A lab needs a name.")
    folder = LabFolder(new.folder.absolute())
    _empty_folder(folder.root)
    parameters = key_parameters or Argon2Parameters()
    info = LabInfo(
        id=uuid4(), name=new.name.strip(), address=new.address.strip(), zone=checked_zone(new.zone), created_at=now()
    )
    part = folder.root / "lab.db.part"
    database = Database(sqlite_url(part))
    try:
        schema.create(database)
        with database.writing() as connection:
            writer = Writer(connection, info.created_at)
            create_lab_record(writer, info, administrator, passphrase, parameters).key.close()
        database.close()
        part.replace(folder.database)
    except BaseException:
        database.close()
        part.unlink(missing_ok=True)
        raise
    return open_lab(folder.root, now=now, key_parameters=key_parameters)


def open_lab(
    folder: Path, *, now: Callable[[], datetime] = utc_now, key_parameters: Argon2Parameters | None = None
) -> Lab:
    """Open the lab in ``folder``; an older record is copied, then brought up to date.

    Raises:
        NotALabError: The folder is no lab.
        NewerLabError: A newer program wrote it.
        LabLockedError: Another program holds the database.
        LabUnusableError: It cannot be read or written, or lies on a network share.
    """
    place = LabFolder(folder.absolute())
    _check_lab(place)
    database = Database(sqlite_url(place.database))
    try:
        schema.bring_up_to_date(database, place.root / f"lab-before-{schema.REVISIONS[-1]}.db")
        return _wire(lab_info(database), place, database, now, key_parameters or Argon2Parameters())
    except BaseException:
        database.close()
        raise


def _wire(
    info: LabInfo, folder: LabFolder, database: Database, now: Callable[[], datetime], parameters: Argon2Parameters
) -> Lab:
    journal = Journal(db=database, lab=info, folder=folder, now=now)
    people = People(db=database, lab=info, now=now, key_parameters=parameters)
    exhibits = Exhibits(db=database, lab=info, folder=folder, now=now)
    intake = Intake(db=database, lab=info, journal=journal, now=now)
    readers = Readers()
    catalogues = Catalogues(db=database, lab=info, folder=folder, journal=journal, now=now, session_keys=readers.keys)
    custody = Custody(db=database, lab=info, now=now)
    verification = Verification(db=database, lab=info, folder=folder, now=now)
    examine = Examine(db=database, lab=info, catalogues=catalogues, now=now, readers=readers)
    return Lab(
        info=info,
        folder=folder,
        people=people,
        cases=Cases(db=database, lab=info, now=now),
        exhibits=exhibits,
        custody=custody,
        intake=intake,
        acquisitions=Acquisitions(db=database, lab=info, journal=journal, intake=intake, now=now),
        part_checks=PartChecks(db=database, journal=journal, now=now, part_bytes=intake.part_bytes),
        catalogues=catalogues,
        examine=examine,
        unlocking=Unlocking(db=database, lab=info, catalogues=catalogues, examine=examine, now=now),
        reporting=Reporting(
            db=database,
            lab=info,
            folder=folder,
            people=people,
            exhibits=exhibits,
            intake=intake,
            catalogues=catalogues,
            custody=custody,
            examine=examine,
            verification=verification,
            journal=journal,
            now=now,
        ),
        verification=verification,
        journal=journal,
        database=database,
    )


def checked_zone(zone: str) -> str:
    """The IANA zone, if it is one.

    Raises:
        RefusedError: It is none.
    """
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RefusedError(f"{zone!r} is not a time zone.", then="Name one like Europe/Berlin or UTC.") from error


def _empty_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if next(folder.iterdir(), None) is not None:
            raise RefusedError(f"{folder} is not empty.", then="Choose an empty folder, or open the lab that is there.")
        _probe(folder)
    except OSError as error:
        raise LabUnusableError(f"A lab cannot be created in {folder}: {error.strerror}.") from error
    _refuse_network(folder)


def _check_lab(place: LabFolder) -> None:
    if not place.root.is_dir():
        raise NotALabError(f"There is no folder {place.root}.")
    try:
        with place.database.open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
        _probe(place.root)
    except FileNotFoundError as error:
        raise NotALabError(f"{place.root} is not a lab: there is no lab.db in it.") from error
    except OSError as error:
        raise LabUnusableError(f"The lab in {place.root} cannot be opened: {error.strerror}.") from error
    if head != SQLITE_MAGIC:
        raise NotALabError(f"{place.database} is not the record of a lab.")
    _refuse_network(place.root)


def _probe(folder: Path) -> None:
    """Write and remove an empty file, so that a folder that cannot be written is told of at once."""
    probe = folder / f".probe-{uuid4().hex}"
    probe.touch(exist_ok=False)
    probe.unlink()


def _refuse_network(folder: Path) -> None:
    if is_network_path(folder):
        raise LabUnusableError(
            f"{folder} lies on a network share, where the lab's database can be damaged.",
            then="Put the lab on a disk of this computer; several workstations share a lab through a database server.",
        )
