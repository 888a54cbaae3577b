"""The bytes of logical volumes, put together from the physical volumes that are here.

Source: the segment types as lvm(8), lvmraid(7), lvmthin(7) and the metadata that the tools write describe them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evidence.volumes.base import Readable, Window
from evidence.volumes.joined import Absent, Joined, Zeros
from evidence.volumes.lvm_group import Group, Run
from evidence.volumes.lvm_label import dashed
from evidence.volumes.lvm_raid import LAYOUTS, Mirrored, Striped, near_copies, plain, state_of, up_to_date
from evidence.volumes.lvm_text import LvmError, items, number, text
from evidence.volumes.lvm_thin import ThinMetadata, ThinVolume

_SECTOR_BYTES = 512
_MAX_DEPTH = 32
_MAX_LEGS = 1024
_MAX_RAID10_COPIES = 16


class Assembler:
    """Builds the volumes of one group, each once."""

    def __init__(self, group: Group, devices: Mapping[str, Readable]) -> None:
        """Take the group and, by their identifiers, those of its physical volumes that are here."""
        self._group, self._devices = group, devices
        self._built: dict[str, Readable] = {}
        self._absent: dict[str, set[str]] = {}
        self._notes: dict[str, set[str]] = {}
        self._building: list[str] = []
        self._pools: dict[str, tuple[ThinMetadata, Readable]] = {}
        self._makers: dict[str, Callable[[Run], Readable]] = {
            "striped": self._striped,
            "linear": self._striped,
            "mirror": self._mirror,
            "raid1": self._raid1,
            "raid10": self._raid10,
            "raid10_near": self._raid10,
            "thin": self._thin,
            "zero": lambda run: Zeros(self._size(run)),
            "error": lambda run: Absent(self._size(run), "this part of the volume is declared to be unreadable"),
            **dict.fromkeys(LAYOUTS, self._parity_raid),
        }

    def volume(self, name: str) -> Readable:
        """The bytes of a volume, shown or hidden.

        Raises:
            LvmError: Its description is damaged, or it is of a kind that is not supported.
            UnreadableRegionError: The metadata of its pool cannot be read.
        """
        logical = self._group.logical.get(name)
        if logical is None:
            raise LvmError(f"There is no volume {name[:80]!r}, though another one is made of it.")
        if logical.problem:
            raise LvmError(f"The description of {name[:80]!r} is damaged: {logical.problem}")
        if name not in self._built:
            if name in self._building or len(self._building) >= _MAX_DEPTH:
                raise LvmError(f"The volume {name[:80]!r} lies in itself, or too deep in others.")
            self._building.append(name)
            try:
                self._built[name] = Joined([self._run(run) for run in logical.runs])
            finally:
                self._building.pop()
        for table in (self._absent, self._notes):
            for outer in self._building:
                table.setdefault(outer, set()).update(table.get(name, ()))
        return self._built[name]

    def absent(self, name: str) -> list[str]:
        """Identifiers of the physical volumes that a built volume misses."""
        return sorted(self._absent.get(name, ()))

    def notes(self, name: str) -> list[str]:
        """What has to be known of a built volume, sentences."""
        return sorted(self._notes.get(name, ()))

    def _size(self, run: Run) -> int:
        return run.extents * self._group.extent_bytes

    def _run(self, run: Run) -> Readable:
        maker = self._makers.get(run.type)
        if maker is None:
            what = f"The volume has a part of the type {run.type[:40]}, which is not supported."
            raise LvmError(what, is_damage=False)
        return maker(run)

    def _note(self, what: str) -> None:
        self._notes.setdefault(self._building[-1], set()).add(what)

    def _area(self, name: str, extent: int, extents: int) -> Readable:
        """A run of extents of a physical volume, or of another logical volume."""
        size, start = extents * self._group.extent_bytes, extent * self._group.extent_bytes
        physical = self._group.physical.get(name)
        if physical is None:
            inner = self.volume(name)
            if start + size > inner.media_bytes:
                raise LvmError(f"The extents {extent} to {extent + extents} of {name[:80]!r} lie past its end.")
            return Window(inner, start, size)
        if extent + extents > physical.extents:
            raise LvmError(f"The extents {extent} to {extent + extents} of {name[:80]!r} lie past its end.")
        device = self._devices.get(physical.uuid)
        if device is None:
            self._absent.setdefault(self._building[-1], set()).add(physical.uuid)
            return Absent(size, f"the physical volume {dashed(physical.uuid)} is not on this media")
        window = Window(device, physical.start_bytes + start, size)
        return Joined([window, Absent(size - window.media_bytes, "the physical volume ends before it")])

    def _areas(self, run: Run, name: str, extents: int) -> list[Readable]:
        """The areas of a list of names and extents."""
        values = items(run.fields, name)
        pairs = list(zip(values[::2], values[1::2], strict=False))
        if not pairs or len(values) % 2 or len(pairs) > _MAX_LEGS:
            raise LvmError(f"The list {name} of a volume has {len(values)} entries.")
        areas = []
        for area, extent in pairs:
            if not isinstance(area, str) or not isinstance(extent, int) or extent < 0:
                raise LvmError(f"The list {name} of a volume is damaged.")
            areas.append(self._area(area, extent, extents))
        return areas

    def _chunk(self, run: Run) -> int:
        sectors = number(run.fields, "stripe_size")
        if not 0 < sectors <= 1 << 31:
            raise LvmError(f"A volume has stripes of {sectors} sectors.")
        return sectors * _SECTOR_BYTES

    def _striped(self, run: Run) -> Readable:
        count = len(items(run.fields, "stripes")) // 2
        if not count or run.extents % count or number(run.fields, "stripe_count", count) != count:
            raise LvmError(f"A volume has {run.extents} extents on {count} stripes.")
        areas = self._areas(run, "stripes", run.extents // count)
        return areas[0] if count == 1 else Striped(areas, self._chunk(run), self._size(run))

    def _mirror(self, run: Run) -> Readable:
        """The first leg is the one that the others are copied from; they serve where it is not here."""
        legs = self._areas(run, "mirrors", run.extents)
        status = self._group.logical[self._building[-1]].status
        if status & {"NOTSYNCED", "MIRROR_NOTSYNCED", "PVMOVE"}:
            legs = legs[:1]
        return Mirrored(legs, self._size(run))

    def _legs(self, run: Run, *, is_split: bool = True) -> tuple[list[Readable], bool]:
        """The legs of an array as far as they are up to date, and whether they are known to agree."""
        if number(run.fields, "data_offset", 0) or number(run.fields, "reshape_count", 0):
            raise LvmError("The array was being reshaped, which is not supported.", is_damage=False)
        names = [str(item) for item in items(run.fields, "raids")]
        if not names:
            alone = [str(item) for item in items(run.fields, "raid0_lvs") if isinstance(item, str)]
            return [self.volume(name) for name in alone[:_MAX_LEGS]], True
        if len(names) % 2 or len(names) > 2 * _MAX_LEGS:
            raise LvmError(f"The list raids of a volume has {len(names)} entries.")
        legs = [self.volume(name) for name in names[1::2]]
        state = state_of([self.volume(name) for name in names[::2]])
        for leg in state.failed:
            self._note(f"Leg {leg} of the array in it is out of date{' and not read there' if is_split else ''}.")
        current = zip(legs, state.usable_bytes, strict=True)
        return [up_to_date(leg, usable, leg.media_bytes) for leg, usable in current], state.is_synchronised

    def _raid1(self, run: Run) -> Readable:
        legs, is_synchronised = self._legs(run, is_split=False)
        if not legs:
            raise LvmError("An array has no legs.")
        if not is_synchronised:
            self._note("The legs of the array in it were not yet made equal; the first one is read.")
        return Mirrored(legs if is_synchronised else legs[:1], self._size(run))

    def _raid10(self, run: Run) -> Readable:
        legs, is_synchronised = self._legs(run)
        copies = number(run.fields, "data_copies", 2)
        if len(legs) < 2 or not 1 <= copies <= min(len(legs), _MAX_RAID10_COPIES):
            raise LvmError(f"An array has {copies} copies on {len(legs)} legs.")
        layouts = near_copies(copies)[: None if is_synchronised else 1]
        return Striped(legs, self._chunk(run), self._size(run), layouts)

    def _parity_raid(self, run: Run) -> Readable:
        legs, _ = self._legs(run)
        parity, layout = LAYOUTS[run.type]
        least = 1 if layout is plain else parity + 1
        if len(legs) < max(least, 2 * parity):
            raise LvmError(f"An array of the type {run.type} has only {len(legs)} legs.")
        return Striped(legs, self._chunk(run), self._size(run), (layout,))

    def _thin(self, run: Run) -> Readable:
        metadata, data = self._pool(text(run.fields, "thin_pool"))
        device = number(run.fields, "device_id")
        root = metadata.device(device)
        if root is None:
            self._note(f"The thin pool holds nothing of this volume (device {device}): all of it reads as zeros.")
        outer = text(run.fields, "external_origin", "")
        origin = self.volume(outer) if outer else None
        return ThinVolume(metadata, data, root, self._size(run), origin)

    def _pool(self, name: str) -> tuple[ThinMetadata, Readable]:
        logical = self._group.logical.get(name)
        run = logical.runs[0] if logical is not None and len(logical.runs) == 1 else None
        if run is None or run.type != "thin-pool":
            raise LvmError(f"The thin pool {name[:80]!r} is not there, or damaged.")
        data = self.volume(text(run.fields, "pool"))  # each time, so that what is absent is known of each volume
        source = self.volume(text(run.fields, "metadata"))
        if name not in self._pools:
            self._pools[name] = ThinMetadata(source), data
        metadata = self._pools[name][0]
        if metadata.block_bytes != number(run.fields, "chunk_size") * _SECTOR_BYTES:
            raise LvmError(f"The thin pool {name[:80]!r} has blocks of {metadata.block_bytes} bytes, unlike its group.")
        if metadata.needs_check:
            self._note(f"The thin pool {name[:80]!r} says of itself that it needs to be checked.")
        if metadata.transaction != number(run.fields, "transaction_id", metadata.transaction):
            self._note(f"The thin pool {name[:80]!r} and its group count its changes differently.")
        return self._pools[name]
