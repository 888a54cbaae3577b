"""Pictures and stills of videos in a report: small, few, none of what is marked, concealed or the same (REQ-40)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from evidence.errors import EvidenceError, UnreadablePictureError, UnreadableVideoError
from forensics_app.errors import AppError, explain
from forensics_app.model.catalogue import CatalogueEntry, CatalogueError, CatalogueMissingError
from forensics_app.model.cited import Cited, CitedId
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, OnProgress, Picture
from forensics_app.model.mark import MarkKind
from forensics_app.model.retold import retold_unshown
from forensics_app.model.showing import film_time, is_video
from forensics_app.model.told import Count, Told, told_list
from forensics_app.services.carried import Carried
from forensics_app.services.examine import MAX_PICTURE_BYTES, Examine
from forensics_app.services.found_again import found_again
from forensics_app.services.gathered import CitedPicture, ReadAgain
from forensics_app.services.hidden_names import HiddenNames
from forensics_app.services.stages import WHOLE, stage

BOX_PX = 360
"""Side of the box of a picture: at its size on paper some 280 dots an inch."""
MOST = 1_000
"""So many pictures are in a report at most; they are held in memory until it is written."""
_TAGGED = "tagged "
Asked = TypeVar("Asked")
_NO_CATALOGUE = Told("The catalogue of its image is not on this computer.")
_CHANGED = Told("Not shown: its content does not have the recorded SHA-256.")


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is known of an image: what lies in it hidden, None where its catalogue cannot be used, and what is cited.

    Without a catalogue any content ``may_be_hidden``, if there is hidden content at all.
    """

    carried: Carried | None
    entries: Mapping[CitedId, CatalogueEntry]
    may_be_hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is printed of a picture or video: a JPEG with which frame or page it is; or why there is none."""

    jpeg: bytes | None = None
    absent: str = ""
    still: str = ""
    part: str = ""


class ReportPictures:
    """Reads the files of one report again, in their order, with the pictures among them."""

    def __init__(
        self,
        examine: Examine,
        images: Mapping[UUID, EvidenceImage],
        cited: Sequence[Cited],
        on_progress: OnProgress = lambda done, total: None,
        *,
        most: int = MOST,
    ) -> None:
        """Prepare; nothing is read.

        Args:
            examine: Reads files.
            images: Of the case, by id.
            cited: The findings that the report prints.
            on_progress: How much of a thousand is done, half of it for chosen files. What it raises stops the reading.
            most: So many pictures are made; of the others it is said that they were not.
        """
        self._examine, self._images, self._cited, self._left = examine, images, cited, most
        self._looked: dict[UUID, _Looked] = {}
        self._on_progress = on_progress

    def chosen(self, chosen: ChosenFile) -> ReadAgain:
        """A chosen file, its picture if it has one that nothing hides, and whether its digest is as recorded."""
        image, is_equal = self._images[chosen.image_id], None
        hidden = self._hiding(image, chosen)
        if chosen.sha256 is not None:
            try:
                is_equal = self._examine.sha256_now(image, chosen) == chosen.sha256
            except (EvidenceError, OSError) as error:
                return ReadAgain(chosen=chosen, hidden=hidden, not_read=_why(error))
            except CatalogueMissingError:
                return ReadAgain(chosen=chosen, hidden=hidden, not_read=_NO_CATALOGUE)
        if hidden or not (_is_picture(chosen) or _is_video(chosen)):
            return ReadAgain(chosen=chosen, hidden=hidden, is_equal=is_equal)
        shown = _Shown(absent=_CHANGED) if is_equal is False else self._shown(image, chosen)
        return ReadAgain(
            chosen=chosen,
            picture=shown.jpeg,
            picture_absent=shown.absent,
            still=shown.still,
            part=shown.part,
            is_equal=is_equal,
        )

    def of_chosen(self, files: Sequence[ChosenFile]) -> list[ReadAgain]:
        """Each chosen file, as :meth:`chosen` has it."""
        return [self.chosen(one) for one in _counted(files, stage(self._on_progress, 0, WHOLE // 2))]

    def of_findings(self) -> Mapping[CitedId, CitedPicture]:
        """What is shown of each finding that cites the whole of a picture or video."""
        cited = _counted(self._cited, stage(self._on_progress, WHOLE // 2, WHOLE))
        return {one.id: shown for one in cited if (shown := self._of_finding(one)) is not None}

    def _of_finding(self, cited: Cited) -> CitedPicture | None:
        target = cited.target
        image = self._images.get(target.image_id)
        if image is None or not target.is_whole_file:
            return None
        entry = self._look(image).entries.get(cited.id)
        if entry is None or not (_is_picture(entry) or _is_video(entry)):
            return None
        hidden = self._hiding(image, entry)
        if hidden:
            return CitedPicture(absent=hidden)
        check = None
        if target.sha256 is not None and (_is_video(entry) or entry.size_bytes <= MAX_PICTURE_BYTES):
            try:
                is_equal = self._examine.sha256_now(image, entry) == target.sha256
            except (EvidenceError, OSError) as error:
                return CitedPicture(absent=Told("The picture cannot be shown: {why}.", why=_why(error)))
            check = Told("equal" if is_equal else "DIFFERS")
            if not is_equal:
                return CitedPicture(absent=_CHANGED, check=check)
        shown = self._shown(image, entry)
        return CitedPicture(jpeg=shown.jpeg, absent=shown.absent, still=shown.still, part=shown.part, check=check)

    def _shown(self, image: EvidenceImage, file: CatalogueEntry | ChosenFile) -> _Shown:
        """The picture, or a frame of the video, made anew by the child process; or why there is none."""
        if self._left <= 0:
            return _Shown(absent=Told("Not shown: a report shows no more pictures than those before."))
        try:
            if _is_video(file):
                shown = self._still(image, file)
            else:
                shown = _picture(self._examine.picture(image, file, BOX_PX, "JPEG"))
        except UnreadableVideoError as error:
            return _Shown(absent=Told("No still of the video can be shown: {why}.", why=retold_unshown(error.why)))
        except (EvidenceError, OSError, AppError) as error:
            return _Shown(absent=Told("The picture cannot be shown: {why}.", why=_why(error)))
        self._left -= 1
        return shown

    def _still(self, image: EvidenceImage, file: CatalogueEntry | ChosenFile) -> _Shown:
        self._examine.concealing.refuse(image, file)
        found = self._examine.still(image, file, BOX_PX)
        frame, at = found.stills[0], film_time(found.stills[0].at_us, exact=True)
        if not found.length_ms:
            return _Shown(frame.encoded, still=Told("its frame at {at} (h:mm:ss); nothing else of it is shown", at=at))
        words = "its frame at {at} of {length} (h:mm:ss); nothing else of it is shown"
        return _Shown(frame.encoded, still=Told(words, at=at, length=film_time(found.length_ms * 1000, exact=True)))

    def _hiding(self, image: EvidenceImage, file: CatalogueEntry | ChosenFile) -> str:
        """Why nothing of a content is printed; an empty text where nothing hides it. A look at it changes nothing."""
        marks = self._examine.marks.of_content(image, file.volume_id, file.address)
        if kinds := {mark.kind for mark in marks}:
            return Told("Marked as {marks}: nothing of its content is printed.", marks=_kinds(kinds))
        for why in self._examine.concealing.why(image, (file,), also_seen=True).values():
            return Told("Marked as concealed ({why}): nothing of its content is printed.", why=_concealed(why))
        looked = self._look(image)
        if looked.may_be_hidden:
            words = (
                "It cannot be told whether it is the same as hidden content, for the catalogue is not on this "
                "computer: nothing of its content is printed."
            )
            return Told(words)
        carried = looked.carried
        if carried is not None and carried.is_content(file.sha256):
            return Told("It is the same as hidden content: nothing of its content is printed.")
        return ""

    def _look(self, image: EvidenceImage) -> _Looked:
        if image.id not in self._looked:
            self._looked[image.id] = self._looked_at(image)
        return self._looked[image.id]

    def _looked_at(self, image: EvidenceImage) -> _Looked:
        mine = [one for one in self._cited if one.target.image_id == image.id and one.target.is_whole_file]
        try:
            with self._examine.catalogues.open(image) as catalogue:
                carried = Carried(self._examine, image, catalogue)
                found = found_again(catalogue, [one.target for one in mine])
                rows = {entry.id: entry for entry in catalogue.rows([one for one in found if one])}
        except CatalogueError:
            return _Looked(None, {}, self._may_be_hidden(image))
        return _Looked(carried, {one.id: rows[at] for one, at in zip(mine, found, strict=True) if at in rows})

    def _may_be_hidden(self, image: EvidenceImage) -> bool:
        try:
            return HiddenNames(self._examine, image, None).may_be_any
        except CatalogueError:
            return True


def _picture(made: Picture) -> _Shown:
    """A picture; of one with several pages or frames the first; that and what else differs from the file is said."""
    said = list[str]()
    if made.pages > 1:
        said.append(Told("page or frame 1 of {count} is shown, the others are not", count=Count(made.pages)))
    if made.remark:
        said.append(Told("shown otherwise than it is stored: {why}", why=retold_unshown(made.remark)))
    if made.damage:
        said.append(Told("shown as far as it can be decoded: {why}", why=retold_unshown(made.damage)))
    return _Shown(made.encoded, part=told_list(said, "; ") if said else "")


def _is_picture(file: CatalogueEntry | ChosenFile) -> bool:
    return (file.mime or "").startswith("image/")


def _is_video(file: CatalogueEntry | ChosenFile) -> bool:
    return is_video(file.mime, file.path.rpartition(".")[2].lower())


def _counted(some: Sequence[Asked], on_progress: OnProgress) -> Iterator[Asked]:
    for at, one in enumerate(some):
        on_progress(at, len(some))
        yield one


def _kinds(kinds: set[MarkKind]) -> str:
    one, *others = [Told(kind.value) for kind in sorted(kinds)]
    return Told("{one} and {other}", one=one, other=others[0]) if others else one


def _concealed(why: str) -> str:
    """What conceals a picture, so that it can be printed in another language; names of tags stay as they are."""
    return Told("tagged {tag}", tag=why.removeprefix(_TAGGED)) if why.startswith(_TAGGED) else Told(why)


def _why(error: Exception) -> str:
    if isinstance(error, UnreadablePictureError):
        return retold_unshown(error.why)
    explanation = explain(error)
    return (explanation.what if explanation else str(error)).rstrip(".")
