"""Which server holds the record of a lab: the small file in the folder that its workstations share."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from uuid import UUID, uuid4

from chain_of_custody.errors import CustodyError
from evidence.durable import sync_folder
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about, first_entry
from forensics_app.errors import LabUnusableError, NotALabError
from forensics_app.services.folder import LabFolder
from forensics_app.services.people import STORE, lab_info

FORMAT = "forensics-lab-server/1"
STORE_ID = "lab-store"
"""Id of the object of entries that say that the lab became another encrypted store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLab:
    """What the file says.

    Attributes:
        lab: Id of the lab.
        url: URL of its database as libpq knows it; never with a password.
        root: SHA-256 of the body and signature of the lab chain's first entry, hex: another lab in the place of this
            one is noticed.
        store: Which encrypted store the folder is, hex, by the same entry or a later one that gave it a new key; empty
            where it is none.
    """

    lab: UUID
    url: str
    root: str
    store: str = ""


def read_shared(folder: LabFolder) -> SharedLab | None:
    """What the folder says of a server; None when the record lies in the folder itself.

    Raises:
        LabUnusableError: The file is there and cannot be understood.
    """
    try:
        told = json.loads(folder.server.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise LabUnusableError(f"{folder.server} is of a form that this version does not know: {told['format']}.")
        return SharedLab(
            lab=UUID(told["lab"]), url=str(told["url"]), root=str(told["root"]), store=str(told.get(STORE, ""))
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LabUnusableError(f"{folder.server} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabUnusableError(
            f"{folder.server} is damaged; it ought to say which server holds the lab.",
            then="Open the lab once more by the address of its server and this folder.",
        ) from error


def write_shared(folder: LabFolder, shared: SharedLab) -> None:
    """Write the file whole, over an older one of the same lab.

    Raises:
        LabUnusableError: It cannot be written.
    """
    told = {"format": FORMAT, "lab": str(shared.lab), "url": shared.url, "root": shared.root}
    if shared.store:
        told[STORE] = shared.store
    part = folder.root / f".{uuid4().hex}.part"
    try:
        with part.open("x", encoding="utf-8") as file:
            json.dump(told, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder.server)
        sync_folder(folder.root)
    except OSError as error:
        raise LabUnusableError(f"{folder.server} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def shared_lab(database: Database, url: str) -> SharedLab:
    """What the file of the lab in ``database`` has to say.

    Raises:
        NotALabError: The database holds no whole lab.
    """
    info = lab_info(database)
    with database.reading() as connection:
        first = first_entry(connection, str(info.id))
        since = entries_about(connection, [STORE_ID])
    if first is None:
        raise NotALabError("The database holds a lab without a first entry; it is not whole.")
    try:
        store = str([first, *since][-1].content.facts.get(STORE, ""))
    except CustodyError as error:
        raise NotALabError(f"The first entry of the lab in the database cannot be read: {error}.") from error
    return SharedLab(lab=info.id, url=url, root=first.digest.hex(), store=store)


def refuse_another(database: Database, expected: SharedLab) -> None:
    """Refuse when the server holds another lab than the folder expects.

    Raises:
        NotALabError: It does; nothing may be recorded there.
    """
    found = shared_lab(database, expected.url)
    if (found.lab, found.root) != (expected.lab, expected.root):
        raise NotALabError(
            f"The database {expected.url} holds another lab than the one that this folder belongs to.",
            kept="The lab was not opened and not changed.",
            then="Ask who looks after the server what happened to the database; restore a backup if it was replaced.",
        )
