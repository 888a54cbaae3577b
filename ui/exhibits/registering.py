"""Registers an exhibit with its photographs; runs off the UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.errors import AppError

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.exhibit import Exhibit, ExhibitId, NewExhibit, NewPhoto
    from forensics_app.model.person import SignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A new exhibit that is asked for, with the photographs to copy."""

    new: NewExhibit
    photos: tuple[NewPhoto, ...]


def register(lab: Lab, actor: SignedIn, asked: Registration) -> Exhibit:
    """Register the exhibit with its photographs, or nothing of it.

    Raises:
        AppError: The exhibit or one of its photographs was refused.
    """
    return lab.exhibits.add(actor, asked.new, asked.photos)


def add_photos(lab: Lab, actor: SignedIn, exhibit_id: ExhibitId, photos: Sequence[NewPhoto]) -> tuple[str, ...]:
    """Add photographs; return a sentence for each one that could not be added."""
    left_out = []
    for photo in photos:
        try:
            lab.exhibits.add_photo(actor, exhibit_id, photo)
        except (AppError, OSError) as error:
            left_out.append(f"{photo.path.name}: {error}")
    return tuple(left_out)
