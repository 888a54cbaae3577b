"""What the container of an image is called: one list for screens, the record and reports."""

from __future__ import annotations

from evidence.images.containers import title_of
from forensics_app.model.image import ImageDescription
from forensics_app.model.logical import is_archive_file

_LOGICAL = "Files and folders"
_ARCHIVE_NAMES = {
    "logical evidence (zip)": "Files in a ZIP archive",
    "logical evidence (tar)": "Files in a tar archive",
    "logical evidence (copied folders)": "Copied folders (ZIP with a manifest)",
}
_EWF_NAMES = {
    ".e01": "EnCase image (E01)",
    ".ex01": "EnCase image (Ex01)",
    ".l01": "EnCase logical evidence (L01)",
    ".lx01": "EnCase logical evidence (Lx01)",
    ".s01": "SMART image (S01)",
}
_LOGICAL_ENDINGS = (".l01", ".lx01")


def container_name(source: ImageDescription) -> str:
    """The name; that of its first file tells the kinds of EWF apart."""
    if source.container == "ewf":
        ending = source.paths[0].suffix.lower()
        if source.metadata.get("media_type") == "logical evidence" and ending not in _LOGICAL_ENDINGS:
            return "EnCase logical evidence"
        if ending in _EWF_NAMES:
            return _EWF_NAMES[ending]
    if source.container == "raw":
        return "Raw image, split" if len(source.paths) > 1 else "Raw image"
    if is_archive_file(source):
        return _ARCHIVE_NAMES.get(source.metadata.get("media_type", ""), _LOGICAL)
    return title_of(source.container) or source.container
