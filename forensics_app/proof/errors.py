"""What can go wrong with signatures and certificates of reports."""

from __future__ import annotations


class ProofError(Exception):
    """Something about signatures could not be done or found out; ``why`` says it, without a full stop."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


class CertificateError(ProofError):
    """A certificate cannot be read, issued or used."""


class TokenError(CertificateError):
    """A token does not sign: it, its module, its key or its certificate is not there, or the PIN is wrong."""


class NotAReportError(ProofError):
    """A file is no PDF that can be read."""


class StampError(ProofError):
    """A time-stamp authority gave no answer; the request can be made another time."""
