"""People with real keys for tests of the window, and what they were trained in."""

from datetime import UTC, date, datetime
from uuid import uuid4

from chain_of_custody.signing import OpenKey
from forensics_app.model.competence import NewTraining
from forensics_app.model.person import Person, PersonId, Role, SignedIn
from tests.builders import Bench

ENROLLED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def signed_in(name: str = "Ana Kovač", *, seed: int = 1) -> SignedIn:
    """Somebody whose key is open."""
    key = OpenKey(bytes([seed]) * 32)
    person = Person(
        id=PersonId(uuid4()),
        name=name,
        function="Examiner",
        organisation="Police",
        id_number="2217",
        roles=frozenset({Role.EXAMINER}),
        key_id=key.key_id,
        public_key=key.public_key.raw,
        enrolled_at=ENROLLED,
        revoked_at=None,
    )
    return SignedIn(person=person, key=key)


def trained(bench: Bench, who: Person, until: date) -> None:
    """Record a training of ``who`` that is in force to the end of a day."""
    new = NewTraining(
        person_id=who.id, subject="Live data forensics", provider="Police academy",
        achieved_on=date(2022, 1, 10), expires_on=until,
    )  # fmt: skip
    bench.lab.competence.record(bench.supervisor, new)
