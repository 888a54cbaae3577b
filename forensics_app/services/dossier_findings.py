"""The findings and notes of the record and the blocks of the author, as a report prints them."""

from __future__ import annotations

from forensics_app.model import dossier as paper
from forensics_app.model.cited import Cited
from forensics_app.model.names import storable
from forensics_app.model.note import Note
from forensics_app.model.report import Block
from forensics_app.model.target import TargetArea
from forensics_app.model.told import Told, told_list
from forensics_app.services.dossier_evidence import file_times, told_of
from forensics_app.services.gathered import CitedPicture, Gathered
from forensics_app.services.volume_words import place_words


def finding_part(got: Gathered, cited: Cited) -> paper.Finding:
    """A finding with what it cites: exhibit, volume, path, address, offset, digest, and times with their basis."""
    target = cited.target
    name = target.path.rpartition("/")[2] or target.words
    volume = place_words(got.volumes_of(target.image_id), target.volume_id) if target.volume_id else ""
    address = Told("address {address}", address=target.address) if target.address else ""
    state = Told(cited.state) if cited.state else ""
    what = "{exhibit}, image {image}"
    if cited.bytes_sha256:
        what = "{exhibit}, image {image}: SHA-256 of the cited bytes"
    elif target.sha256:
        what = "{exhibit}, image {image}: SHA-256 of the content"
    shown = got.cited_pictures.get(cited.id, CitedPicture())
    citation = paper.Citation(
        what=Told(what, exhibit=cited.exhibit, image=cited.image),
        where=told_list([part for part in (target.words, volume, address, state) if part], "; "),
        digest=cited.bytes_sha256 or target.sha256,
        check=shown.check,
        number=cited.number,
        image=cited.image,
        name=storable(target.path) or target.area.value,
        span_bytes=(target.offset_bytes or 0, target.length_bytes or 0) if cited.bytes_sha256 else None,
    )
    return paper.Finding(
        heading=Told("Finding {number}: {name}", number=cited.number, name=name),
        kind=paper.FindingKind.FACT,
        text=cited.text,
        author=cited.author,
        file=_file(cited, volume),
        citations=(citation,),
        thumbnail=shown.jpeg,
        thumbnail_absent=shown.absent or None,
        still=shown.still or None,
        thumbnail_part=shown.part or None,
    )


def block_part(got: Gathered, block: Block) -> paper.Finding:
    """A block of the author's text."""
    return paper.Finding(
        heading=block.heading.strip()
        or Told("Opinion" if block.kind is paper.FindingKind.OPINION else "Statement of fact"),
        kind=block.kind,
        text=block.text,
        basis=block.basis.strip() or None,
        author=got.author.name,
        section=block.section,
    )


def note_part(got: Gathered, note: Note) -> paper.Note:
    """A contemporaneous note; nothing of one that names hidden content."""
    return paper.Note(
        number=note.number,
        author=note.author,
        told_at=note.told_at,
        recorded_at=note.recorded_at,
        text=told_of(got, note.text),
        about=note.exhibit,
        addendum_to=note.addendum_to,
    )


def _file(cited: Cited, volume: str) -> paper.CitedFile | None:
    """The file that a finding is of; None where it cites the media, a volume or what no file uses."""
    target = cited.target
    if target.area not in (TargetArea.FILE, TargetArea.SLACK):
        return None
    return paper.CitedFile(
        reference=f"Finding {cited.number}",
        path=target.path,
        image=cited.image,
        volume=volume,
        address=target.address,
        state=cited.state,
        size_bytes=target.size_bytes if target.area is TargetArea.FILE else None,
        sha256=target.sha256,
        times=file_times(cited.times),
    )
