"""What is erased of a case, and how an erasure stands, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from forensics_app.model.retention import Erasable, ErasureState


def erasable_words(kind: Erasable) -> str:
    """What of a case that is."""
    return {
        Erasable.CATALOGUES: _tr("Catalogues of its images, with searches and thumbnails"),
        Erasable.PHOTOS: _tr("Photographs of exhibits and scenes"),
        Erasable.PAPERS: _tr("Scanned receipts and forms"),
        Erasable.REPORTS: _tr("Issued reports"),
    }[kind]


def state_words(state: ErasureState) -> str:
    """How far an erasure is."""
    return {
        ErasureState.PROPOSED: _tr("Erasure proposed"),
        ErasureState.APPROVED: _tr("Erasure approved"),
        ErasureState.REJECTED: _tr("Erasure rejected"),
        ErasureState.CARRIED_OUT: _tr("Erased"),
    }[state]


def _tr(words: str) -> str:
    return QCoreApplication.translate("Retention", words)
