"""What the window asks for, before it becomes a request to the services."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forensics_app.model.acquisition import AcquisitionRequest, FolderRequest, Plan
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import WriteBlocker


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An acquisition for an exhibit; ``plan`` is what was found out about it, None where nothing was."""

    case: Case
    exhibit: Exhibit
    request: AcquisitionRequest | FolderRequest
    plan: Plan | None = None

    @property
    def sources(self) -> tuple[Path, ...]:
        """What is imaged or copied."""
        return self.request.folders if isinstance(self.request, FolderRequest) else (self.request.source,)

    @property
    def write_blocker(self) -> WriteBlocker:
        """How it is protected."""
        return self.request.write_blocker

    @property
    def source_words(self) -> str:
        """The sources in one line."""
        return ", ".join(map(str, self.sources))
