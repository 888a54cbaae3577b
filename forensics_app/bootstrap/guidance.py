"""The guidance that a lab works by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics_app.errors import LabUnusableError
from forensics_app.services.folder import LabFolder

if TYPE_CHECKING:
    from chain_of_custody.guidance.library import Guidance


def load_guidance(folder: LabFolder) -> Guidance:
    """The guidance that the lab corrected in its folder ``guidance``, or the one that the program ships with.

    Raises:
        LabUnusableError: The lab's own files do not say what is needed.
    """
    from chain_of_custody.guidance.library import load
    from chain_of_custody.guidance.rules import GuidanceError
    from resources import path

    own = folder.root / "guidance"
    try:
        return load(own if own.is_dir() else path("guidance"))
    except GuidanceError as error:
        raise LabUnusableError(
            f"The guidance cannot be used: {error}", then="Correct the file, or take the folder away to use ours."
        ) from error
