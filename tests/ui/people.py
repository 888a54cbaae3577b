"""People with real keys for tests of the window."""

from datetime import UTC, datetime
from uuid import uuid4

from chain_of_custody.signing import OpenKey
from forensics_app.model.person import Person, PersonId, Role, SignedIn

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
