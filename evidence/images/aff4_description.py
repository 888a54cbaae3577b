"""What an AFF4 container says of an image: which object it is, which stream it has, its digests and its case.

Source: "AFF4 Standard v1.0", sections 2, 3.3, 4.3, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evidence.errors import DamagedContainerError, UnsupportedContainerError
from evidence.images.aff4_streams import SCHEMA
from evidence.images.aff4_turtle import TYPE, Facts, Term
from evidence.images.aff4_volume import Volume

IMAGE_TYPES = tuple(SCHEMA + name for name in ("DiskImage", "ContiguousImage", "DiscontiguousImage", "MemoryImage"))
ANY_IMAGE = SCHEMA + "Image"
MAP, IMAGE_STREAM = SCHEMA + "Map", SCHEMA + "ImageStream"
_LOGICAL = {SCHEMA + name for name in ("FileImage", "Folder", "FolderImage", "LogicalAcquisitionTask")}
_ENCRYPTED = SCHEMA + "EncryptedStream"
_DIGEST_BYTES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64, "blake2b": 64}
_TEXT_MAX = 4096

_METADATA = {
    "caseName": "case_name",
    "caseNumber": "case_number",
    "caseDescription": "description",
    "evidenceNumber": "evidence_number",
    "examiner": "examiner",
    "notes": "notes",
    "diskMake": "make",
    "diskModel": "model",
    "diskSerial": "serial_number",
    "diskFirmware": "firmware",
    "diskInterfaceType": "interface",
    "diskDeviceType": "media_type",
    "diskDeviceName": "device_name",
    "startTime": "acquired_at",
    "endTime": "acquisition_ended_at",
    "acquisitionType": "acquisition_type",
    "acquisitionCompletionState": "acquisition_state",
}


class Description:
    """What the descriptions of all the volumes say together."""

    def __init__(self, volumes: Sequence[Volume]) -> None:
        """Put them together."""
        self.path = volumes[0].path
        self._first = set(volumes[0].facts)
        self.facts: Facts = {}
        for volume in volumes:
            for subject, said in volume.facts.items():
                known = self.facts.setdefault(subject, {})
                for name, terms in said.items():
                    kept = known.setdefault(name, [])
                    kept += [term for term in dict.fromkeys(terms) if term not in kept]

    def terms(self, subject: str, name: str) -> Sequence[Term]:
        """What is said of an object by a property of AFF4."""
        return self.facts.get(subject, {}).get(SCHEMA + name, ())

    def types(self, subject: str) -> set[str]:
        """The types of an object."""
        return {term.value for term in self.facts.get(subject, {}).get(TYPE, ())}

    def of_type(self, *types: str) -> list[str]:
        """The objects of any of some types, in the order of their addresses."""
        return sorted(subject for subject in self.facts if self.types(subject) & set(types))

    def number(self, subject: str, name: str) -> int | None:
        """A size or count that is said of an object; None where nothing is said.

        Raises:
            DamagedContainerError: It is no number, or there are two.
        """
        values = {term.value.strip() for term in self.terms(subject, name)}
        if not values:
            return None
        if len(values) > 1 or not all(value.isascii() and value.isdigit() and len(value) < 20 for value in values):
            what = f"its description has no sensible {name} of {subject[:200]}: {', '.join(sorted(values))[:200]}"
            raise DamagedContainerError(self.path, what, None)
        return int(values.pop())

    def digests(self, subject: str, name: str = "hash") -> dict[str, bytes]:
        """Linear digests of an object, by their algorithm."""
        found: dict[str, bytes] = {}
        for term in self.terms(subject, name):
            algorithm = (term.datatype or "").removeprefix(SCHEMA).lower()
            try:
                digest = bytes.fromhex(term.value)
            except ValueError:
                continue
            if _DIGEST_BYTES.get(algorithm) == len(digest):
                found[algorithm] = digest
        return found

    def images(self) -> list[str]:
        """The images in the container: those that the first volume has, disks before others.

        Raises:
            UnsupportedContainerError: It holds files, not an image, or is encrypted.
            DamagedContainerError: It holds none.
        """
        disks = self.of_type(*IMAGE_TYPES)
        if any(_ENCRYPTED in self.types(subject) or self.terms(subject, "keyBag") for subject in self.facts):
            raise UnsupportedContainerError(self.path, "encrypted AFF4")
        if not disks and (self.of_type(*_LOGICAL) or not self.facts):
            raise UnsupportedContainerError(self.path, "logical evidence (AFF4-L)")
        others = [subject for subject in self.of_type(ANY_IMAGE) if subject not in disks]
        inner = {term.value for said in self.facts.values() for term in said.get(SCHEMA + "dependentStream", ())}
        maps = [subject for subject in self.of_type(MAP) if subject not in inner]
        streams = [subject for subject in self.of_type(IMAGE_STREAM) if subject not in inner]
        found = disks + others or maps or streams
        if not found:
            raise DamagedContainerError(self.path, "its description tells of no image", None)
        return sorted(found, key=lambda subject: subject not in self._first)

    def data_streams(self, image: str) -> list[str]:
        """The streams that have the bytes of an image; several are maps of the same in several volumes."""
        return [term.value for term in self.terms(image, "dataStream")] or [image]

    def metadata(self, image: str) -> dict[str, str]:
        """The case, the device and the acquisition, under the names that all containers have."""
        found: dict[str, list[str]] = {}
        for subject in self._about(image):
            for name, key in _METADATA.items():
                for term in self.terms(subject, name):
                    if term.datatype is not None and term.value and term.value not in found.setdefault(key, []):
                        found[key].append(term.value)
        return {key: "; ".join(values)[:_TEXT_MAX] for key, values in found.items() if values}

    def _about(self, image: str) -> Iterator[str]:
        yield image
        for subject in sorted(self.facts):
            if subject != image and any(term.value == image for term in self.terms(subject, "target")):
                yield subject


def joined_names(names: Iterable[str]) -> str:
    """Addresses for a sentence, no more than a few."""
    listed = list(names)
    more = f" and {len(listed) - 4} more" if len(listed) > 4 else ""
    return ", ".join(name[:200] for name in listed[:4]) + more
