"""What unlocks encrypted volumes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Keys:
    """What the examiner gave to unlock volumes. Never written to a log, and ``repr`` does not show it.

    Each is tried on every locked volume, since nobody can say beforehand which of them fits which.

    Attributes:
        passwords: Passwords and passphrases.
        recovery_keys: BitLocker recovery passwords (eight groups of six digits), FileVault personal recovery keys.
        startup_keys: Contents of BitLocker startup key files (.BEK) and of LUKS key files.
    """

    passwords: tuple[str, ...] = ()
    recovery_keys: tuple[str, ...] = ()
    startup_keys: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.passwords or self.recovery_keys or self.startup_keys)


NO_KEYS = Keys()
