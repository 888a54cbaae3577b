"""Places as a tree: sites, rooms, cabinets, shelves, each with the code that is on its label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_register import place_of
from forensics_app.db.rows import record_with, records
from forensics_app.db.tables import EXHIBIT, PLACE
from forensics_app.errors import RefusedError
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import counting_key
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.register import LIES_IN, NewPlace, Place, PlaceId, PlaceLine, is_part_of, why_no_place
from forensics_app.services.corrections import check_reason, differing
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain

BETWEEN = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Use cases about places. Codes are unique and never used again; a place is closed, never deleted."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def tree(self) -> tuple[PlaceLine, ...]:
        """Every place, each behind the one it lies in, by code as people count."""
        with self.db.reading() as connection:
            return tuple(_lines(_all(connection)))

    def coded(self, code: str) -> Place:
        """The place with this code.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            return record_with(
                connection, select(PLACE).where(PLACE.c.code == code.strip()), place_of, f"place {code!r}"
            )

    def add(self, actor: SignedIn, new: NewPlace) -> Place:
        """Add a place.

        Raises:
            PermissionRefusedError: The actor is neither administrator nor exhibits officer.
            RefusedError: It has no code, the code was used before, or it cannot lie where it is said to.
        """
        require(actor, "change the places", Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER)
        with self.db.writing() as connection:
            code = _free(connection, new.code)
            parent = None if new.parent_id is None else _with(connection, new.parent_id)
            _check_parent(new, parent)
            writer = Writer(connection, self.now())
            values: Values = {
                "id": str(uuid4()),
                "parent_id": None if parent is None else str(parent.id),
                "kind": new.kind.value,
                "code": code,
                "name": new.name.strip(),
                "recorded_at": time_text(writer.now),
                "closed_at": None,
            }
            writer.insert(PLACE, values)
            place = place_of(values)
            facts: dict[str, Json] = {"kind": new.kind.value, "in": "" if parent is None else parent.code}
            self._sign(writer, "place.add", place, facts, actor)
        return place

    def change(self, actor: SignedIn, place_id: PlaceId, changes: Mapping[str, str], reason: str) -> Place:
        """Correct the code or the name of a place.

        Args:
            actor: An administrator or exhibits officer.
            place_id: The place.
            changes: ``code``, ``name`` or both.
            reason: Why; required.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No reason, nothing that differs, a code that was used before, or another code while exhibits
                are recorded under the old one.
        """
        require(actor, "change the places", Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER)
        check_reason(reason)
        if unknown := sorted(changes.keys() - {"code", "name"}):
            raise RefusedError(f"These cannot be changed of a place: {', '.join(unknown)}.")
        with self.db.writing() as connection:
            place = _with(connection, place_id)
            values = differing(place, changes)
            if values.get("code", place.code) != place.code:
                _free(connection, changes["code"])
                if there := _lie_in(connection, place.code):
                    raise RefusedError(
                        f"Exhibits are recorded in {place.code}: {', '.join(there)}.", then="Move them first."
                    )
            writer = Writer(connection, self.now())
            writer.update(PLACE, place_id, values)
            self._sign(writer, "place.change", place, {}, actor, reason.strip())
            return _with(connection, place_id)

    def close(self, actor: SignedIn, place_id: PlaceId, reason: str) -> Place:
        """Say that nothing is put there any more.

        Raises:
            PermissionRefusedError: The actor is neither administrator nor exhibits officer.
            RefusedError: No reason, it is closed already, or something is still in it.
        """
        require(actor, "change the places", Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER)
        if not reason.strip():
            raise RefusedError("Say why nothing is put there any more.")
        with self.db.writing() as connection:
            place = _with(connection, place_id)
            if place.closed_at is not None:
                raise RefusedError(f"{place.code} is closed already.")
            inside = [one.code for one in _all(connection) if one.parent_id == place.id and one.closed_at is None]
            there = _lie_in(connection, place.code)
            if inside or there:
                raise RefusedError(
                    f"{place.code} is not empty: {', '.join((*inside, *there))}.", then="Move what is in it first."
                )
            writer = Writer(connection, self.now())
            writer.update(PLACE, place_id, {"closed_at": time_text(writer.now)})
            self._sign(writer, "place.close", place, {}, actor, reason.strip())
            return _with(connection, place_id)

    def _sign(
        self, writer: Writer, action: str, place: Place, facts: dict[str, Json], actor: SignedIn, why: str | None = None
    ) -> None:
        subject = Subject(kind="place", id=str(place.id), label=place.code)
        writer.append(lab_chain(self.lab), action, subject, facts, [("actor", actor)], why)


def check_shelf(connection: Connection, fields: Mapping[str, str]) -> None:
    """Refuse a step that puts an exhibit onto a shelf that is none of the lab's, as `check_place` does."""
    check_place(connection, fields.get("shelf", ""))


def check_place(connection: Connection, told: str) -> None:
    """Refuse a place that is not in the register of places, or is closed; a lab without a register has any place.

    Raises:
        RefusedError: There is no such place, or it is closed.
    """
    if why := why_no_place(told.strip(), _all(connection)):
        raise RefusedError(why, then="Choose a place of the laboratory that is in use, or add it to its places first.")


def _all(connection: Connection) -> tuple[Place, ...]:
    return records(connection, select(PLACE), place_of)


def _with(connection: Connection, place_id: PlaceId) -> Place:
    query = select(PLACE).where(PLACE.c.id == str(place_id))
    return record_with(connection, query, place_of, f"place with the id {place_id}")


def _lie_in(connection: Connection, code: str) -> Sequence[str]:
    """Numbers of the exhibits that are recorded as lying in a place itself, or in a part of it without a code."""
    query = select(EXHIBIT.c.number, EXHIBIT.c.place).where(EXHIBIT.c.place.startswith(code, autoescape=True))
    return [row.number for row in connection.execute(query) if is_part_of(row.place, code)]


def _free(connection: Connection, code: str) -> str:
    told = code.strip()
    if not told:
        raise RefusedError("A place needs a code, as it stands on its label.")
    if connection.scalar(select(PLACE.c.id).where(PLACE.c.code == told)) is not None:
        raise RefusedError(f"The code {told!r} is or was that of a place; it is never used again.")
    return told


def _check_parent(new: NewPlace, parent: Place | None) -> None:
    within = LIES_IN[new.kind]
    if parent is None and within:
        raise RefusedError(f"A {new.kind} lies in a {' or a '.join(within)}; say in which.")
    if parent is not None and parent.kind not in within:
        raise RefusedError(f"A {new.kind} does not lie in a {parent.kind}.")
    if parent is not None and parent.closed_at is not None:
        raise RefusedError(f"{parent.code} is closed.")


def _lines(places: Sequence[Place]) -> Iterator[PlaceLine]:
    children: dict[PlaceId | None, list[Place]] = {}
    for place in sorted(places, key=lambda place: counting_key(place.code)):
        children.setdefault(place.parent_id, []).append(place)

    def below(parent: PlaceId | None, depth: int, path: str) -> Iterator[PlaceLine]:
        for place in children.get(parent, ()):
            whole = f"{path}{BETWEEN}{place.code}" if path else place.code
            yield PlaceLine(place=place, depth=depth, path=whole)
            yield from below(place.id, depth + 1, whole)

    return below(None, 0, "")
