"""The half of a dossier that comes from the evidence: exhibits, images, volumes, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forensics_app.model import dossier as paper
from forensics_app.model.catalogue import FileSystem, Stamp, Volume
from forensics_app.model.container_name import container_name
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import NO_OUTSIDE, Exhibit
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import NOT_READ, EvidenceImage, not_read
from forensics_app.model.logical import digested_words, is_members
from forensics_app.model.search import Space
from forensics_app.model.told import Told, told_list
from forensics_app.services.dossier_catalogues import problem_told
from forensics_app.services.dossier_operations import searched_spaces
from forensics_app.services.gathered import Gathered, KeptPhoto, ReadAgain
from forensics_app.services.volume_words import encryption_words, place_words, snapshot_words

_OWN_WORDS = frozenset({
    NO_OUTSIDE, "Whole media", "Unallocated", "Protective boot record", "GPT header", "GPT header: table",
    "GPT backup header", "GPT backup header: table", "Logical evidence",
})  # fmt: skip
"""What this program calls a volume, or gives as a reason; all are in the catalogues of words."""

NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
TIME_LABELS = {
    "modified": "Modified",
    "accessed": "Accessed",
    "changed": "Entry changed",
    "created": "Created",
    "deleted": "Deleted",
    "fn_modified": "Modified, file name",
    "fn_accessed": "Accessed, file name",
    "fn_changed": "Entry changed, file name",
    "fn_created": "Created, file name",
}


def exhibit_part(got: Gathered, exhibit: Exhibit) -> paper.Exhibit:
    """An exhibit with its photographs."""
    numbers = {one.id: one.number for one in got.exhibits}
    seizure = None
    if exhibit.seized_at is not None:
        seizure = paper.Seizure(
            place=exhibit.seized_place or None,
            at=exhibit.seized_at,
            by=exhibit.seized_by or None,
            witness=exhibit.seizure_witness or None,
        )
    return paper.Exhibit(
        number=exhibit.number,
        type=exhibit.type.value,
        description=exhibit.description,
        parent=numbers.get(exhibit.parent_id) if exhibit.parent_id else None,
        root=numbers.get(exhibit.root_id) if exhibit.root_id != exhibit.id else None,
        make=exhibit.make or None,
        model=exhibit.model or None,
        serial=exhibit.serial or None,
        condition=exhibit.condition or None,
        seal=exhibit.seal_number or None,
        seizure=seizure,
        state=exhibit.state.value.replace("_", " "),
        holder=exhibit.holder or None,
        place=exhibit.store_place or None,
        identifiers=got.particulars.get(exhibit.id, ()),
        clock_offset=got.clocks.get(exhibit.id),
        photos=tuple(_photo(got, kept) for kept in got.photos.get(exhibit.id, ())),
        no_photo_reason=_said(exhibit.no_photo_reason) or None,
    )


def _photo(got: Gathered, kept: KeptPhoto) -> paper.Photo:
    photo = kept.photo
    return paper.Photo(
        caption=photo.caption or photo.view.value,
        view=photo.view.value,
        sha256=photo.sha256,
        taken_at=photo.taken_at,
        author=got.people[photo.author_id].name,
        jpeg=kept.jpeg,
        absent=kept.absent or None,
    )


def image_part(got: Gathered, image: EvidenceImage) -> paper.ImageFacts:
    """An image: its container, digests, volumes, and every reading of it."""
    source = image.source
    volumes = got.volumes_of(image.id)
    whole = next((volume for volume in volumes if volume.id == "v0"), None)
    intake = next((event for event in got.events if _tells_intake(event, image)), None)
    return paper.ImageFacts(
        exhibit=image.number,
        source=next(one.number for one in got.exhibits if one.id == image.exhibit_id),
        container=container_name(source),
        segments=len(source.paths),
        paths=tuple(str(path) for path in source.paths),
        media_bytes=source.media_bytes,
        container_bytes=source.container_bytes,
        sector_bytes=source.sector_bytes,
        metadata=tuple((name.replace("_", " "), value) for name, value in source.metadata.items()),
        digests=tuple(
            paper.DigestCheck(
                algorithm=NAMES[name], stored=source.stored_digests.get(name), computed=image.digests.get(name)
            )
            for name in NAMES
        ),
        unreadable=[
            paper.MediaRegion(offset_bytes=region.offset_bytes, length_bytes=region.length_bytes)
            for region in image.unreadable
        ],
        not_read=[
            paper.MediaRegion(offset_bytes=region.offset_bytes, length_bytes=region.length_bytes, why=NOT_READ)
            for region in not_read(source.problems)
        ],
        not_read_unknown=any(one.about == NOT_READ and not one.regions for one in source.problems),
        problems=tuple(problem_told(problem) for problem in source.problems) + got.catalogued[image.id].problems,
        write_block=paper.WriteBlock(
            device=image.write_blocker.device or None, reason=image.write_blocker.reason_for_none or None
        ),
        started_at=image.started_at,
        ended_at=image.ended_at,
        operator=intake.actor if intake else None,
        tool=image.tool,
        partition_scheme=whole.partition_table.scheme if whole and whole.partition_table else None,
        volumes=tuple(
            _volume(volume, volumes, is_searched=Space.UNALLOCATED.value in searched_spaces(got, image))
            for volume in volumes
            if not is_members(volume)
        ),
        not_catalogued=got.catalogued[image.id].why_not or None,
        verifications=tuple((check.ended_at, check.what) for check in got.checks.get(image.id, ())[1:]),
        decision=image.decision or None,
        digests_of=digested_words(source),
        contents_compared=int(intake.fact("contents_compared") or 0) if intake else 0,
        contents_equal=int(intake.fact("contents_equal") or 0) if intake else 0,
    )


def _said(words: str) -> str:
    """Words of the program itself so that a report can say them in its own language; others as they are."""
    return Told(words) if words in _OWN_WORDS else words


def _tells_intake(event: CustodyEvent, image: EvidenceImage) -> bool:
    return event.action == "image.intake" and event.fact("image") == image.number


def _volume(volume: Volume, volumes: Sequence[Volume], *, is_searched: bool) -> paper.VolumeFacts:
    """A volume; what lies in archives in it is no volume of its own, but told of here."""
    found = volume.file_system
    members = [other for other in volumes if is_members(other) and other.parent == volume.id and other.file_system]
    types = ", ".join(dict.fromkeys(other.file_system.type for other in members if other.file_system))
    described = _said(volume.description or "")
    opened = Told("archives in it were opened ({types})", types=types) if members else ""
    return paper.VolumeFacts(
        id=volume.id,
        kind=volume.kind,
        start_bytes=volume.start_bytes,
        length_bytes=volume.length_bytes,
        parent=volume.parent,
        description=told_list([part for part in (described, snapshot_words(volume), opened) if part]),
        file_system=found.type if found else None,
        label=found.label if found else None,
        serial=found.serial if found else None,
        block_bytes=found.block_bytes if found else None,
        encryption=encryption_words(volume),
        locked=volume.locked,
        counts=_counts(found),
        not_examined=None if is_searched and volume.kind == "unallocated" else not_examined(volume),
    )


def _counts(found: FileSystem | None) -> tuple[tuple[str, int], ...]:
    if found is None or found.counts is None:
        return ()
    counts = found.counts
    return (
        ("files", counts.files),
        ("directories", counts.directories),
        ("links", counts.links),
        ("deleted", counts.deleted),
        ("orphans", counts.orphans),
    )


def not_examined(volume: Volume) -> str | None:
    """Why a volume's files are not listed; None when they are, or when it is not one that holds files."""
    if volume.locked:
        return Told("encrypted ({encryption}) and locked", encryption=encryption_words(volume))
    if volume.kind == "unallocated":
        return Told("hashed with the media, not searched")
    if is_members(volume):
        return None
    found = volume.file_system
    if found is not None and found.counts is None:
        return Told("{system}: this version lists no files of it", system=found.type)
    return None


def file_part(got: Gathered, index: int, read: ReadAgain) -> paper.ChosenFile:
    """A chosen file, and whether it read again as recorded."""
    chosen = read.chosen
    digests = (("MD5", chosen.md5), ("SHA-256", chosen.sha256))
    return paper.ChosenFile(
        reference=f"F-{index}",
        path=chosen.path,
        image=next(image.number for image in got.images if image.id == chosen.image_id),
        volume=place_words(got.volumes_of(chosen.image_id), chosen.volume_id),
        address=chosen.address,
        kind=kind_words(_kind_of(got, chosen)),
        allocated=chosen.state == "allocated",
        realloc="reallocated" in chosen.state,
        orphan=chosen.state == "orphan",
        size_bytes=chosen.size_bytes,
        digests=tuple((name, value) for name, value in digests if value is not None),
        mime=chosen.mime,
        times=file_times(chosen.times),
        thumbnail_jpeg=read.picture,
        thumbnail_absent=read.picture_absent or None,
        still=read.still or None,
        thumbnail_part=read.part or None,
        hidden=read.hidden or None,
        note=_compared_words(read) or None,
        remark=told_of(got, chosen.note) or None,
    )


def file_times(stamps: Mapping[str, Stamp]) -> tuple[paper.FileTime, ...]:
    """The times of a file in the order in which they are printed."""
    return tuple(
        paper.FileTime(
            label=label,
            ns=stamp.ns,
            source=stamp.source,
            basis=stamp.basis,
            resolution_ns=stamp.resolution_ns,
        )
        for name, label in TIME_LABELS.items()
        if (stamp := stamps.get(name)) is not None
    )


def told_of(got: Gathered, words: str) -> str:
    """What somebody wrote of a case, unless it names hidden content that the report does not, or may name it."""
    hidden = got.hidden_words
    is_told = hidden is None or hidden.are_in(words)
    return Told("(may name what is marked or concealed: not printed)") if words and is_told else words


def _kind_of(got: Gathered, chosen: ChosenFile) -> str:
    """The kind of entry, as it was recorded when the file was chosen.

    Older records do not say it. No name on an NTFS holds a colon but that of a stream after the name of its file.
    """
    for event in got.events:
        if event.action == "file.choose" and any(one.row_id == str(chosen.id) for one in event.changes):
            if kind := event.fact("kind"):
                return kind
            break
    volumes = got.volumes_of(chosen.image_id)
    found = next((volume.file_system for volume in volumes if volume.id == chosen.volume_id), None)
    is_stream = found is not None and "ntfs" in found.type.casefold() and ":" in chosen.path.rsplit("/", 1)[-1]
    return "stream" if is_stream else "file"


def _compared_words(read: ReadAgain) -> str:
    """What an examiner has to know of the second reading; nothing when it was equal, or there is no content."""
    if read.not_read:
        words = "The content was not read for this report, so it was not compared with the recorded digest: {why}"
        return Told(words, why=read.not_read)
    if read.is_equal is False:
        return Told("The content read for this report does NOT have the digest that was recorded.")
    if read.chosen.sha256 is None and read.chosen.size_bytes > 0:
        return Told("No SHA-256 of the content was recorded when the file was chosen, so it was not compared.")
    return ""
