"""People who are not users: couriers, owners, counsel, courts; a register, so that custody steps name them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Json, Subject
from chain_of_custody.names import names, same_name
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_register import outsider_of
from forensics_app.db.rows import record_with, records
from forensics_app.db.tables import OUTSIDER
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.register import NewOutsider, Outsider, OutsiderId
from forensics_app.services.corrections import check_reason, differing
from forensics_app.services.namesakes import check_name
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain

CHANGEABLE = ("name", "function", "organisation", "identity", "contact")
KEEPERS = (Role.ADMINISTRATOR, Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsiders:
    """Use cases about the register. Nobody is deleted from it; who is no longer met is ended."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def list(self) -> tuple[Outsider, ...]:
        """Everybody in the register, ended ones last, by name."""
        with self.db.reading() as connection:
            found = records(connection, select(OUTSIDER), outsider_of)
        return tuple(sorted(found, key=lambda one: (one.ended_at is not None, one.name.casefold(), str(one.id))))

    def get(self, outsider_id: OutsiderId) -> Outsider:
        """The person with this id.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            return _with(connection, outsider_id)

    def named(self, name: str) -> Outsider:
        """The one person of this name who is not ended.

        Raises:
            NotFoundError: There is none, or more than one.
        """
        found = [one for one in self.list() if one.name == name.strip() and one.ended_at is None]
        if len(found) != 1:
            how_many = "nobody" if not found else f"{len(found)} people"
            raise NotFoundError(f"The register holds {how_many} of the name {name!r}.")
        return found[0]

    def add(self, actor: SignedIn, new: NewOutsider) -> Outsider:
        """Add a person.

        Raises:
            PermissionRefusedError: The actor only reads, as auditors do.
            RefusedError: The person has no name, or stands in the register already.
        """
        require(actor, "change the register of people", *KEEPERS)
        if not new.name.strip():
            raise RefusedError("A person needs a name.")
        with self.db.writing() as connection:
            writer = Writer(connection, self.now())
            values: Values = {
                "id": str(uuid4()),
                "kind": new.kind.value,
                **{name: getattr(new, name).strip() for name in CHANGEABLE},
                "recorded_at": time_text(writer.now),
                "ended_at": None,
            }
            _check_name(actor, str(values["name"]))
            _refuse_twin(connection, values)
            writer.insert(OUTSIDER, values)
            outsider = outsider_of(values)
            self._sign(writer, "outsider.add", outsider, {"kind": new.kind.value}, actor)
        return outsider

    def change(self, actor: SignedIn, outsider_id: OutsiderId, changes: Mapping[str, str], reason: str) -> Outsider:
        """Correct what is written of a person.

        Args:
            actor: Anybody but an auditor.
            outsider_id: The person.
            changes: New values of :data:`CHANGEABLE`.
            reason: Why; required.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No reason, nothing that differs, no name left, or a field that is not changed.
        """
        require(actor, "change the register of people", *KEEPERS)
        check_reason(reason)
        if unknown := sorted(changes.keys() - set(CHANGEABLE)):
            raise RefusedError(f"These cannot be changed of a person: {', '.join(unknown)}.")
        with self.db.writing() as connection:
            outsider = _with(connection, outsider_id)
            values = differing(outsider, changes)
            if not values.get("name", outsider.name):
                raise RefusedError("A person needs a name.")
            _check_name(actor, str(values.get("name", outsider.name)))
            writer = Writer(connection, self.now())
            writer.update(OUTSIDER, outsider_id, values)
            self._sign(writer, "outsider.change", outsider, {}, actor, reason.strip())
            return _with(connection, outsider_id)

    def end(self, actor: SignedIn, outsider_id: OutsiderId, reason: str) -> Outsider:
        """Take a person off the list of those who are offered.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No reason, or ended already.
        """
        require(actor, "change the register of people", *KEEPERS)
        if not reason.strip():
            raise RefusedError("Say why the person is taken off the list.")
        with self.db.writing() as connection:
            outsider = _with(connection, outsider_id)
            if outsider.ended_at is not None:
                raise RefusedError(f"{outsider.name} was taken off the list already.")
            writer = Writer(connection, self.now())
            writer.update(OUTSIDER, outsider_id, {"ended_at": time_text(writer.now)})
            self._sign(writer, "outsider.end", outsider, {}, actor, reason.strip())
            return _with(connection, outsider_id)

    def _sign(
        self,
        writer: Writer,
        action: str,
        one: Outsider,
        facts: dict[str, Json],
        actor: SignedIn,
        why: str | None = None,
    ) -> None:
        subject = Subject(kind="outsider", id=str(one.id), label=one.name)
        writer.append(lab_chain(self.lab), action, subject, facts, [("actor", actor)], why)


def _with(connection: Connection, outsider_id: OutsiderId) -> Outsider:
    query = select(OUTSIDER).where(OUTSIDER.c.id == str(outsider_id))
    return record_with(connection, query, outsider_of, f"person in the register with the id {outsider_id}")


def _check_name(actor: SignedIn, name: str) -> None:
    """Nobody makes somebody outside of themselves, who could then sign as the other party."""
    check_name(name)
    if names(name, actor.person.name):
        raise RefusedError(
            f"{actor.person.name} cannot write of a person of their own name in the register of people outside.",
            then="If it is somebody else of the same name, let another person of the laboratory add them.",
        )


def _refuse_twin(connection: Connection, values: Values) -> None:
    """Two people may share a name; the same name, organisation and document is the same person."""
    same = [OUTSIDER.c[name] == values[name] for name in ("organisation", "identity")]
    known = connection.scalars(select(OUTSIDER.c.name).where(*same, OUTSIDER.c.ended_at.is_(None)))
    if any(same_name(one, str(values["name"])) for one in known):
        raise RefusedError(
            f"{values['name']} is in the register already.",
            then="If it is somebody else, say of which organisation, or give the number of a document.",
        )
