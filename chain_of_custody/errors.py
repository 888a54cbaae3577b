"""What can go wrong while the custody ledger is written or read.

A broken chain, a signature that does not fit or an unknown key is a result (see `chain_of_custody.verdict`), not one of
these. An exception means that something could not be done or could not be found out.
"""

from __future__ import annotations


class CustodyError(Exception):
    """Root of all errors of this package. The text is a plain sentence."""


class CanonicalError(CustodyError):
    """A value has no canonical JSON form, or bytes are not canonical JSON.

    Attributes:
        why: the reason, a clause without a full stop.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"Not canonical JSON: {why}.")
        self.why = why


class BodyError(CustodyError):
    """Bytes are not the body of a ledger entry.

    Attributes:
        why: the reason, a clause without a full stop.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"Not the body of a ledger entry: {why}.")
        self.why = why


class SignerError(CustodyError):
    """The keys that were offered are not the keys that the body names.

    Attributes:
        expected: the key ids that the body names, in order.
        offered: the key ids of the signers, in order.
    """

    def __init__(self, expected: tuple[str, ...], offered: tuple[str, ...]) -> None:
        """Name both lists."""
        wanted, given = ", ".join(expected), ", ".join(offered) or "none"
        super().__init__(f"The entry is to be signed by the keys {wanted}, but was offered {given}.")
        self.expected = expected
        self.offered = offered


class ChainError(CustodyError):
    """An entry cannot follow another one, because it belongs to a different chain.

    Attributes:
        chain: the chain of the entry to be made.
        after: the chain of the entry that it was to follow.
    """

    def __init__(self, chain: str, after: str) -> None:
        """Name both chains."""
        super().__init__(f"An entry of the chain {chain} cannot follow an entry of the chain {after}.")
        self.chain = chain
        self.after = after


class PassphraseTooShortError(CustodyError):
    """A new passphrase is too short.

    Attributes:
        length: characters that it has after Unicode normalisation.
        minimum: characters that it needs.
    """

    def __init__(self, length: int, minimum: int) -> None:
        """Name both lengths."""
        super().__init__(f"The passphrase has {length} characters; it needs at least {minimum}.")
        self.length = length
        self.minimum = minimum


class WrongPassphraseError(CustodyError):
    """The passphrase does not open the key, or the sealed key was changed: the two cannot be told apart."""

    def __init__(self) -> None:
        """Say no more than that."""
        super().__init__("The passphrase does not open this key.")


class SealedKeyError(CustodyError):
    """A stored key or its parameters cannot be used.

    Attributes:
        why: the reason, a clause without a full stop.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"The stored key cannot be used: {why}.")
        self.why = why


class SealedSecretError(CustodyError):
    """A sealed secret does not open.

    Attributes:
        why: the reason, a clause without a full stop; never the secret.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"The sealed secret cannot be opened: {why}.")
        self.why = why


class ClosedKeyError(CustodyError):
    """A key was used after it had been closed."""

    def __init__(self) -> None:
        """Say no more than that."""
        super().__init__("The key was closed and has to be opened with its passphrase again.")


class LedgerFileError(CustodyError):
    """A file is not a ledger file.

    Attributes:
        why: the reason, a clause without a full stop.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"This is not a ledger file that can be read: {why}.")
        self.why = why


class IllegalStepError(CustodyError):
    """An event is not possible in the state of the exhibit.

    Attributes:
        state: the state that the exhibit is in; None before it is registered.
        event: the event that was asked for.
        allowed: the events that are possible.
    """

    def __init__(self, state: str | None, event: str, allowed: tuple[str, ...]) -> None:
        """Name the state, the event and what is possible."""
        where = f"an exhibit in the state {state}" if state else "an exhibit that is not registered"
        possible = ", ".join(allowed) or "nothing"
        super().__init__(f"{event} is not possible for {where}; possible is: {possible}.".replace("_", " "))
        self.state = state
        self.event = event
        self.allowed = allowed


class GateError(CustodyError):
    """An event lacks what has to be filled in.

    Attributes:
        event: the event that was asked for.
        missing: names of the fields.
        sentences: for each of them, what has to be filled in.
    """

    def __init__(self, event: str, missing: tuple[str, ...], sentences: tuple[str, ...]) -> None:
        """Say what is missing."""
        super().__init__(f"{event.replace('_', ' ')} needs more: {' '.join(sentences)}")
        self.event = event
        self.missing = missing
        self.sentences = sentences


class SamePersonError(CustodyError):
    """One person stands in two places that need two people (REQ-19).

    Attributes:
        event: the event that was asked for.
        first: name of one field.
        second: name of the other.
    """

    def __init__(self, event: str, first: str, second: str) -> None:
        """Name both fields."""
        words = f"{event} needs two different people: {first} and {second} cannot be the same."
        super().__init__(words.replace("_", " "))
        self.event = event
        self.first = first
        self.second = second


class TimeStampError(CustodyError):
    """A time stamp is none, or is not what its authority would have made of the digest.

    Attributes:
        why: the reason, a clause without a full stop.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"Not a time stamp that can be relied on: {why}.")
        self.why = why


class DamagedFileError(CustodyError):
    """An encrypted file was changed or cut off, or is none of the form.

    Attributes:
        why: the reason, a clause without a full stop.
    """

    def __init__(self, why: str) -> None:
        """Word the reason."""
        super().__init__(f"The encrypted file cannot be relied on: {why}.")
        self.why = why
