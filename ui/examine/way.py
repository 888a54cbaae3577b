"""Where the list is, as steps of a path; and what is to be known of the image that it lies in. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.examine.case_reading import ImageShown
from ui.examine.crumbs import Crumb
from ui.examine.places import Place
from ui.examine.words import entry_name, tr, visible, volume_name

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry

_NAMED = 3


def crumbs_of(shown: ImageShown, place: Place, chain: Sequence[CatalogueEntry]) -> list[Crumb]:
    """The image, the volume, the folders of ``chain``, and what else is listed of them."""
    image_id = place.image_id
    crumbs = [Crumb(shown.image.number, Place(image_id=image_id))]
    volume = shown.volume(place.volume_id)
    if volume:
        crumbs.append(Crumb(volume_name(volume), Place(image_id=image_id, volume_id=volume.id)))
    crumbs += [
        Crumb(entry_name(entry), Place(image_id=image_id, volume_id=place.volume_id, folder_id=entry.id))
        for entry in chain
    ]
    if place.view:
        crumbs.append(Crumb(visible(place.view.title), place))
    elif place.unallocated:
        crumbs.append(Crumb(tr("Unallocated space"), place))
    elif volume is None:
        crumbs.append(Crumb(tr("All entries"), place))
    return crumbs


def warning_of(shown: ImageShown, *, is_unfinished: bool) -> str:
    """What is missing of the image or of its catalogue; empty where nothing is."""
    if is_unfinished:
        words = tr("The catalogue of {image} is not complete: this is what was found so far.")
        return words.format(image=shown.image.number)
    if not shown.missing:
        return ""
    names = ", ".join(str(path) for path in shown.missing[:_NAMED])
    words = tr("{names} is not there. Names and facts come from the catalogue; no bytes can be read.")
    return words.format(names=names)
