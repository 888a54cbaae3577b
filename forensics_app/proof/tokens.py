"""Private keys on tokens (PKCS #11, OASIS): smart cards, USB tokens and security modules sign; the key stays on them.

A PIN is passed to the module of the token and nowhere else: it is not kept, logged, or named in an error.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import x509

from forensics_app.model.proof import TokenPlace
from forensics_app.proof.certificates import is_signature
from forensics_app.proof.errors import TokenError

if TYPE_CHECKING:
    from pyhanko.sign.pkcs11 import PKCS11Signer

_ALONE: Final = threading.Lock()
"""A module serves one use at a time: it is told to look for its tokens anew before each."""
_MECHANISMS: Final = ("rsa", "ec")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnToken:
    """A certificate on a token with its private key.

    Attributes:
        certificate: In DER; ``issuers`` are the certificates of authorities beside it.
        serial: Of the token, as its maker gave it; empty where nobody looked.
    """

    place: TokenPlace
    certificate: bytes
    issuers: tuple[bytes, ...]
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIdentity:
    """Who signs by a token: where its key lies, the certificate of it, and the PIN, for as long as it is signed."""

    found: OnToken
    pin: str

    @property
    def certificate(self) -> bytes:
        """In DER."""
        return self.found.certificate

    @property
    def issuers(self) -> tuple[bytes, ...]:
        """In DER."""
        return self.found.issuers

    def __repr__(self) -> str:
        """The certificate only: what is logged or shown in a traceback holds no PIN."""
        return f"TokenIdentity({hashlib.sha256(self.certificate).hexdigest()})"


def look(place: TokenPlace, pin: str) -> OnToken:
    """Find the certificate with its private key on a token, and let the key sign something, to see that it does.

    Raises:
        TokenError: There is no such module, token or key, the PIN is wrong, or the key is not that of a certificate.
    """
    with _opened(place, pin) as (token, session):
        key, certificate, others = _pair(session, place)
        found = OnToken(
            place=place,
            certificate=certificate.dump(),
            issuers=tuple(one.dump() for one in others),
            serial=_text(token.serial),
        )
        _prove(key, certificate)
    return found


@contextmanager
def signing(identity: TokenIdentity) -> Iterator[PKCS11Signer]:
    """What pyHanko signs with, for as long as the block runs.

    Raises:
        TokenError: As :func:`look`; or the certificate on the token is another one now.
    """
    from pyhanko.sign.pkcs11 import PKCS11Signer

    with _opened(identity.found.place, identity.pin) as (_, session):
        key, certificate, others = _pair(session, identity.found.place)
        if certificate.dump() != identity.certificate:
            raise TokenError("its certificate is not the one that the record has")
        yield PKCS11Signer(
            session,
            signing_cert=certificate,
            ca_chain=[*others, *(x509.Certificate.load(one) for one in identity.issuers)],
            key_id=bytes(key.id),
            use_raw_mechanism=certificate.public_key.algorithm == "ec",
        )


@contextmanager
def _opened(place: TokenPlace, pin: str) -> Iterator[tuple[Any, Any]]:
    """The token and a session on it in which the PIN was given."""
    pkcs11 = _library()
    with _ALONE:
        try:
            module = _module(pkcs11, place)
            token = _token(module, place)
            with token.open(user_pin=pin) as session:
                yield token, session
        except pkcs11.PKCS11Error as error:
            raise TokenError(_why(pkcs11, error)) from None  # the frames below hold the PIN
        except (RuntimeError, OSError) as error:
            raise TokenError(f"the module {place.module} cannot be used: {error}") from None


def _module(pkcs11: Any, place: TokenPlace) -> Any:
    if not place.module.is_file():
        raise TokenError(f"the module {place.module} is not there")
    try:
        module = pkcs11.lib(str(place.module))
        module.reinitialize()
    except pkcs11.PKCS11Error as error:
        raise TokenError(f"the module {place.module} cannot be used; it is no library for tokens") from error
    return module


def _library() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise TokenError(
            "this installation has no library for tokens: install forensics-app with python-pkcs11"
        ) from error
    return pkcs11


def _token(module: Any, place: TokenPlace) -> Any:
    from pkcs11 import TokenFlag

    found = []
    for slot in module.get_slots(token_present=True):
        if place.slot in (None, slot.slot_id):
            token = slot.get_token()
            is_set_up = TokenFlag.TOKEN_INITIALIZED in token.flags
            if is_set_up and place.token in ("", _text(token.label)):
                found.append(token)
    named = f" with the label {place.token}" if place.token else ""
    where = "" if place.slot is None else f" in slot {place.slot}"
    if not found:
        raise TokenError(f"there is no token{named}{where}: it was taken out, or is another one")
    if len(found) > 1:
        labels = ", ".join(f"{_text(one.label)!r} in slot {one.slot.slot_id}" for one in found)
        raise TokenError(f"there are several tokens, {labels}: say which by its label or slot")
    return found[0]


def _pair(session: Any, place: TokenPlace) -> tuple[Any, x509.Certificate, Sequence[x509.Certificate]]:
    """The private key that signs, its certificate, and the other certificates of the token that are of authorities."""
    from pkcs11 import Attribute, ObjectClass

    keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.SIGN: True}))
    if place.key:
        keys = [one for one in keys if one.label == place.key]
    if not keys:
        named = f" with the label {place.key}" if place.key else ""
        raise TokenError(f"the token has no private key{named} that signs")
    read = [
        (bytes(one[Attribute.ID]), x509.Certificate.load(bytes(one[Attribute.VALUE])))
        for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    ]
    pairs = [(key, certificate) for key in keys for id_, certificate in read if id_ and id_ == bytes(key.id)]
    if not pairs:
        labels = ", ".join(repr(one.label) for one in keys)
        raise TokenError(f"the token has no certificate for its key {labels}")
    if len(pairs) > 1:
        labels = ", ".join(sorted(repr(key.label) for key, _ in pairs))
        raise TokenError(f"the token has several keys with certificates, {labels}: say which by its label")
    key, certificate = pairs[0]
    if certificate.public_key.algorithm not in _MECHANISMS:
        raise TokenError(
            f"its key is of the kind {certificate.public_key.algorithm}; reports are signed with RSA or EC"
        )
    return key, certificate, [one for _, one in read if one.ca and one.dump() != certificate.dump()]


def _prove(key: Any, certificate: x509.Certificate) -> None:
    """Let the private key sign, and hold that against the certificate."""
    from pkcs11 import Mechanism

    said = os.urandom(32)
    if certificate.public_key.algorithm == "ec":
        signed = bytes(key.sign(hashlib.sha256(said).digest(), mechanism=Mechanism.ECDSA))
    else:
        signed = bytes(key.sign(said, mechanism=Mechanism.SHA256_RSA_PKCS))
    if not is_signature(certificate.dump(), signed, said):
        raise TokenError("its private key is not that of its certificate")


def _why(pkcs11: Any, error: Exception) -> str:
    """What a module says, for people; never with what was typed."""
    told = {
        pkcs11.PinIncorrect: "the PIN is wrong; a token locks itself after a few wrong ones",
        pkcs11.PinLenRange: "the PIN is wrong: it is too short or too long for this token",
        pkcs11.PinInvalid: "the PIN is wrong: it holds signs that this token does not know",
        pkcs11.PinLocked: "the token has locked itself after wrong PINs; who gave it out can unlock it",
        pkcs11.PinExpired: "the PIN has expired and has to be changed first",
        pkcs11.UserPinNotInitialized: "no PIN was set on the token yet",
        pkcs11.DeviceRemoved: "the token was taken out",
        pkcs11.TokenNotPresent: "there is no token: it was taken out",
        pkcs11.TokenNotRecognised: "the token is none that this module knows",
        pkcs11.MechanismInvalid: "the token cannot sign in the way that reports are signed",
    }
    return told.get(type(error), f"the token says {type(error).__name__}")


def _text(told: Any) -> str:
    return (told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)).rstrip("\0 ")
