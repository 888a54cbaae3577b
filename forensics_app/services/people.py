"""People of the lab: enrolling them, opening their keys, ending their keys."""

from __future__ import annotations

import hashlib
import math
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from chain_of_custody.errors import PassphraseTooShortError, WrongPassphraseError
from chain_of_custody.keys import SealedKey, create_key, open_key, waste_time
from chain_of_custody.ledger import Json, Subject
from chain_of_custody.names import same_name, why_no_name
from chain_of_custody.passphrase import SALT_BYTES, Argon2Parameters, check_new_passphrase, stretch
from chain_of_custody.rule_sets import BEGIN, RULES, STATED
from chain_of_custody.signing import OpenKey
from forensics_app.db.engine import Database
from forensics_app.db.ledger import newest_time
from forensics_app.db.mapping import lab_of, person_of, roles_text, time_text
from forensics_app.db.rows import record_or_none, records
from forensics_app.db.tables import LAB, PERSON, PERSON_SECRET, SIGN_IN
from forensics_app.errors import NotALabError, NotFoundError, RefusedError, SignInRefusedError, UnclearNameError
from forensics_app.model.lab import LabInfo
from forensics_app.model.meant import near_name
from forensics_app.model.person import LeftBehind, NewPerson, Person, PersonId, Role, SignedIn
from forensics_app.model.store import StoreKey
from forensics_app.services.left_behind import left_behind
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.unlock_failures import tell_failures

if TYPE_CHECKING:
    from forensics_app.services.store import Store

FREE_ATTEMPTS = 3
LONGEST_WAIT_S = 900
NAMED_IN_AN_ENTRY = 100
STORE = "store"
"""The fact of a lab's first entry that names its encrypted store, hex; not there where the lab is not encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Use cases about people. A person is never deleted: only their key ends.

    Attributes:
        store: Keeps for whom an encrypted lab folder opens; None where that is not to be changed.
    """

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]
    key_parameters: Argon2Parameters
    store: Store | None = None

    def list(self) -> tuple[Person, ...]:
        """Everybody ever enrolled, by name."""
        with self.db.reading() as connection:
            return records(connection, select(PERSON).order_by(PERSON.c.name), person_of)

    def named(self, name: str) -> Person:
        """The person called ``name``.

        Raises:
            NotFoundError: Nobody is.
        """
        for person in self.list():
            if person.name == name:
                return person
        raise NotFoundError(f"Nobody called {name!r} is enrolled in this lab.")

    def sign_in(self, name: str, passphrase: str) -> SignedIn:
        """Open the key of ``name``.

        The answer, the time and the waiting are the same whether the name or the passphrase is wrong. From the fourth
        failure in a row each further attempt waits, twice as long as the one before. Counted are failures on this
        computer since somebody last succeeded there, and failures for this name since its person last succeeded
        anywhere: nobody can try another's passphrases for ever by signing in as themselves in between. Failures are
        kept, and told in the lab chain when the person next succeeds. Of a name that nobody bears two bytes of a
        digest are kept, which is as slow to compute as a key is to open: people type passphrases there, and two bytes
        show none.

        Raises:
            SignInRefusedError: They do not belong together, the key has ended, or it is too early to try again.
        """
        trace = self._trace_of(name)  # of every name, so that it takes the same time
        with self.db.reading() as connection:
            row = _secret_of(connection, name)
            tried = trace if row is None else str(row.id)
            failures, wait_s = self._failures(connection, tried)
        if wait_s > 0:
            waste_time(self.key_parameters, passphrase)
            raise SignInRefusedError(wait_s)
        key = self._open(row, passphrase)
        if row is None or key is None:
            self._note(tried, succeeded=False)
            raise SignInRefusedError(_wait_after(failures + 1))
        signed_in = SignedIn(person=person_of(row._mapping), key=key)
        self._let_open(row, passphrase)
        self._tell_failures(signed_in)
        if self.store is not None:
            tell_failures(self.db, self.lab, self.store.folder, signed_in, self.now())
        self._note(tried, succeeded=True)
        return signed_in

    def enrol(self, actor: SignedIn, new: NewPerson, passphrase: str) -> Person:
        """Enrol somebody and seal their new key under ``passphrase``.

        Raises:
            PermissionRefusedError: The actor is no administrator.
            UnclearNameError: Somebody is enrolled by a name that is in theirs, or theirs in it, and it is not said that
                they are another person.
            RefusedError: The name is taken or something required is missing.
        """
        require(actor, "enrol a person", Role.ADMINISTRATOR)
        with self.db.writing() as connection:
            person = enrol(Writer(connection, self.now()), self.lab, actor, new, passphrase, self.key_parameters)
            if self.store is not None:
                slot = self.store.sealed(str(person.id), person.name, passphrase)
                self.store.keep(slot, sealed_digest(connection, person.id))
            return person

    def revoke(self, actor: SignedIn, person_id: PersonId, reason: str) -> Person:
        """End a person's key: what it signed stays valid, what it signs from now on does not.

        Entries in a case are judged by their times, so the end is put behind every entry that is there already, even
        where the clock has gone back since; what it said stands in the entry as the fact ``clock``.

        Raises:
            PermissionRefusedError: The actor is no administrator.
            RefusedError: No reason is given, the key has ended already, or no other administrator would be left.
        """
        require(actor, "end a key", Role.ADMINISTRATOR)
        if not reason.strip():
            raise RefusedError("Ending a key needs a reason.")
        clock = self.now()
        with self.db.writing() as connection:
            now = behind_everything(connection, clock)
            person = person_with(connection, person_id)
            if person.revoked_at is not None:
                raise RefusedError(f"The key of {person.name} has already ended.")
            if Role.ADMINISTRATOR in person.roles and _other_administrators(connection, person_id) == 0:
                raise RefusedError(f"{person.name} is the only administrator; enrol another one first.")
            writer = Writer(connection, now)
            writer.update(PERSON, person_id, {"revoked_at": time_text(now)})
            facts: dict[str, Json] = {"person": str(person_id), "key": person.key_id}
            if now != clock:
                facts["clock"] = time_text(clock)
            facts |= _left_facts(left_behind(connection, person_id))
            writer.append(
                lab_chain(self.lab),
                "person.revoke",
                Subject(kind="person", id=str(person_id), label=person.name),
                facts,
                [("actor", actor)],
                reason.strip(),
            )
            ended = person_with(connection, person_id)
        self.tidy_store()
        return ended

    def tidy_store(self) -> None:
        """Let nobody open an encrypted lab folder any more whose key ended, or with an earlier passphrase."""
        if self.store is not None:
            self.store.tidy(self.db)

    def _let_open(self, row: Row[Any], passphrase: str) -> None:
        """See that who signs in can also unlock an encrypted lab folder: it may be restored, or a key damaged."""
        if self.store is None:
            return
        if not self.store.opens_for(row.id, row.name, row.sealed_key_sha256, passphrase):
            slot = self.store.sealed(row.id, row.name, passphrase)
            with self.db.writing() as connection:
                if sealed_digest(connection, PersonId(UUID(row.id))) == row.sealed_key_sha256:
                    self.store.keep(slot, row.sealed_key_sha256)
        self.store.tidy(self.db)

    def _open(self, row: Row[Any] | None, passphrase: str) -> OpenKey | None:
        if row is None or row.revoked_at is not None:
            waste_time(self.key_parameters, passphrase)
            return None
        try:
            sealed = SealedKey.from_json(row.sealed_key)
            return open_key(replace(sealed, person=row.id), passphrase)
        except WrongPassphraseError:
            return None

    def _trace_of(self, name: str) -> str:
        """By what attempts with a name are counted that nobody bears; another one in each lab."""
        salt = hashlib.sha256(f"attempts to sign in to {self.lab.id}".encode()).digest()[:SALT_BYTES]
        return f"name:{stretch(_told_name(name), salt, self.key_parameters)[:2].hex()}"

    def _failures(self, connection: Connection, tried: str) -> tuple[int, int]:
        """Failures in a row that count for this attempt, and seconds to wait before it."""
        runs = [SIGN_IN.c.host == socket.gethostname(), SIGN_IN.c.person_id == tried]
        counted = [self._failures_in(connection, run) for run in runs]
        return max(count for count, _ in counted), max(wait_s for _, wait_s in counted)

    def _failures_in(self, connection: Connection, run: ColumnElement[bool]) -> tuple[int, int]:
        success = select(func.coalesce(func.max(SIGN_IN.c.id), 0)).where(run, SIGN_IN.c.succeeded == 1)
        query = select(func.count(), func.max(SIGN_IN.c.at)).where(run, SIGN_IN.c.id > success.scalar_subquery())
        count, last = connection.execute(query).one()
        if not (longest_s := _wait_after(count)):
            return count, 0
        left_s = (datetime.fromisoformat(last) + timedelta(seconds=longest_s) - self.now()).total_seconds()
        return count, max(0, min(math.ceil(left_s), longest_s))

    def _note(self, tried: str, *, succeeded: bool) -> None:
        with self.db.writing() as connection:
            connection.execute(
                insert(SIGN_IN).values(
                    person_id=tried,
                    succeeded=int(succeeded),
                    at=time_text(self.now()),
                    host=socket.gethostname(),
                )
            )

    def _tell_failures(self, signed_in: SignedIn) -> None:
        person = signed_in.person
        mine = SIGN_IN.c.person_id == str(person.id)
        success = select(func.coalesce(func.max(SIGN_IN.c.id), 0)).where(mine, SIGN_IN.c.succeeded == 1)
        query = select(SIGN_IN.c.at, SIGN_IN.c.host).where(mine, SIGN_IN.c.id > success.scalar_subquery())
        with self.db.writing() as connection:
            rows = connection.execute(query.order_by(SIGN_IN.c.id)).all()
            if not rows:
                return
            hosts = ", ".join(sorted({row.host for row in rows}))
            Writer(connection, self.now()).append(
                lab_chain(self.lab),
                "person.sign_in_failures",
                Subject(kind="person", id=str(person.id), label=person.name),
                {"failures": len(rows), "first_at": rows[0].at, "last_at": rows[-1].at, "hosts": hosts},
                [("actor", signed_in)],
            )


def check_chosen(passphrase: str) -> None:
    """Judge a passphrase that somebody chose for a key.

    Raises:
        RefusedError: It is too short.
    """
    try:
        check_new_passphrase(passphrase)
    except PassphraseTooShortError as error:
        raise RefusedError(str(error), then="Choose a longer one: several words are easy to remember.") from error


def behind_everything(connection: Connection, clock: datetime) -> datetime:
    """What the clock says, or if entries are there that bear a later time, the moment after them."""
    newest = newest_time(connection)
    return clock if newest is None else max(clock, newest + timedelta(microseconds=1))


def _left_facts(left: LeftBehind) -> dict[str, Json]:
    """What stays with a person whose key ends, for the entry that ends it; long lists are cut and counted."""
    named = {"held": left.exhibits, "offers_made": left.offers_made, "offers_awaited": left.offers_awaited}
    facts: dict[str, Json] = {}
    for name, exhibits in named.items():
        if exhibits:
            facts |= {name: [*exhibits[:NAMED_IN_AN_ENTRY]], f"{name}_count": len(exhibits)}
    return facts


def _wait_after(failures: int) -> int:
    """Seconds that an attempt must wait after so many failures in a row."""
    over = failures - FREE_ATTEMPTS
    return min(2**over, LONGEST_WAIT_S) if over > 0 else 0


def create_lab_record(
    writer: Writer,
    lab: LabInfo,
    new: NewPerson,
    passphrase: str,
    parameters: Argon2Parameters,
    *,
    store: StoreKey | None = None,
) -> SignedIn:
    """Write the lab and its first administrator, whose key signs its own enrolment: the root of the lab's trust.

    That entry also says of an encrypted lab which ``store`` it is: from then on it is opened as no other. The second
    entry begins the newest rules of custody, so that no chain of this lab is ever judged by older ones.
    """
    writer.insert(LAB, {
        "id": str(lab.id), "name": lab.name, "address": lab.address, "zone": lab.zone,
        "created_at": time_text(lab.created_at),
    })  # fmt: skip
    administrator = replace(new, roles=new.roles | {Role.ADMINISTRATOR})
    about: dict[str, Json] = {} if store is None else {STORE: store.store.hex()}
    signed_in = _enrol(writer, lab, None, administrator, passphrase, parameters, about)
    facts: dict[str, Json] = {STATED: RULES, "chains": []}
    writer.append(lab_chain(lab), BEGIN, Subject(kind="lab", id=str(lab.id), label=""), facts, [("actor", signed_in)])
    return signed_in


def lab_info(database: Database) -> LabInfo:
    """What the lab says of itself.

    Raises:
        NotALabError: The record holds no lab.
    """
    with database.reading() as connection:
        row = connection.execute(select(LAB)).mappings().first()
    if row is None:
        raise NotALabError("The database holds the tables of a lab, but no lab.")
    return lab_of(row)


def enrol(
    writer: Writer, lab: LabInfo, actor: SignedIn, new: NewPerson, passphrase: str, parameters: Argon2Parameters
) -> Person:
    """Write a person, their sealed key and the entry that enrols it, signed by ``actor``."""
    return _enrol(writer, lab, actor, new, passphrase, parameters).person


def _enrol(
    writer: Writer,
    lab: LabInfo,
    actor: SignedIn | None,
    new: NewPerson,
    passphrase: str,
    parameters: Argon2Parameters,
    about: Mapping[str, Json] | None = None,
) -> SignedIn:
    name = " ".join(new.name.split())
    if not (name and new.function.strip() and new.organisation.strip() and new.roles):
        raise RefusedError("A person needs a name, a rank or function, an organisation and at least one role.")
    if fault := why_no_name(name):
        raise RefusedError(f"This cannot be the name of a person: {fault}.", then="Type the name in one alphabet.")
    enrolled = writer.connection.scalars(select(PERSON.c.name)).all()
    if taken := next((one for one in enrolled if same_name(one, name)), None):
        raise RefusedError(f"Somebody called {taken!r} is already enrolled; add a middle name or the id number.")
    if (near := near_name(name, enrolled)) and not new.is_another:
        raise UnclearNameError(
            f"{name!r} and {near!r}, who is enrolled already, could be one person.",
            then="Nobody is enrolled twice: one person gets a new key instead (person rekey). If they are two, say so.",
        )
    person_id = PersonId(uuid4())
    check_chosen(passphrase)
    sealed, key = create_key(passphrase, person=str(person_id), parameters=parameters)
    sealed_text = sealed.to_json()
    values = {
        "id": str(person_id),
        "name": name,
        "function": new.function.strip(),
        "organisation": new.organisation.strip(),
        "id_number": new.id_number.strip(),
        "roles": roles_text(new.roles),
        "key_id": key.key_id,
        "public_key": key.public_key.raw.hex(),
        "sealed_key_sha256": hashlib.sha256(sealed_text.encode()).hexdigest(),
        "enrolled_at": time_text(writer.now),
        "revoked_at": None,
    }
    writer.insert(PERSON, values)
    writer.connection.execute(insert(PERSON_SECRET).values(person_id=str(person_id), sealed_key=sealed_text))
    signed_in = SignedIn(person=person_of(values), key=key)
    writer.append(
        lab_chain(lab),
        "person.enrol",
        Subject(kind="person", id=str(person_id), label=name),
        {
            "person": str(person_id),
            "key": key.key_id,
            "public_key": key.public_key.raw.hex(),
            "roles": [role.value for role in Role if role in new.roles],
            **({"another_than": near} if near else {}),
            **(about or {}),
        },
        [("actor", actor or signed_in)],
    )
    return signed_in


def _secret_of(connection: Connection, name: str) -> Row[Any] | None:
    joined = select(PERSON, PERSON_SECRET.c.sealed_key).join(PERSON_SECRET)
    return connection.execute(joined.where(PERSON.c.name == _told_name(name))).one_or_none()


def _told_name(name: str) -> str:
    return " ".join(name.split())


def sealed_digest(connection: Connection, person_id: PersonId) -> str:
    """SHA-256 of the sealed key of a person, hex, as their row has it."""
    query = select(PERSON.c.sealed_key_sha256).where(PERSON.c.id == str(person_id))
    return str(connection.scalar(query))


def person_or_none(connection: Connection, person_id: PersonId) -> Person | None:
    """The person with this id; None where nobody has it."""
    return record_or_none(connection, select(PERSON).where(PERSON.c.id == str(person_id)), person_of)


def person_with(connection: Connection, person_id: PersonId) -> Person:
    """The person with this id.

    Raises:
        NotFoundError: There is none.
    """
    person = person_or_none(connection, person_id)
    if person is None:
        raise NotFoundError(f"Nobody with the id {person_id} is enrolled in this lab.")
    return person


def _other_administrators(connection: Connection, person_id: PersonId) -> int:
    others = (PERSON.c.id != str(person_id)) & PERSON.c.revoked_at.is_(None)
    rows = connection.execute(select(PERSON.c.roles).where(others))
    return sum(Role.ADMINISTRATOR.value in row.roles.split(",") for row in rows)
