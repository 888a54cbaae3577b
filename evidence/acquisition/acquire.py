"""A device or a file copied into an image: read once, hashed while it is read, safe to stop and to take up again."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from evidence.acquisition import journal, naming, planning, sameness
from evidence.acquisition.ewf_bytes import CHUNK_BYTES, EwfDescription
from evidence.acquisition.ewf_target import EwfTarget
from evidence.acquisition.hashing import MediaHasher
from evidence.acquisition.identity import identify
from evidence.acquisition.journal import Entry
from evidence.acquisition.pipeline import Block, stream
from evidence.acquisition.raw_target import RawTarget
from evidence.acquisition.reading import SourceReader
from evidence.acquisition.settings import (
    CHUNKS_PER_TABLE_MAX,
    Acquisition,
    BadRegion,
    Format,
    Settings,
    merged,
)
from evidence.acquisition.targets import Target, TargetFile
from evidence.digest import OnProgress, hash_media
from evidence.errors import ResumeError, ShortReadError, SourceError, TargetError
from evidence.images.base import Image
from evidence.images.ewf import open_ewf
from evidence.images.raw import RawImage


def acquire(
    source: Path,
    target: Path,
    settings: Settings,
    on_progress: OnProgress = lambda done, total: None,
    *,
    resume: bool = False,
    started_at: datetime | None = None,
    on_unreadable: Callable[[int], None] = lambda count: None,
) -> Acquisition:
    """Copy a block device or a file into an image. The source is opened read-only, and nothing ever overwritten.

    Args:
        source: A block device, a partition of one, or a file, which is copied as it is.
        target: Where the image goes; of an E01 or a split image the name of its first file, or without its suffix.
        settings: How. When it is taken up again, those that it was begun with hold, but for ``retries`` and ``verify``.
        on_progress: Called with bytes done and in all, about five times a second; media is counted once, and a second
            time where it is read back. What it raises ends the work, which can be taken up again.
        resume: Take up what was begun and did not come to its end. What was written is read again for the digests.
        started_at: The present moment; by the system's clock if None.
        on_unreadable: Called with how many bytes could not be read so far, when there are more of them.

    Returns:
        What came out, which the journal beside the target holds too. Media that could not be read, or was not equal
        when it was read back, is a result and no error.

    Raises:
        AcquisitionRefusedError: What is asked is not possible; nothing was written.
        ResumeError: It cannot be taken up again.
        TargetError: The target cannot be written; what is there can be taken up again.
        SourceError: The source cannot be opened, is gone, ends too early or was changed.
    """
    settings.check()
    base = naming.begun_as(target.absolute()) if resume else naming.base_of(target.absolute(), settings)
    log = naming.journal_of(base)
    identity = identify(source, settings.sector_bytes)
    if resume:
        entry = journal.load(log)
        journal.refuse_other_source(log, entry, identity)
        journal.refuse_other_exhibit(log, entry, settings.labels)
        settings = replace(entry.settings, retries=settings.retries, verify=settings.verify)
        entry = replace(entry, settings=settings)
        if not entry.is_whole:
            sameness.refuse_without_digests(log, entry)
            sameness.refuse_other_end(log, entry, sameness.end_of(source, identity.size_bytes))
            _make_way(entry, base)
            entry = replace(entry, resumed=entry.resumed + 1)
    else:
        planning.refuse(identity, base, settings)
        at = started_at or datetime.now(UTC)
        end = sameness.end_of(source, identity.size_bytes)
        entry = Entry(source=identity, settings=settings, identifier=uuid4(), started_at=at, end_sha256=end)
    if not resume:
        _save(log, entry)
    if not entry.is_whole:
        entry = _Copying(source, base, log, entry, on_progress, on_unreadable).run()
    if settings.verify and entry.equal is None:
        entry = _verified(base, log, entry, on_progress)
    return _result(base, log, entry)


class _Copying:
    """One run of copying, from a checkpoint to the end."""

    def __init__(
        self,
        source: Path,
        base: Path,
        log: Path,
        entry: Entry,
        on_progress: OnProgress,
        on_unreadable: Callable[[int], None],
    ) -> None:
        self._source, self._base, self._log, self._entry = source, base, log, entry
        self._bad: list[BadRegion] = list(entry.bad)
        self._media_bytes = entry.source.size_bytes
        self._done_bytes = 0
        self._on_progress, self._on_unreadable = on_progress, on_unreadable
        self._lost_bytes = sum(one.length_bytes for one in entry.bad)

    def run(self) -> Entry:
        """Copy what is missing, complete the target, and note it."""
        sector_bytes = self._entry.source.logical_sector_bytes
        retries = self._entry.settings.retries
        if self._lost_bytes:
            self._on_unreadable(self._lost_bytes)
        with ExitStack() as stack:
            reader = SourceReader(self._source, sector_bytes=sector_bytes, retries=retries)
            stack.callback(reader.close)
            reader.refuse_other_than(self._entry.source)
            hasher = stack.enter_context(MediaHasher())
            try:
                target = stack.enter_context(closing(_target(self._base, self._entry)))
                journal.save(self._log, self._entry)
                self._hash_again(hasher)
                self._copy(reader, target, hasher)
                reader.refuse_change()
                unlisted = target.finish(hasher.digests(), merged(self._bad))
                self._entry = replace(
                    self._entry,
                    bad=merged(self._bad),
                    files=tuple(path.name for path in target.paths),
                    digests=hasher.digests(),
                    parts=hasher.parts.digests(),
                    unlisted_bad=unlisted,
                )
                journal.save(self._log, self._entry)
            except OSError as error:
                raise self._refused(error) from error
        return self._entry

    def _hash_again(self, hasher: MediaHasher) -> None:
        """Digest what was written before, since a digest's state cannot be kept, and hold it against what was read."""
        end_bytes = self._entry.checkpoint.media_bytes
        if not end_bytes:
            return
        samples = sameness.copied_of(self._source, self._entry)
        written = _files(self._base, self._entry.settings, self._entry.checkpoint.files)
        try:
            with closing(_opened(written, self._entry.settings)) as image:
                sameness.refuse_other_content(self._log, self._entry, samples, image)

                def read(offset_bytes: int, view: memoryview) -> list[BadRegion]:
                    view[:] = image.read_at(offset_bytes, len(view))
                    return []

                for block in stream(read, 0, end_bytes, hasher, on_tick=self._tell):
                    self._done_bytes = block.offset_bytes + len(block.view)
                    self._tell()
            sameness.refuse_other_parts(self._log, self._entry, hasher.parts.digests())
        except SourceError as error:
            raise ResumeError(self._log, f"what was written before cannot be read back ({error})") from error

    def _copy(self, reader: SourceReader, target: Target, hasher: MediaHasher) -> None:
        start, end = self._entry.checkpoint.media_bytes, self._media_bytes
        blocks = stream(reader.read, start, end, hasher, pack=target.pack, stop=reader.stop, on_tick=self._tell)
        with closing(blocks):
            for block in blocks:
                target.write(block.packed)
                self._note_bad(block.bad)
                self._done_bytes = block.offset_bytes + len(block.view)
                self._keep(target, block, last=self._done_bytes == end)
                self._tell()

    def _keep(self, target: Target, block: Block, *, last: bool) -> None:
        """Make what was written safe, if there is enough of it, and only then note it; it ends in ``block``."""
        before, reached = self._entry.checkpoint, target.reached
        if reached == before or not (
            last or reached.media_bytes - before.media_bytes >= self._entry.settings.checkpoint_bytes
        ):
            return
        target.sync()
        kept = [one for one in self._bad if one.offset_bytes < reached.media_bytes]
        parts = block.parts_before.followed_by(block.view[: reached.media_bytes - block.offset_bytes])
        self._entry = replace(self._entry, checkpoint=reached, bad=merged(kept), parts=parts.digests())
        journal.save(self._log, self._entry)

    def _note_bad(self, bad: Sequence[BadRegion]) -> None:
        if bad:
            self._bad += bad
            self._lost_bytes += sum(one.length_bytes for one in bad)
            self._on_unreadable(self._lost_bytes)

    def _tell(self) -> None:
        passes = 2 if self._entry.settings.verify else 1
        self._on_progress(self._done_bytes, passes * self._media_bytes)

    def _refused(self, error: OSError) -> TargetError:
        return TargetError(self._base, error.strerror or str(error), self._entry.checkpoint.media_bytes)


def _make_way(entry: Entry, base: Path) -> None:
    """Remove the files behind the checkpoint, of which nothing is known to be safe."""
    number, stale = entry.checkpoint.files + 1, list[TargetFile]()
    several = entry.settings.segment_bytes is not None
    try:
        while (several or number == 1) and (path := naming.file_of(base, entry.settings, number)).exists():
            stale.append(TargetFile(path, continue_at=path.stat().st_size))  # held, so that nobody else writes it
            number += 1
        for file in stale:
            file.path.unlink()
    except OSError as error:
        raise TargetError(base, error.strerror or str(error), entry.checkpoint.media_bytes) from error
    finally:
        for file in stale:
            file.close()


def _target(base: Path, entry: Entry) -> Target:
    settings, source = entry.settings, entry.source
    if settings.format is Format.RAW:
        return RawTarget(base, segment_bytes=settings.segment_bytes, start=entry.checkpoint)
    described = EwfDescription(
        media_bytes=source.size_bytes,
        sector_bytes=source.logical_sector_bytes,
        compression=settings.compression.value,
        removable=bool(source.removable),
        physical=not source.partition,
        identifier=entry.identifier,
        labels=settings.labels,
        model=f"{source.vendor} {source.model}".strip(),
        serial=source.serial,
        software=settings.software,
        system=platform.system(),
        started_at=entry.started_at,
    )
    per_table = max(1, min(CHUNKS_PER_TABLE_MAX, settings.checkpoint_bytes // CHUNK_BYTES))
    limit = settings.segment_bytes or 0
    return EwfTarget(base, described, segment_bytes=limit, chunks_per_table=per_table, start=entry.checkpoint)


def _verified(base: Path, log: Path, entry: Entry, on_progress: OnProgress) -> Entry:
    """Read the target back from the disk, by the reader that every image is read with, and compare."""
    media_bytes = entry.source.size_bytes
    try:
        with closing(_opened(_files(base, entry.settings, len(entry.files)), entry.settings)) as image:
            again = hash_media(
                image,
                with_parts=True,
                on_progress=lambda done, total: on_progress(media_bytes + done, 2 * media_bytes),
            )
    except ShortReadError as error:
        differing = [str(error)]
    else:
        differing = [name for name, value in entry.digests.items() if again.digests[name] != value]
        differing += ["size"] if again.media_bytes != media_bytes else []
        differing += [f"part {number}" for number, pair in enumerate(zip(entry.parts, again.parts, strict=False))
                      if pair[0] != pair[1]]  # fmt: skip
        differing += [f"{one.length_bytes} bytes at {one.offset_bytes} cannot be read" for one in again.unreadable]
    entry = replace(entry, equal=not differing, differing=tuple(differing))
    _save(log, entry)
    return entry


def _opened(paths: Sequence[Path], settings: Settings) -> Image:
    """The target, opened as what it is: raw media may begin like a container."""
    return RawImage(paths) if settings.format is Format.RAW else open_ewf(paths)


def _files(base: Path, settings: Settings, count: int) -> tuple[Path, ...]:
    return tuple(naming.file_of(base, settings, number) for number in range(1, count + 1))


def _save(log: Path, entry: Entry) -> None:
    try:
        journal.save(log, entry)
    except OSError as error:
        raise TargetError(log, error.strerror or str(error), entry.checkpoint.media_bytes) from error


def _result(base: Path, log: Path, entry: Entry) -> Acquisition:
    return Acquisition(
        source=entry.source,
        settings=entry.settings,
        started_at=entry.started_at.isoformat(),
        paths=_files(base, entry.settings, len(entry.files)),
        journal=log,
        media_bytes=entry.source.size_bytes,
        digests=entry.digests,
        parts=entry.parts,
        bad=entry.bad,
        unlisted_bad=entry.unlisted_bad,
        resumed=entry.resumed,
        verified=entry.equal,
        differing=entry.differing,
    )
