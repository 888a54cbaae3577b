"""Layers: what lies between a volume and the file systems in it, such as encryption, volume groups and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from evidence.filesystems.base import FileSystem
from evidence.filesystems.opened import OpenedFileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable

DIVIDED = frozenset({"decrypted", "logical"})
"""The kinds of volumes that a layer shows which are media of their own, and may have partition tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A volume that a layer shows.

    Attributes:
        slot: Unique in its layer; the end of the volume's id: ``d`` (decrypted), ``lvroot``, ``s1`` (snapshot) ...
        kind: ``decrypted``, ``logical``, ``snapshot`` or ``pool_volume``.
        description: What it is, in words.
        length_bytes: Its size.
        source: Its bytes; None where it has none of its own (APFS) or is locked.
        file_system: Its file system, where the layer's own reader opens it; None to look for one in ``source``.
        snapshot_time_ns: When the snapshot was taken, nanoseconds since 1970 UTC.
        encryption: As in :class:`evidence.volumes.base.Volume`; ``locked`` too.
        problems: What is wrong with it; ``where`` is empty, and filled in with its id.
        inner: Volumes in it that the same layer shows, such as the snapshots of an APFS volume.
        is_copy: Whether it is an earlier or later state of a volume beside it.
    """

    slot: str
    kind: str
    description: str
    length_bytes: int
    source: Readable | None = None
    file_system: OpenedFileSystem | None = None
    snapshot_time_ns: int | None = None
    encryption: str | None = None
    locked: bool = False
    problems: tuple[Problem, ...] = ()
    inner: tuple[Inner, ...] = ()
    is_copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What an opener found on a volume.

    Attributes:
        volumes: What it shows, the same and in the same order every time.
        encryption: Set where the volume is encrypted.
        locked: Whether no key fitted.
        facts: What the volume is listed as (``lvm2``, ``apfs``); None where it has a file system of its own beside
            the layer, as under shadow copies, or where it is encrypted.
        is_beside: Whether the volume's own file system is listed too (shadow copies).
        problems: Damage and remarks; ``where`` is empty, and filled in with the volume's id.
    """

    volumes: tuple[Inner, ...] = ()
    encryption: str | None = None
    locked: bool = False
    facts: FileSystem | None = None
    is_beside: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What an opener is given beside the volume and the keys.

    Attributes:
        earlier: Partitions of the same table, for a volume group may lie on several of them. The one that comes first
            shows the group; the later ones only say that they belong to it.
        later: The partitions behind it.
        on_step: To be called before every derivation of a key, for each may take seconds, and many keys may be tried;
            what it raises passes through (= cancel).
        is_of_layer: Whether they are volumes that a layer shows, or devices of a file system, and no partitions.
    """

    earlier: Sequence[Readable] = ()
    later: Sequence[Readable] = ()
    on_step: Callable[[], None] = lambda: None
    is_of_layer: bool = False

    @property
    def for_layers(self) -> Beside:
        """As further layers are given it: what is beside a volume of a layer is for file systems only."""
        return replace(self, earlier=(), later=()) if self.is_of_layer else self


ALONE = Beside()


def siblings(volumes: Sequence[Inner], own: Inner) -> Beside:
    """The volumes beside one that the same layer shows, for a file system may lie on several of them."""
    if own.kind != "logical" or own.is_copy:
        return ALONE
    at = volumes.index(own)
    sources = [
        (place, inner.source)
        for place, inner in enumerate(volumes)
        if place != at and inner.kind == "logical" and not inner.is_copy and inner.source is not None
    ]
    return Beside(
        earlier=tuple(source for place, source in sources if place < at),
        later=tuple(source for place, source in sources if place > at),
        is_of_layer=True,
    )


class Opener(Protocol):
    """Looks for one kind of layer on a volume and opens it."""

    def __call__(self, source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
        """The layer, locked if no key fits; None where its signature is not there.

        Damage is told by ``problems`` of the layer. UnreadableRegionError passes through.
        """
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """An opener that is called only where a signature is there.

    Attributes:
        look: Whether the start of a volume may be such a layer: a cheap question that does not need its reader.
        open: The opener.
    """

    look: Callable[[Readable], bool]
    open: Opener

    def __call__(self, source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
        """See :class:`Opener`."""
        return self.open(source, keys, beside) if self.look(source) else None
