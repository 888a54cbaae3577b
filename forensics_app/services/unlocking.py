"""Unlocking encrypted volumes, and keeping their keys sealed for the person who asks for it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, delete, insert, select

from chain_of_custody.errors import SealedSecretError
from chain_of_custody.ledger import Json, Subject
from chain_of_custody.sealing import seal, unseal
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import SEALED_KEY, VOLUME_SECRET
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.catalogue import Volume
from forensics_app.model.image import EvidenceImage, ImageId, KeptKey, Keys
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.catalogues import Catalogues, check_examinable
from forensics_app.services.examine import Examine
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.volume_locks import note_unlocked, openings


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocking:
    """Use cases about keys of volumes. Keys live in memory until the person signs out, unless they are kept sealed."""

    db: Database
    lab: LabInfo
    catalogues: Catalogues
    examine: Examine
    now: Callable[[], datetime]

    def unlock(self, actor: SignedIn, image_id: ImageId, keys: Keys) -> tuple[str, ...]:
        """Try keys on the locked volumes of an image, and use those that open one from now on.

        Args:
            actor: An examiner.
            image_id: An image with a catalogue.
            keys: Each is tried on every encrypted volume.

        Returns:
            Ids of the volumes that were opened. Their content is listed when the catalogue is built again.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: No key opens any volume, the case has no authority in force, or the image waits for a
                decision.
            CatalogueError: There is no catalogue that says which volumes there are.
            EvidenceError: The image cannot be read.
        """
        require(actor, "unlock a volume", Role.EXAMINER)
        image, volumes = self._volumes(image_id)
        session = self.examine.readers.keys
        found = openings(image, volumes, session.of(image_id), keys)
        if not found:
            raise RefusedError(
                f"The key opens no locked volume of {image.number}.",
                kept="Nothing was recorded, and the key was not kept.",
                then="Check how it is written; upper and lower case count, and so does the kind of key.",
            )
        with self.db.writing() as connection:
            note_unlocked(Writer(connection, self.now()), actor, image, volumes, found)
        for opening in found.values():
            self.examine.unlock(image, opening.keys)
        session.note(image_id, found)
        return tuple(sorted(found))

    def keep(self, actor: SignedIn, image_id: ImageId, volume_id: str) -> KeptKey:
        """Keep the key that opened a volume, sealed so that only the actor can use it again.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The volume was not opened by a key since the actor signed in, or its key is kept already.
        """
        require(actor, "keep the key of a volume", Role.EXAMINER)
        opening = self.examine.readers.keys.openings(image_id).get(volume_id)
        if opening is None:
            raise RefusedError(f"No key was given that opened {volume_id}.", then="Unlock the volume first.")
        if any(one.volume_id == volume_id for one in self.kept(actor, image_id)):
            raise RefusedError(f"The key of {volume_id} is kept already.")
        kept_id = uuid4()
        belongs_to = _belongs_to(kept_id, image_id, volume_id, actor)
        sealed = seal(actor.key, _written(opening.keys), belongs_to)
        with self.db.writing() as connection:
            image = image_with(connection, image_id)
            writer = Writer(connection, self.now())
            values: Values = {
                "id": str(kept_id),
                "image_id": str(image_id),
                "person_id": str(actor.person.id),
                "volume_id": volume_id,
                "kind": opening.kind,
                "sealed_sha256": hashlib.sha256(sealed.encode()).hexdigest(),
                "kept_at": time_text(writer.now),
                "removed_at": None,
            }
            writer.insert(SEALED_KEY, values)
            connection.execute(insert(VOLUME_SECRET).values(sealed_key_id=str(kept_id), sealed=sealed))
            self._tell(writer, actor, image, "key.keep", volume_id, opening.kind)
        return KeptKey(id=kept_id, image_id=image_id, volume_id=volume_id, kind=opening.kind, kept_at=writer.now)

    def kept(self, actor: SignedIn, image_id: ImageId) -> tuple[KeptKey, ...]:
        """The keys of an image that the actor keeps, oldest first."""
        with self.db.reading() as connection:
            return tuple(_kept_of(row) for row in _rows(connection, actor, image_id))

    def use_kept(self, actor: SignedIn, image_id: ImageId) -> tuple[str, ...]:
        """Unlock with the keys that the actor keeps; as :meth:`unlock`.

        Raises:
            RefusedError: None is kept, none can be unsealed by the actor's key, or none opens a volume.
        """
        with self.db.reading() as connection:
            rows = _rows(connection, actor, image_id)
        if not rows:
            raise RefusedError("You keep no key of this image.")
        keys = Keys()
        for row in rows:
            try:
                belongs_to = _belongs_to(UUID(row.id), image_id, row.volume_id, actor)
                keys |= _read(unseal(actor.key, row.sealed, belongs_to))
            except (SealedSecretError, ValueError) as error:
                raise RefusedError(
                    f"The kept key of {row.volume_id} does not open: {getattr(error, 'why', 'it was changed')}.",
                    then="Remove it, unlock the volume with its key, and keep that again.",
                ) from None
        return self.unlock(actor, image_id, keys)

    def remove(self, actor: SignedIn, kept_id: UUID) -> None:
        """Delete a kept key; that it was kept stays in the record.

        Raises:
            NotFoundError: There is no such key.
            RefusedError: It is somebody else's, and the actor is no administrator.
        """
        with self.db.writing() as connection:
            query = select(SEALED_KEY).where(SEALED_KEY.c.id == str(kept_id), SEALED_KEY.c.removed_at.is_(None))
            row = connection.execute(query).one_or_none()
            if row is None:
                raise NotFoundError("That key is not kept.")
            if row.person_id != str(actor.person.id) and Role.ADMINISTRATOR not in actor.person.roles:
                raise RefusedError("Only who keeps a key, or an administrator, can remove it.")
            image = image_with(connection, ImageId(UUID(row.image_id)))
            connection.execute(delete(VOLUME_SECRET).where(VOLUME_SECRET.c.sealed_key_id == str(kept_id)))
            writer = Writer(connection, self.now())
            writer.update(SEALED_KEY, kept_id, {"removed_at": time_text(writer.now)})
            self._tell(writer, actor, image, "key.remove", row.volume_id, row.kind)

    def _volumes(self, image_id: ImageId) -> tuple[EvidenceImage, tuple[Volume, ...]]:
        with self.db.reading() as connection:
            image = image_with(connection, image_id)
            check_authority(case_with(connection, image.case_id), self.now(), self.lab.zone)
        check_examinable(image)
        with self.catalogues.open(image) as catalogue:
            return image, tuple(catalogue.volumes())

    def _tell(
        self, writer: Writer, actor: SignedIn, image: EvidenceImage, action: str, volume_id: str, kind: str
    ) -> None:
        facts: dict[str, Json] = {"image": image.number, "volume": volume_id, "key_kind": kind}
        subject = Subject(kind="image", id=str(image.id), label=image.number)
        chain = case_chain(case_with(writer.connection, image.case_id))
        writer.append(chain, action, subject, facts, [("actor", actor)])


def _rows(connection: Connection, actor: SignedIn, image_id: ImageId) -> list[Row[tuple[str, ...]]]:
    query = (
        select(SEALED_KEY, VOLUME_SECRET.c.sealed)
        .join(VOLUME_SECRET, VOLUME_SECRET.c.sealed_key_id == SEALED_KEY.c.id)
        .where(
            SEALED_KEY.c.image_id == str(image_id),
            SEALED_KEY.c.person_id == str(actor.person.id),
            SEALED_KEY.c.removed_at.is_(None),
        )
        .order_by(SEALED_KEY.c.kept_at, SEALED_KEY.c.id)
    )
    return list(connection.execute(query))


def _kept_of(row: Row[tuple[str, ...]]) -> KeptKey:
    return KeptKey(
        id=UUID(row.id),
        image_id=ImageId(UUID(row.image_id)),
        volume_id=row.volume_id,
        kind=row.kind,
        kept_at=datetime.fromisoformat(row.kept_at),
    )


def _belongs_to(kept_id: UUID, image_id: ImageId, volume_id: str, actor: SignedIn) -> dict[str, str]:
    return {"id": str(kept_id), "image": str(image_id), "volume": volume_id, "person": str(actor.person.id)}


def _written(keys: Keys) -> bytes:
    """A key as it is sealed."""
    document = {
        "passwords": keys.passwords,
        "recovery_keys": keys.recovery_keys,
        "startup_keys": [base64.b64encode(one).decode() for one in keys.startup_keys],
    }
    return json.dumps(document).encode()


def _read(content: bytes) -> Keys:
    document = json.loads(content)
    return Keys(
        passwords=tuple(document["passwords"]),
        recovery_keys=tuple(document["recovery_keys"]),
        startup_keys=tuple(base64.b64decode(one) for one in document["startup_keys"]),
    )
