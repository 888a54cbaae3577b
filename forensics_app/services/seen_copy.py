"""What the other side's copy holds of what a kit names, as far as it was looked at; and how a fact of it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from evidence.digest import MediaDigests
from evidence.errors import EvidenceError
from evidence.images.base import Region
from evidence.views import ImageDescription
from forensics_app.errors import explain
from forensics_app.model.catalogue import Problem, TimeRule, Volume
from forensics_app.model.image import NO_KEYS, Keys
from forensics_app.model.kit import KitImage, KitVolume, Outcome, Tested

Row: TypeAlias = tuple[Any, ...]

NOT_THERE = "not there"
NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of the media: its files, and the keys of encrypted volumes in it."""

    paths: tuple[Path, ...]
    keys: Keys = NO_KEYS


@dataclass(slots=True)
class Seen:
    """What the copy holds of what the kit names."""

    description: ImageDescription | None = None
    media: MediaDigests | None = None
    volumes: dict[str, Volume] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    bases: dict[tuple[str, str], TimeRule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    why_not: str = ""
    why_no_files: str = ""
    bad: tuple[Region, ...] = ()
    damage: str = ""

    def around(self, volume_id: str) -> tuple[Volume, ...]:
        """The volumes that lie in each other, from the whole media to this one."""
        found: list[Volume] = []
        at: str | None = volume_id
        while at is not None and at in self.volumes and len(found) <= len(self.volumes):
            found.insert(0, self.volumes[at])
            at = self.volumes[at].parent
        return tuple(found)

    def why_no_volume(self, image: KitImage, volume_id: str) -> str:
        """Why a volume cannot be looked into: it, or one that it lies in, is locked here; empty where none is."""
        parents: Mapping[str, KitVolume] = {one.id: one for one in image.volumes}
        at: str | None = volume_id
        steps = 0
        while at is not None and steps <= len(parents) + 1:
            here, there = self.volumes.get(at), parents.get(at)
            if here is not None and here.locked:
                return f"volume {at} is encrypted ({here.encryption}) and no key that was given opens it"
            at = here.parent if here is not None else there.parent if there is not None else _around(at)
            steps += 1
        return "" if volume_id in self.volumes else self.why_no_files

    def why_not_listed(self, volume_id: str) -> str:
        """What of the copy was left out where a file should be; empty where the volume was listed whole."""
        about = next((one for one in self.problems if one.is_damage and one.where.startswith(volume_id)), None)
        return self.why_no_files or (f"the volume could not be listed whole: {about.what}".rstrip(".") if about else "")


def judged(subject: str, what: str, expected: str, found: str | None, why: str) -> Tested:
    """What came of a fact; ``why`` says that, and why, it cannot be tested."""
    if why or found is None:
        return Tested(subject=subject, what=what, outcome=Outcome.CANNOT_TEST, expected=expected, why=why)
    outcome = Outcome.SAME if found == expected else Outcome.DIFFERENT
    return Tested(subject=subject, what=what, outcome=outcome, expected=expected, found=found)


def words(error: EvidenceError) -> str:
    """What an error says, as the end of a sentence."""
    explanation = explain(error)
    return (explanation.what if explanation else str(error)).rstrip(".")


def _around(volume_id: str) -> str | None:
    """The volume that one of an archive lies in, by its id."""
    before, mark, _ = volume_id.rpartition("!")
    return before if mark else None
