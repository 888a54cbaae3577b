"""What the page shows of tags, findings and hash sets of a case; read in worker threads whenever the record changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from forensics_app.errors import AppError
from forensics_app.model.filter_language.vocabulary import Vocabulary
from forensics_app.model.hash_set import LookUpStanding
from forensics_app.model.tag import Tagged

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.cited import Cited
    from forensics_app.model.image import ImageId
    from forensics_app.model.tag import Tag, Tagging, TagId
    from ui.examine.case_reading import ImageShown
    from ui.examine.shelf import Shelf

NOTHING = Tagged(entries={}, parts={})


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsShown:
    """Tags, findings and bookmarks of a case, and what its filters can name.

    Attributes:
        tags: Those in use.
        names: All of them by id, also those that were taken out of use.
        tagged: By image, what bears tags in its catalogue; nothing of an image whose catalogue cannot be used.
        cited: Findings and bookmarks that stand.
        vocabularies: By image.
        standings: By image, how far it is looked up in the hash sets.
    """

    tags: tuple[Tag, ...] = ()
    names: Mapping[TagId, Tag] = field(default_factory=dict)
    tagged: Mapping[ImageId, Tagged] = field(default_factory=dict)
    cited: tuple[Cited, ...] = ()
    vocabularies: Mapping[ImageId, Vocabulary] = field(default_factory=dict)
    standings: Mapping[ImageId, LookUpStanding] = field(default_factory=dict)

    def of(self, image_id: ImageId | None) -> Tagged:
        """What of an image bears tags."""
        return self.tagged.get(image_id, NOTHING) if image_id else NOTHING

    def on(self, image_id: ImageId | None) -> Mapping[int, tuple[Tag, ...]]:
        """The tags on each entry of an image and on bytes of it, each once."""
        found = self.of(image_id)
        ids = {*found.entries, *found.parts}
        return {one: self._of((*found.entries.get(one, ()), *found.parts.get(one, ()))) for one in ids}

    def with_key(self, key: int) -> Tag | None:
        """The tag that a digit puts."""
        return next((one for one in self.tags if one.key == key), None)

    def _of(self, taggings: Iterable[Tagging]) -> tuple[Tag, ...]:
        return tuple(self.names[tag_id] for tag_id in dict.fromkeys(one.tag_id for one in taggings))


def read_tags(lab: Lab, shelf: Shelf, case_id: CaseId, images: Iterable[ImageShown]) -> TagsShown:
    """Read them; an image whose catalogue or matches cannot be read has none, and says so elsewhere."""
    every = lab.tags.all()
    tagged: dict[ImageId, Tagged] = {}
    vocabularies: dict[ImageId, Vocabulary] = {}
    standings: dict[ImageId, LookUpStanding] = {}
    for shown in images:
        if shown.content is None:
            continue
        image = shown.image
        if shelf.is_unfinished(image.id):
            image = replace(image, catalogue_sha256=None)  # what is being built is another one than was recorded
        vocabularies[image.id] = shown.content.vocabulary
        if shown.content.header.content_examined and not shelf.is_unfinished(image.id):
            standings |= _standing(lab, shown)
        try:
            reader = shelf.reader(shown.image)
            tagged[image.id] = lab.tags.of_image(image, reader)
            vocabularies[image.id] = lab.catalogues.with_outside(image, reader, shown.content.vocabulary)
        except AppError:
            continue
    return TagsShown(
        tags=tuple(one for one in every if one.retired_at is None),
        names={one.id: one for one in every},
        tagged=tagged,
        cited=lab.findings.list(case_id),
        vocabularies=vocabularies,
        standings=standings,
    )


def _standing(lab: Lab, shown: ImageShown) -> dict[ImageId, LookUpStanding]:
    """How far an image is looked up; where that cannot be read, it is to be looked up again."""
    try:
        found = lab.hash_matching.standing(shown.image)
    except AppError as error:
        found = LookUpStanding(is_looked_up=False, failed=str(error))
    return {shown.image.id: found} if found else {}
