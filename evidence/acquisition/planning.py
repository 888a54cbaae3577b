"""What an acquisition would become, and why it may not begin; nothing is written to find out."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from evidence.acquisition import naming
from evidence.acquisition.identity import SourceIdentity, identify, lies_on
from evidence.acquisition.settings import Format, Settings
from evidence.errors import AcquisitionRefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An acquisition that may begin.

    Attributes:
        source: As the system describes it.
        first_file: Of the image.
        files_max: So many files it becomes, if nothing of the media can be compressed.
        needed_bytes: So much room it takes, if nothing of the media can be compressed.
        free_bytes: So much room there is.
    """

    source: SourceIdentity
    first_file: Path
    files_max: int
    needed_bytes: int
    free_bytes: int

    @property
    def is_tight(self) -> bool:
        """Whether there is room only if the media can be compressed."""
        return self.free_bytes < self.needed_bytes


def plan(source: Path, target: Path, settings: Settings) -> Plan:
    """Say what ``acquire`` would do; the source is opened read-only for its size and sectors.

    Raises:
        AcquisitionRefusedError: What is asked is not possible.
        SourceError: The source cannot be opened.
    """
    settings.check()
    base = naming.base_of(target.absolute(), settings)
    identity = identify(source, settings.sector_bytes)
    refuse(identity, base, settings)
    return Plan(
        source=identity,
        first_file=naming.file_of(base, settings, 1),
        files_max=naming.most_files(identity.size_bytes, settings),
        needed_bytes=naming.most_bytes(identity.size_bytes, settings),
        free_bytes=shutil.disk_usage(base.parent).free,
    )


def refuse(identity: SourceIdentity, base: Path, settings: Settings) -> None:
    """Refuse what would overwrite something, land on the source, or not fit.

    Raises:
        AcquisitionRefusedError: It would.
    """
    folder = base.parent
    if not folder.is_dir():
        raise AcquisitionRefusedError(f"There is no folder {folder}.")
    _refuse_names(identity, base, settings)
    if lies_on(folder, identity.path):
        raise AcquisitionRefusedError(f"The folder {folder} lies on the source.")
    media_bytes, sector_bytes = identity.size_bytes, identity.logical_sector_bytes
    if settings.format is Format.RAW:
        free_bytes = shutil.disk_usage(folder).free
        if free_bytes < media_bytes:
            raise AcquisitionRefusedError(
                f"The media has {media_bytes:,} bytes, and only {free_bytes:,} are free in {folder}."
            )
    elif media_bytes % sector_bytes:
        raise AcquisitionRefusedError(
            f"The source has {media_bytes:,} bytes, which are not whole sectors of {sector_bytes}; an E01 holds whole "
            "sectors only. Acquire it as raw."
        )
    count = naming.most_files(media_bytes, settings)
    if count > naming.FILES_MAX:
        raise AcquisitionRefusedError(f"This could become {count:,} files; allow larger ones.")


def _refuse_names(identity: SourceIdentity, base: Path, settings: Settings) -> None:
    folder, log = base.parent, naming.journal_of(base)
    first = naming.file_of(base, settings, 1)
    if first.exists() and first.samefile(identity.path):
        raise AcquisitionRefusedError("The target is the source itself.")
    segment = r"\.E(?:\d\d|[A-Z]{2})" if settings.format is Format.E01 else r"\.\d{3,}"
    segment_of_ours = re.compile(re.escape(base.name) + segment, re.IGNORECASE)
    others = [path for path in sorted(folder.iterdir()) if segment_of_ours.fullmatch(path.name)]
    for path in (log, first, *others):  # a segment of another image would be taken for one of ours when resuming
        if path.exists() or path.is_symlink():
            raise AcquisitionRefusedError(f"{path} already exists; nothing is ever overwritten.")
    if log.name in {naming.file_of(base, settings, number).name for number in (1, 2)}:
        raise AcquisitionRefusedError(f"{log.name} is the name of the journal; choose another one.")
