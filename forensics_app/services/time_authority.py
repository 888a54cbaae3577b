"""Asking a time-stamp authority over HTTP: only a digest is sent."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Sequence
from urllib.parse import urlsplit

from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decode

from chain_of_custody.errors import TimeStampError
from chain_of_custody.time_tokens import MAX_RESPONSE_BYTES, Certificate, Token, check_response
from forensics_app.errors import RefusedError

TIMEOUT_S = 20
REQUEST_TYPE, RESPONSE_TYPE = "application/timestamp-query", "application/timestamp-reply"


class AuthorityUnreachableError(Exception):
    """The authority gave no answer; the text says why. The request waits for another time."""


def checked_url(url: str) -> str:
    """The URL, if it is one of HTTP.

    Raises:
        RefusedError: It is none, or holds a password.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RefusedError(f"{url!r} is not the URL of a time-stamp authority.", then="Name one like https://host/tsa.")
    if parts.password is not None:
        raise RefusedError("The URL of the authority holds a password, which would stand in the ledger.")
    return url.strip()


def stamp(url: str, head: bytes, trusted: Sequence[Certificate]) -> tuple[bytes, Token]:
    """Let the authority stamp a digest, and check its answer twice: by the library, and as a stranger will check it.

    Args:
        url: The authority.
        head: The digest of an entry, 32 bytes; the request names the SHA-256 of these bytes.
        trusted: The authority's certificates.

    Returns:
        The response in DER, and what it says.

    Raises:
        AuthorityUnreachableError: No answer came.
        TimeStampError: The answer is not a time stamp of the head by that authority.
    """
    request = TimestampRequestBuilder().data(head).hash_algorithm(HashAlgorithm.SHA256).build()
    response = ask(url, request.as_bytes())
    verifier = VerifierBuilder.from_request(request)
    for one in trusted:
        verifier = verifier.add_root_certificate(one)
    try:
        verifier.build().verify_message(decode(response), head)
    except (VerificationError, ValueError) as error:
        raise TimeStampError(str(error).rstrip(".") or "it cannot be read") from error
    return response, check_response(response, head, trusted)


def ask(url: str, request: bytes) -> bytes:
    """Send a request in DER, and give the response as it came; nothing of it is checked.

    Raises:
        AuthorityUnreachableError: No answer came.
    """
    headers = {"Content-Type": REQUEST_TYPE, "Accept": RESPONSE_TYPE}
    asked = urllib.request.Request(checked_url(url), data=request, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
            found: bytes = answer.read(MAX_RESPONSE_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        raise AuthorityUnreachableError(f"{url} gave no time stamp: {why}.") from error
    return found
