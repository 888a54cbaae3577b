"""Small pictures for the gallery: made in a child process, kept in a bounded file of the lab folder that is derived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.errors import EvidenceError
from forensics_app.db.thumbnail_file import ThumbnailFile
from forensics_app.errors import HiddenContentError, explain
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.image import EvidenceImage
from forensics_app.model.showing import film_time, is_picture, is_video
from forensics_app.services.concealing import Concealing, place_of
from forensics_app.services.examine import MAX_PICTURE_BYTES, Examine
from forensics_app.services.folder import LabFolder

BOX_PX = 192
BLURRED_PX = 8
"""So few pixels say what colours there are, and nothing of what is to be seen."""
DAMAGED = "damaged: as far as it can be decoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small picture, or why there is none.

    Attributes:
        encoded: JPEG; empty where there is none.
        why: Why there is none, why it is blurred, that it is only a part, or how its brightness is scaled; empty where
            it is shown as it is.
        is_blurred: Whether it says nothing of what is to be seen.
        caption: Of a still: when in the video it is, and how long that is; empty for a picture.
    """

    encoded: bytes
    why: str = ""
    is_blurred: bool = False
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnails:
    """Use cases about thumbnails. Those of concealed or marked files are never kept."""

    examine: Examine
    concealing: Concealing
    folder: LabFolder

    def of(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> tuple[Thumbnail, ...]:
        """One for each file, in their order.

        Raises:
            MatchesError: It cannot be told which of them are concealed, so none is shown.
        """
        concealed = self.concealing.why(image, entries)
        with ThumbnailFile(self.folder.thumbnails(image.case_id, image.id)) as kept:
            return tuple(self._one(image, entry, concealed.get(place_of(entry), ""), kept) for entry in entries)

    def _one(self, image: EvidenceImage, entry: CatalogueEntry, concealed: str, kept: ThumbnailFile) -> Thumbnail:
        why = _why_none(entry)
        if why:
            return Thumbnail(encoded=b"", why=why)
        key = f"{entry.volume_id} {entry.address} {entry.sha256.hex() if entry.sha256 else entry.size_bytes}"
        try:
            if self.examine.marks.of_content(image, entry.volume_id, entry.address):
                kept.drop(key)
                self.examine.marks.refuse_hidden(image, entry.volume_id, entry.address)
            is_flagged = bool(concealed) or self.concealing.is_looked_at(image, entry)
            if is_flagged:
                kept.drop(key)
            elif (there := kept.get(key))[0]:
                jpeg, said = there
                is_still = is_video(entry.mime, entry.extension)
                return Thumbnail(encoded=jpeg, why="" if is_still else said, caption=said if is_still else "")
            made, caption, remark = self._made(image, entry, BLURRED_PX if concealed else BOX_PX)
        except HiddenContentError as error:
            return Thumbnail(encoded=b"", why=str(error), is_blurred=True)
        except (EvidenceError, OSError) as error:
            told = explain(error)
            return Thumbnail(encoded=b"", why=told.what if told else str(error))
        if not is_flagged and remark != DAMAGED:
            kept.put(key, made, caption or remark)
        return Thumbnail(encoded=made, why=concealed or remark, is_blurred=bool(concealed), caption=caption)

    def _made(self, image: EvidenceImage, entry: CatalogueEntry, box_px: int) -> tuple[bytes, str, str]:
        """The small picture, its caption if it is a still, and that it is damaged or shown otherwise if it is."""
        if not is_video(entry.mime, entry.extension):
            picture = self.examine.thumbnail(image, entry, box_px)
            return picture.encoded, "", DAMAGED if picture.damage else picture.remark
        found = self.examine.still(image, entry, box_px)
        still, length = found.stills[0], film_time(found.length_ms * 1000)
        return still.encoded, f"{film_time(still.at_us)} / {length if found.length_ms else '?'}", ""


def _why_none(entry: CatalogueEntry) -> str:
    """Why a file has no thumbnail whatever it holds; an empty text where it may have one."""
    mime = entry.mime or ""
    if entry.kind not in ("file", "stream"):
        return "no picture"
    if is_video(entry.mime, entry.extension):
        return "" if entry.size_bytes else "empty"
    if not is_picture(entry.mime, entry.extension):
        return "no picture" if mime else "its content was not looked at"
    if entry.size_bytes > MAX_PICTURE_BYTES:
        return f"larger than {MAX_PICTURE_BYTES // (1024 * 1024)} MiB"
    return "" if entry.size_bytes else "empty"
