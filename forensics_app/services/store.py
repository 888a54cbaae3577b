"""The lock of an encrypted lab folder: the key of its store, sealed for each person who may open it (REQ-70).

The folder ``store-keys`` holds a slot for each person whose key has not ended, under the passphrase that opens their
signing key, and can be read before the record. A slot is called after the digest of the sealed signing key that the
record keeps: one of an earlier passphrase, or of an ended key, is known by its name, and removed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, RowMapping, select

from chain_of_custody.errors import SealedKeyError, WrongPassphraseError
from chain_of_custody.keys import waste_time
from chain_of_custody.passphrase import Argon2Parameters
from chain_of_custody.store_key import StoreKey, StoreSlot
from evidence.durable import sync_folder
from forensics_app.db.engine import Database
from forensics_app.db.store_keys import hold, key_for, release
from forensics_app.db.tables import PERSON
from forensics_app.errors import LabUnusableError, OutcomeUnknownError, StoreLockedError, StoreRefusedError
from forensics_app.model.person import Role
from forensics_app.services.folder import LabFolder, write_plain
from forensics_app.services.shared import read_shared, shared_lab
from forensics_app.services.unlock_failures import note_failure

_SLOT_NAME = re.compile(r"[0-9a-f-]{36}-[0-9a-f]{16}\.json")
_LONGEST_SLOT_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The slots of a lab folder that is open. Of one that is not encrypted there are none, and nothing is done."""

    folder: LabFolder
    parameters: Argon2Parameters

    @property
    def key(self) -> StoreKey | None:
        """The key that is held of it; None where the folder is not encrypted."""
        return key_for(self.folder.root)

    def sealed(self, person_id: str, name: str, passphrase: str) -> StoreSlot | None:
        """A slot for a person, to be kept by :meth:`keep`; None where the folder is not encrypted. Slow on purpose."""
        key = key_for(self.folder.root)
        return None if key is None else key.seal_for(person_id, name, passphrase, parameters=self.parameters)

    def keep(self, slot: StoreSlot | None, sealed_key_sha256: str) -> None:
        """Write a slot that belongs to the signing key with this digest, within the transaction that records that.

        It is there before the transaction ends: whoever is killed in between keeps both, the old and the new one.

        Raises:
            LabUnusableError: It cannot be written.
        """
        if slot is not None:
            path = self._path(slot.person, sealed_key_sha256)
            new = path.with_suffix(".new")
            self.folder.store_keys.mkdir(exist_ok=True)
            new.unlink(missing_ok=True)
            write_plain(new, [slot.to_json()])
            new.replace(path)
            sync_folder(path.parent)

    def opens_for(self, person_id: str, name: str, sealed_key_sha256: str, passphrase: str) -> bool:
        """Whether nothing is missing for this person: their slot opens by their passphrase, or none is needed."""
        key = key_for(self.folder.root)
        if key is None:
            return True
        path = self._path(person_id, sealed_key_sha256)
        slot = _whole(slots_in(self.folder).get(path.name), person_id, name, key)
        try:
            return slot is not None and slot.open(passphrase).store == key.store
        except (WrongPassphraseError, SealedKeyError):
            return False

    def tidy(self, db: Database) -> None:
        """Remove the slots of keys that ended and of passphrases that were changed.

        Nobody is enrolled and no passphrase is changed meanwhile: writers take turns.
        """
        if key_for(self.folder.root) is None or self.folder.is_read_only:
            return
        with db.reading() as connection:
            if not self._left(connection):
                return
        with db.writing() as connection:
            for path in self._left(connection):
                path.unlink(missing_ok=True)
        sync_folder(self.folder.store_keys)

    def _left(self, connection: Connection) -> list[Path]:
        wanted = {_slot_name(row["id"], row["sealed_key_sha256"]) for row in _unlockers(connection)}
        return [path for path in _slots(self.folder) if path.name not in wanted]

    def _path(self, person_id: str, sealed_key_sha256: str) -> Path:
        return self.folder.store_keys / _slot_name(person_id, sealed_key_sha256)


def is_encrypted(folder: LabFolder) -> bool:
    """Whether the lab folder is an encrypted store, by what lies in it; of a lab on a server its record says more.

    Raises:
        LabUnusableError: The file that says which server holds the lab cannot be understood.
    """
    if folder.store_keys.is_dir():
        return True
    shared = read_shared(folder)
    return shared is not None and bool(shared.store)


@contextmanager
def held(folder: LabFolder, key: StoreKey | None) -> Iterator[None]:
    """Hold the key of a store for a block; nothing is done without one."""
    if key is None:
        yield
        return
    hold(folder.root, key)
    try:
        yield
    finally:
        release(folder.root)


@contextmanager
def new_store(folder: LabFolder) -> Iterator[None]:
    """Make an encrypted store of an empty folder for the block that puts a record there.

    Its keys are removed again when that fails, but never those of a record that is there or may be.

    Raises:
        LabUnusableError: It cannot be written.
    """
    try:
        folder.store_keys.mkdir(mode=0o700)
    except OSError as error:
        raise LabUnusableError(f"{folder.store_keys} cannot be made: {error.strerror}.") from error
    try:
        yield
    except OutcomeUnknownError:
        raise
    except BaseException:
        if not folder.database.exists():
            shutil.rmtree(folder.store_keys, ignore_errors=True)
        raise


def names(folder: LabFolder) -> tuple[str, ...]:
    """Who has a slot, in alphabetical order: what is known before the record can be read, and vouched for by nobody."""
    return tuple(sorted({slot.name for slot in _readable(folder)}))


@contextmanager
def unlocked_store(folder: LabFolder, name: str, passphrase: str) -> Iterator[None]:
    """Hold the key of a store, out of somebody's slot, for a block; nothing is done where the folder is not encrypted.

    The answer is the same whether the name or the passphrase is wrong. A failure is noted beside the slots, for the
    record is locked, too; who signs in next records it. What makes trying slow is the cost of Argon2id alone.

    Raises:
        StoreRefusedError: Name and passphrase do not belong together.
        LabUnusableError: There is no whole slot at all.
    """
    if not is_encrypted(folder):
        yield
        return
    told = " ".join(name.split())
    try:
        key = _opened(folder, told, passphrase)
    except StoreRefusedError:
        note_failure(folder, next((slot.person for slot in _readable(folder) if slot.name == told), ""))
        raise
    with held(folder, key):
        yield


def _opened(folder: LabFolder, told: str, passphrase: str) -> StoreKey:
    whole = _readable(folder)
    if not whole:
        raise LabUnusableError(
            f"The lab in {folder.root} is encrypted, but no whole key for it is left in {folder.store_keys}.",
            kept="Nothing of the lab was read or changed.",
            then=f"Put the folder {folder.store_keys.name} back, from wherever it was moved to or from a backup.",
        )
    slots = [slot for slot in whole if slot.name == told]
    if not slots:
        waste_time(Argon2Parameters(), passphrase)
    for slot in slots:
        with suppress(WrongPassphraseError, SealedKeyError):
            return slot.open(passphrase)
    raise StoreRefusedError("Name and passphrase do not open the encrypted lab.")


def refuse_locked(folder: LabFolder) -> None:
    """Refuse an encrypted lab folder whose key this process does not hold.

    Raises:
        StoreLockedError: It is one.
    """
    if is_encrypted(folder) and key_for(folder.root) is None:
        raise StoreLockedError(f"The lab in {folder.root} is encrypted, and nobody has unlocked it.")


def refuse_another_store(folder: LabFolder, database: Database) -> None:
    """Refuse a lab whose first entry says that it is encrypted, where the key of just that store is not held.

    The record is the judge of it: what lies in the folder can be taken away, or put there. A record that lies in the
    folder itself is encrypted, too, and was not opened without its key.

    Raises:
        StoreLockedError: No key is held.
        LabUnusableError: It is the key of another store.
    """
    if database.is_sqlite:
        return
    store, key = shared_lab(database, "").store, key_for(folder.root)
    if not store or (key is not None and key.store.hex() == store):
        return
    if key is None:
        raise StoreLockedError(
            f"The lab is encrypted, by its record, but nobody has unlocked {folder.root}.",
            then=f"Unlock it there. If nobody is asked, its keys are missing: put the folder {folder.store_keys.name} "
            "back, from wherever it was moved to or from a backup.",
        )
    raise LabUnusableError(
        f"The keys in {folder.store_keys} are of another encrypted lab than the one that the record names.",
        kept="Nothing of the lab was changed.",
        then=f"Put the right folder {folder.store_keys.name} back, or choose the right lab folder.",
    )


def hold_for(folder: LabFolder) -> None:
    """Keep the key of an unlocked store for one more user, also for the folder of this computer that belongs to it."""
    key = key_for(folder.root)
    if key is not None:
        hold(folder.root, key)
        if folder.local is not None:
            hold(folder.local, key)


def release_from(folder: LabFolder) -> None:
    """Take that back."""
    release(folder.root)
    if folder.local is not None:
        release(folder.local)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSlots:
    """The slots that the people of a record have.

    Attributes:
        whole: Those that are whole, by the name of their file: the bytes as they lie there.
        without: Names of people who have none of these, in alphabetical order.
        administrators: How many administrators have one.
    """

    whole: dict[str, bytes]
    without: tuple[str, ...]
    administrators: int


def slots_in(folder: LabFolder) -> dict[str, bytes]:
    """What lies in the slots of a folder, by the name of the file; what cannot be read is not among it."""
    found = {}
    for path in _slots(folder):
        with suppress(OSError), path.open("rb") as file:
            found[path.name] = file.read(_LONGEST_SLOT_BYTES)
    return found


def slots_of(connection: Connection, folder: LabFolder, found: Mapping[str, bytes]) -> KeptSlots:
    """Which slots belong to the people of the record that ``connection`` reads; of a plain folder none, to nobody.

    Whether a slot can be opened is known to nobody but its person: it is whole where it is of the right form, and names
    the person and the store.

    Args:
        connection: A reading transaction.
        folder: The lab folder.
        found: What lies there, by :func:`slots_in`.
    """
    key = key_for(folder.root)
    whole: dict[str, bytes] = {}
    without: list[str] = []
    administrators = 0
    for row in _unlockers(connection) if key is not None else ():
        name = _slot_name(row["id"], row["sealed_key_sha256"])
        if key is not None and _whole(found.get(name), row["id"], row["name"], key) is not None:
            whole[name] = found[name]
            administrators += Role.ADMINISTRATOR.value in row["roles"].split(",")
        else:
            without.append(row["name"])
    return KeptSlots(whole=whole, without=tuple(sorted(without)), administrators=administrators)


def slot_findings(kept: KeptSlots) -> list[str]:
    """Who cannot unlock the lab folder, in a sentence for each."""
    return [
        f"{name} cannot unlock the encrypted lab folder: there is no whole key for them in store-keys. Somebody else "
        "unlocks it, and they sign in; that makes it anew."
        for name in kept.without
    ]


def _unlockers(connection: Connection) -> Sequence[RowMapping]:
    query = select(PERSON.c.id, PERSON.c.name, PERSON.c.roles, PERSON.c.sealed_key_sha256)
    return connection.execute(query.where(PERSON.c.revoked_at.is_(None))).mappings().all()


def _slot_name(person_id: str, sealed_key_sha256: str) -> str:
    return f"{person_id}-{sealed_key_sha256[:16]}.json"


def _whole(content: bytes | None, person_id: str, name: str, key: StoreKey) -> StoreSlot | None:
    with suppress(SealedKeyError):
        slot = None if content is None else StoreSlot.from_json(content)
        if slot is not None and (slot.person, slot.name, slot.store) == (person_id, name, key.store):
            return slot
    return None


def _slots(folder: LabFolder) -> list[Path]:
    try:
        return sorted(path for path in folder.store_keys.iterdir() if _SLOT_NAME.fullmatch(path.name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LabUnusableError(f"{folder.store_keys} cannot be read: {error.strerror}.") from error


def _readable(folder: LabFolder) -> list[StoreSlot]:
    """The slots that are whole; a damaged one is the loss of whom it belongs to, not of the others."""
    found = []
    for content in slots_in(folder).values():
        with suppress(SealedKeyError):
            found.append(StoreSlot.from_json(content))
    return found
