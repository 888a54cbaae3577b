"""Which key opens which volume of an image."""

from __future__ import annotations

from collections.abc import Sequence

from chain_of_custody.ledger import Subject
from evidence.errors import UnreadableContentError
from evidence.isolation import Child
from forensics_app.model.catalogue import Volume
from forensics_app.model.image import EvidenceImage, Keys
from forensics_app.model.logical import opening
from forensics_app.model.person import SignedIn
from forensics_app.services.cases import case_with
from forensics_app.services.readers import check_source
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.session_keys import Opening


def openings(image: EvidenceImage, volumes: Sequence[Volume], known: Keys, offered: Keys) -> dict[str, Opening]:
    """Try each key alone on the encrypted volumes, in a child process.

    Args:
        image: The image.
        volumes: All volumes of its catalogue.
        known: Keys that opened volumes before; what they open, and what opens without a key, is not told again.
        offered: The keys to try.

    Returns:
        By volume what opened it; volumes that nothing opened are not there.

    Raises:
        EvidenceError: The image cannot be read, or is another than was taken in.
    """
    encrypted = [volume for volume in volumes if volume.encryption is not None]
    if not encrypted:
        return {}
    found: dict[str, Opening] = {}
    are_open = _open_volumes(image, volumes, encrypted, known)
    progress = True
    while progress:  # a key may open a volume in one that another key opens
        progress = False
        for kind, keys in offered.single():
            new = _open_volumes(image, volumes, encrypted, known | keys) - are_open
            if new:
                found |= {volume_id: Opening(kind=kind, keys=keys) for volume_id in new}
                known, progress = known | keys, True
                are_open |= new
    return found


def note_unlocked(
    writer: Writer, actor: SignedIn, image: EvidenceImage, volumes: Sequence[Volume], opened: dict[str, Opening]
) -> None:
    """Write an entry for each volume that was unlocked: which, by what kind of key, never the key."""
    by_id = {volume.id: volume for volume in volumes}
    chain = case_chain(case_with(writer.connection, image.case_id))
    for volume_id, how in sorted(opened.items()):
        facts = {
            "image": image.number,
            "volume": volume_id,
            "encryption": by_id[volume_id].encryption,
            "key_kind": how.kind,
        }
        subject = Subject(kind="image", id=str(image.id), label=image.number)
        writer.append(chain, "volume.unlock", subject, facts, [("actor", actor)])


def _open_volumes(image: EvidenceImage, volumes: Sequence[Volume], encrypted: Sequence[Volume], keys: Keys) -> set[str]:
    by_id = {volume.id: volume for volume in volumes}
    name = str(image.id)
    with Child() as child:
        check_source(image, child.call("open", {"image": name, **opening(image.source), "keys": keys}))
        found = set()
        for volume in encrypted:
            try:
                if not child.call("is_locked", {"image": name, "volumes": _chain(by_id, volume)}):
                    found.add(volume.id)
            except UnreadableContentError:
                continue  # it lies in a volume that is locked
    return found


def _chain(by_id: dict[str, Volume], volume: Volume) -> tuple[Volume, ...]:
    """The volumes that lie in each other, from the whole media on."""
    path = [volume]
    while (parent := by_id.get(path[0].parent or "")) is not None and parent not in path:
        path.insert(0, parent)
    return tuple(path)
