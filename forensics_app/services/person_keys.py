"""Keys of people later on: another passphrase for the same key, and another key for the same person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from chain_of_custody.errors import CustodyError, WrongPassphraseError
from chain_of_custody.keys import SealedKey, change_passphrase, create_key
from chain_of_custody.ledger import REPLACE, Content, Entry, Json, SignerRole, Subject, utc_text
from chain_of_custody.store_key import StoreSlot
from forensics_app.db.ledger import entries_after
from forensics_app.db.mapping import Values
from forensics_app.db.tables import PERSON, PERSON_SECRET
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.person import GivenKey, LeftBehind, Person, PersonId, Role, SignedIn
from forensics_app.services.left_behind import left_behind
from forensics_app.services.people import People, behind_everything, check_chosen, person_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain

_REPLACING = f'{{"action":"{REPLACE}",'.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeys:
    """Use cases about the keys of people who are enrolled. The one that ends a key is :meth:`People.revoke`."""

    people: People

    def change_passphrase(self, name: str, passphrase: str, new_passphrase: str) -> Person:
        """Seal the key of ``name`` under another passphrase, with fresh salt and the present cost.

        The key stays the same, and with it everything that was signed. The old passphrase still opens a copy of the
        lab that was made before; whoever has both, has the key, and only another key helps.

        Raises:
            SignInRefusedError: Name and old passphrase do not belong together; counted and waited for as at signing in.
            RefusedError: The new passphrase is too short or the old one, or another workstation changed it meanwhile.
        """
        check_chosen(new_passphrase)
        if new_passphrase == passphrase:
            raise RefusedError(
                "The new passphrase is the old one.", kept="The passphrase is as it was.", then="Choose another one."
            )
        signed_in = self.people.sign_in(name, passphrase)
        try:
            return self._seal_anew(signed_in, passphrase, new_passphrase)
        finally:
            signed_in.key.close()

    def replace(self, actor: SignedIn, person_id: PersonId, passphrase: str, reason: str) -> Person:
        """Give a person another key, sealed under a passphrase that they type themselves.

        The old key ends with this entry: what it signed stays valid, what it signs from now on does not. The entry
        holds the reason and is signed by the actor and by the new key, so nobody gets a key in another's name without
        being named for it. Somebody whose key was ended gets into the lab again in this way, with their old roles. The
        time is put behind every entry that is there already, as in :meth:`People.revoke`.

        Raises:
            PermissionRefusedError: The key is somebody else's and the actor is no administrator.
            NotFoundError: There is no such person.
            RefusedError: There is no reason, or the passphrase is too short.
        """
        if actor.person.id != person_id:
            require(actor, "give somebody a new key", Role.ADMINISTRATOR)
        if not reason.strip():
            raise RefusedError("A new key needs a reason.")
        check_chosen(passphrase)
        sealed, key = create_key(passphrase, person=str(person_id), parameters=self.people.key_parameters)
        clock, slot = self.people.now(), self._slot(person_id, passphrase)
        try:
            with self.people.db.writing() as connection:
                writer = Writer(connection, behind_everything(connection, clock))
                old = person_with(connection, person_id)
                values: Values = {"key_id": key.key_id, "public_key": key.public_key.raw.hex(), "revoked_at": None}
                _store(writer, person_id, sealed, values)
                new = SignedIn(person=person_with(connection, person_id), key=key)
                facts: dict[str, Json] = {
                    "person": str(person_id),
                    "key": key.key_id,
                    "public_key": key.public_key.raw.hex(),
                    "roles": [role.value for role in Role if role in old.roles],
                    "replaces": old.key_id,
                }
                if writer.now != clock:
                    facts["clock"] = utc_text(clock)
                signers: list[tuple[SignerRole, SignedIn]] = [("actor", actor), ("receiver", new)]
                writer.append(lab_chain(self.people.lab), REPLACE, _subject(old), facts, signers, reason.strip())
                self._keep(slot, sealed)
            self.people.tidy_store()
            return new.person
        finally:
            key.close()

    def left_behind(self, person_id: PersonId) -> LeftBehind:
        """What nobody else can sign for once the key of a person has ended; asked before it is."""
        with self.people.db.reading() as connection:
            return left_behind(connection, person_id)

    def given(self) -> Mapping[str, GivenKey]:
        """By the id of each person who was given another key: how they came by the newest one."""
        with self.people.db.reading() as connection:
            _, entries = entries_after(connection, str(self.people.lab.id), 0, [REPLACE])
        return {
            content.object.id: GivenKey(at=content.recorded_at, by=content.actor.name, reason=content.reason or "")
            for content in _replacing(entries)
        }

    def _seal_anew(self, signed_in: SignedIn, passphrase: str, new_passphrase: str) -> Person:
        person = signed_in.person
        with self.people.db.reading() as connection:
            before = _sealed_text(connection, person.id)
        try:
            sealed = change_passphrase(
                SealedKey.from_json(before), passphrase, new_passphrase, parameters=self.people.key_parameters
            )
        except WrongPassphraseError:
            raise _changed_elsewhere(person) from None
        slot = self._slot(person.id, new_passphrase)
        with self.people.db.writing() as connection:
            if _sealed_text(connection, person.id) != before:
                raise _changed_elsewhere(person)
            writer = Writer(connection, self.people.now())
            _store(writer, person.id, sealed, {})
            facts: dict[str, Json] = {"person": str(person.id), "key": person.key_id}
            chain = lab_chain(self.people.lab)
            writer.append(chain, "person.passphrase", _subject(person), facts, [("actor", signed_in)])
            self._keep(slot, sealed)
            changed = person_with(connection, person.id)
        self.people.tidy_store()
        return changed

    def _slot(self, person_id: PersonId, passphrase: str) -> StoreSlot | None:
        """What lets a person unlock an encrypted lab folder with a new passphrase."""
        if self.people.store is None:
            return None
        with self.people.db.reading() as connection:
            person = person_with(connection, person_id)
        return self.people.store.sealed(str(person_id), person.name, passphrase)

    def _keep(self, slot: StoreSlot | None, sealed: SealedKey) -> None:
        if self.people.store is not None:
            self.people.store.keep(slot, _digest(sealed))


def replacements(entries: Iterable[Entry]) -> list[str]:
    """What is to be told of keys that somebody was given by another person: a sentence for each such entry."""
    return [
        f"Entry {content.sequence}: {content.actor.name} gave {content.object.label} a new key on "
        f"{content.recorded_at:%Y-%m-%d %H:%M} UTC. Reason: {content.reason or 'none'}. "
        f"{content.object.label} can say whether they were there and chose its passphrase."
        for content in _replacing(entries)
        if content.actor.id != content.object.id
    ]


def _replacing(entries: Iterable[Entry]) -> Iterator[Content]:
    """What the entries say that replace a key; damaged ones are left to verification."""
    for entry in entries:
        body: object = entry.body
        if isinstance(body, bytes) and body.startswith(_REPLACING):  # SQLite keeps whatever somebody put there
            with suppress(CustodyError):
                yield entry.content


def _store(writer: Writer, person_id: PersonId, sealed: SealedKey, values: Values) -> None:
    """Put a sealed key in the place of the one before, and its digest into the person's row."""
    text = sealed.to_json()
    writer.update(PERSON, person_id, {**values, "sealed_key_sha256": _digest(sealed)})
    mine = PERSON_SECRET.c.person_id == str(person_id)
    writer.connection.execute(update(PERSON_SECRET).where(mine).values(sealed_key=text))


def _digest(sealed: SealedKey) -> str:
    return hashlib.sha256(sealed.to_json().encode()).hexdigest()


def _sealed_text(connection: Connection, person_id: PersonId) -> str:
    query = select(PERSON_SECRET.c.sealed_key).where(PERSON_SECRET.c.person_id == str(person_id))
    text = connection.scalar(query)
    if text is None:
        raise NotFoundError("The sealed key of this person is missing.")
    return str(text)


def _changed_elsewhere(person: Person) -> RefusedError:
    return RefusedError(
        f"The key or the passphrase of {person.name} was changed by another workstation at the same moment.",
        kept="What that workstation recorded stays.",
        then="Sign in with the passphrase that was chosen there.",
    )


def _subject(person: Person) -> Subject:
    return Subject(kind="person", id=str(person.id), label=person.name)
