"""Photographs as they lie in the lab folder when a report is made."""

from __future__ import annotations

import hashlib

from evidence.errors import UnreadablePictureError
from evidence.isolation import Child
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import Photo
from forensics_app.model.image import Picture
from forensics_app.model.told import Count, Told
from forensics_app.services.folder import LabFolder, content_of, content_size, sha256_of
from forensics_app.services.gathered import KeptPhoto
from forensics_app.services.pictures import picture_path

PHOTO_BOX_PX = 1200


def kept_photo(child: Child, folder: LabFolder, case_id: CaseId, photo: Photo, max_bytes: int) -> KeptPhoto:
    """A photograph with its picture, if the file has the recorded SHA-256 and can be printed."""
    path = picture_path(folder, case_id, photo.sha256, photo.media_type)
    try:
        size_bytes = content_size(path)
        content = content_of(path) if size_bytes <= max_bytes else b""
        sha256 = hashlib.sha256(content).digest() if content else sha256_of(path)
    except FileNotFoundError:
        return KeptPhoto(photo=photo, absent=Told("The photograph is missing: its file is not in the lab folder."))
    except OSError as error:
        return KeptPhoto(photo=photo, absent=Told("The photograph cannot be read: {why}.", why=error.strerror))
    if sha256 != photo.sha256:
        words = "The photograph was changed: the stored file does not have the recorded SHA-256. It is not printed."
        return KeptPhoto(photo=photo, absent=Told(words))
    if not content:
        words = "The photograph is too large to be printed ({size} bytes); the stored file has the recorded SHA-256."
        return KeptPhoto(photo=photo, absent=Told(words, size=Count(size_bytes)), is_as_recorded=True)
    arguments = {"content": content, "width_pixels": PHOTO_BOX_PX, "height_pixels": PHOTO_BOX_PX}
    try:
        picture: Picture = child.call("picture", {**arguments, "encoding": "JPEG"})
    except UnreadablePictureError:
        words = "The photograph cannot be decoded; the stored file has the recorded SHA-256."
        return KeptPhoto(photo=photo, absent=Told(words), is_as_recorded=True)
    return KeptPhoto(photo=photo, jpeg=picture.encoded, is_as_recorded=True)
