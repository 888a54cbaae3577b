"""Checking an image again part by part: stopped, killed and taken up again without losing what was read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from chain_of_custody.canonical import canonical
from chain_of_custody.ledger import Json
from chain_of_custody.signing import PublicKey
from evidence.digest import PartDigest
from evidence.isolation import Child
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_image import regions_of, regions_text
from forensics_app.db.tables import CHECK_PART, PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.image import (
    EvidenceImage,
    ImageCheck,
    ImageDescription,
    ImageId,
    OnProgress,
    PartOutcome,
    PartStatus,
    Region,
)
from forensics_app.model.logical import opening
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with
from forensics_app.services.comparison import Reading, reference_of, stretches, stretches_words
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.intake import checks_of, image_with, mark_failed, record_check
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.readers import check_source
from forensics_app.services.record import Writer, case_chain

SIGNED_AS = "forensics-check-part/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChecks:
    """Use cases of a check in parts. Each part is kept as soon as it was read, signed by who read it.

    A part that differs from the intake is recorded at once; when all parts were read they become one check, recorded
    like one that was read in one go, but without digests of the whole media.
    """

    db: Database
    journal: Journal
    now: Callable[[], datetime]
    part_bytes: int

    def status(self, image_id: ImageId) -> PartStatus:
        """How far the check of an image in parts has come; nothing is done when there is none.

        Raises:
            NotFoundError: There is no such image.
        """
        with self.db.reading() as connection:
            image = image_with(connection, image_id)
            return self._status(connection, image, self._size(connection, image))

    def read(
        self,
        actor: SignedIn,
        image_id: ImageId,
        *,
        numbers: Collection[int] | None = None,
        on_progress: OnProgress = lambda done, total: None,
    ) -> PartOutcome:
        """Read some parts of the media again, and compare them with the intake.

        Args:
            actor: An examiner, exhibits officer or supervisor.
            image_id: The image.
            numbers: Parts from 0; those that were read before are read anew. None: all that are still missing.
            on_progress: Bytes done, bytes of these parts. What it raises stops the reading; parts that are finished
                are kept.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: There is no such part, or nothing to compare parts with.
            EvidenceError: The source cannot be read as the image that was taken in.
        """
        require(actor, "check an image", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
        with self.db.reading() as connection:
            image = image_with(connection, image_id)
            size_bytes = self._size(connection, image)
            status = self._status(connection, image, size_bytes)
        wanted = status.missing if numbers is None else tuple(sorted(set(numbers)))
        _check_asked(image, status, wanted)
        parameters = {"image_id": str(image_id), "parts": ",".join(map(str, numbers or ()))}
        with self.journal.running("recheck", image.number, image.case_id, parameters) as say:
            self._read(actor, image, wanted, size_bytes, on_progress)
            outcome = self._conclude(actor, image, wanted, size_bytes)
            count = f"{outcome.status.total - len(outcome.status.missing)} of {outcome.status.total} parts were read"
            say(f"{image.number}: {outcome.check.what if outcome.check else count}.")
        return outcome

    def _size(self, connection: Connection, image: EvidenceImage) -> int:
        """Size of the parts that there is something to compare with."""
        checks = checks_of(connection, image.id)
        sizes = [check.part_bytes for at, check in enumerate(checks) if check.part_bytes and (at == 0 or check.agrees)]
        return sizes[0] if sizes else self.part_bytes

    def _read(
        self,
        actor: SignedIn,
        image: EvidenceImage,
        numbers: Collection[int],
        size_bytes: int,
        on_progress: OnProgress,
    ) -> None:
        with self.db.reading() as connection:
            reference = reference_of(checks_of(connection, image.id), size_bytes)
        source = opening(image.source)
        with Child() as child:
            found: ImageDescription = child.call("describe", source)
            check_source(image, found)
            arguments = {**source, "part_bytes": size_bytes, "numbers": tuple(numbers)}
            with closing(child.stream("hash_parts", arguments, on_progress=on_progress)) as parts:
                for part in parts:
                    self._keep(actor, image, part, size_bytes, reference)

    def _keep(
        self, actor: SignedIn, image: EvidenceImage, part: PartDigest, size_bytes: int, reference: Sequence[bytes]
    ) -> None:
        """Keep a part that was read; what differs from the intake is recorded at once."""
        number = part.offset_bytes // size_bytes
        values: Values = {
            "image_id": str(image.id),
            "number": number,
            "part_bytes": size_bytes,
            "sha256": part.sha256.hex(),
            "unreadable": regions_text(part.unreadable),
            "read_at": time_text(self.now()),
            "person_id": str(actor.person.id),
        }
        values["signature"] = actor.key.sign(_signed(values)).hex()
        same = (CHECK_PART.c.image_id == str(image.id)) & (CHECK_PART.c.number == number)
        with self.db.writing() as connection:
            connection.execute(delete(CHECK_PART).where(same))
            connection.execute(insert(CHECK_PART).values(values))
            if _differs(image, values, reference):
                writer = Writer(connection, self.now())
                mark_failed(writer, image)
                place = stretches_words(stretches((number,), size_bytes, image.source.media_bytes))
                what = f"differs from the intake: damage lies in {place}"
                self._tell(writer, actor, image, {"sha256": values["sha256"], "result": what})

    def _conclude(
        self, actor: SignedIn, image: EvidenceImage, numbers: Collection[int], size_bytes: int
    ) -> PartOutcome:
        """Record the whole check when all parts are there, else which of them were read."""
        with self.db.writing() as connection:
            status = self._status(connection, image, size_bytes)
            if not status.missing:
                check = _whole(connection, actor, image, size_bytes, self.now(), self._configuration())
                connection.execute(delete(CHECK_PART).where(CHECK_PART.c.image_id == str(image.id)))
                return PartOutcome(status=status, check=check)
            read = stretches(numbers, size_bytes, image.source.media_bytes)
            bad = f"; damage lies in {stretches_words(status.differing)}" if status.differing else ""
            what = f"{status.total - len(status.missing)} of {status.total} parts were read back{bad}"
            facts: dict[str, Json] = {
                "read": [[region.offset_bytes, region.length_bytes] for region in read],
                "result": what,
            }
            self._tell(Writer(connection, self.now()), actor, image, facts)
        return PartOutcome(status=status, check=None)

    def _status(self, connection: Connection, image: EvidenceImage, size_bytes: int) -> PartStatus:
        kept = _kept(connection, image, size_bytes)
        reference = reference_of(checks_of(connection, image.id), size_bytes)
        media_bytes = image.source.media_bytes
        bad = [number for number, row in kept.items() if _differs(image, row, reference)]
        return PartStatus(
            part_bytes=size_bytes,
            total=-(-media_bytes // size_bytes),
            done=frozenset(kept),
            differing=stretches(bad, size_bytes, media_bytes),
            comparable=bool(reference),
        )

    def _configuration(self) -> bytes:
        return configuration_sha256(self.journal.lab, self.journal.folder)

    def _tell(self, writer: Writer, actor: SignedIn, image: EvidenceImage, facts: dict[str, Json]) -> None:
        case = case_with(writer.connection, image.case_id)
        subject = exhibit_subject(exhibit_with(writer.connection, image.exhibit_id))
        inputs = {image.number: image.digests["sha256"].hex()}
        told = {
            "image": image.number,
            **facts,
            **act_facts({"part_bytes": self.part_bytes}, configuration=self._configuration(), inputs=inputs),
        }
        writer.append(case_chain(case), "image.check_part", subject, told, [("actor", actor)])


def _check_asked(image: EvidenceImage, status: PartStatus, wanted: Collection[int]) -> None:
    if not status.comparable:
        raise RefusedError(
            f"{image.number} was taken in before digests of parts were kept: there is nothing to compare parts with.",
            then="Read it back whole once; when that is equal to the intake, its parts can be compared from then on.",
        )
    outside = [number for number in wanted if not 0 <= number < status.total]
    if outside or not wanted:
        named = ", ".join(map(str, outside)) or "none"
        raise RefusedError(f"{image.number} has the parts 0 to {status.total - 1}; asked for: {named}.")


def _kept(connection: Connection, image: EvidenceImage, size_bytes: int) -> dict[int, Mapping[Any, Any]]:
    """The parts that were kept and bear the signature of who read them; any other counts as not read."""
    query = (
        select(CHECK_PART, PERSON.c.public_key, PERSON.c.name)
        .join(PERSON, PERSON.c.id == CHECK_PART.c.person_id)
        .where(CHECK_PART.c.image_id == str(image.id), CHECK_PART.c.part_bytes == size_bytes)
        .order_by(CHECK_PART.c.number)
    )
    total = -(-image.source.media_bytes // size_bytes)
    rows = connection.execute(query).mappings()
    return {row["number"]: row for row in rows if 0 <= row["number"] < total and _is_signed(row)}


def _is_signed(row: Mapping[Any, Any]) -> bool:
    try:
        key, signature = bytes.fromhex(row["public_key"]), bytes.fromhex(row["signature"])
        return PublicKey(key).fits(_signed(row), signature)
    except ValueError:
        return False


def _signed(row: Mapping[Any, Any]) -> bytes:
    """The bytes that a signature of a kept part is over."""
    names = ("image_id", "number", "part_bytes", "sha256", "unreadable", "read_at", "person_id")
    return SIGNED_AS.encode() + b"\n" + canonical({name: row[name] for name in names})


def _whole(
    connection: Connection, actor: SignedIn, image: EvidenceImage, size_bytes: int, now: datetime, configuration: bytes
) -> ImageCheck:
    rows = list(_kept(connection, image, size_bytes).values())
    reading = Reading(
        digests={},
        unreadable=_merged(region for row in rows for region in regions_of(row["unreadable"])),
        part_bytes=size_bytes,
        parts=tuple(bytes.fromhex(row["sha256"]) for row in rows),
    )
    started_at = min(datetime.fromisoformat(row["read_at"]) for row in rows)
    more: dict[str, Json] = {"read_by": _readers(rows, size_bytes, image.source.media_bytes)}
    return record_check(connection, actor, image.id, reading, started_at, now, configuration, more)


def _readers(rows: Sequence[Mapping[Any, Any]], size_bytes: int, media_bytes: int) -> list[Json]:
    """Who read which stretches of the media and when: the entry is signed only by who read the last of them."""
    by_person: dict[str, list[Mapping[Any, Any]]] = {}
    for row in rows:
        by_person.setdefault(row["person_id"], []).append(row)
    return [
        {
            "person": person,
            "name": read[0]["name"],
            "from": min(row["read_at"] for row in read),
            "to": max(row["read_at"] for row in read),
            "stretches": [
                [region.offset_bytes, region.length_bytes]
                for region in stretches([row["number"] for row in read], size_bytes, media_bytes)
            ],
        }
        for person, read in by_person.items()
    ]


def _differs(image: EvidenceImage, row: Mapping[Any, Any], reference: Sequence[bytes]) -> bool:
    """Whether a part reads otherwise than at the intake, as far as there is something to compare it with."""
    number, size_bytes = row["number"], row["part_bytes"]
    expected = [digest.hex() for digest in reference[number : number + 1]]
    there = _clipped(image.unreadable, number * size_bytes, (number + 1) * size_bytes)
    return bool(reference) and ([row["sha256"]] != expected or regions_of(row["unreadable"]) != there)


def _clipped(regions: Collection[Region], start: int, end: int) -> tuple[Region, ...]:
    found = []
    for region in regions:
        first, last = max(start, region.offset_bytes), min(end, region.offset_bytes + region.length_bytes)
        if first < last:
            found.append(Region(offset_bytes=first, length_bytes=last - first))
    return tuple(found)


def _merged(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Regions in order; those that touch each other as one, as a reading in one go has them."""
    found: list[Region] = []
    for region in regions:
        if found and found[-1].offset_bytes + found[-1].length_bytes == region.offset_bytes:
            before = found.pop()
            region = Region(offset_bytes=before.offset_bytes, length_bytes=before.length_bytes + region.length_bytes)
        found.append(region)
    return tuple(found)
