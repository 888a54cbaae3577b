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

    def __or__(self, other: Keys) -> Keys:
        """The keys of both, each once."""
        return Keys(
            passwords=tuple(dict.fromkeys(self.passwords + other.passwords)),
            recovery_keys=tuple(dict.fromkeys(self.recovery_keys + other.recovery_keys)),
            startup_keys=tuple(dict.fromkeys(self.startup_keys + other.startup_keys)),
        )

    def single(self) -> tuple[tuple[str, Keys], ...]:
        """Each key alone, with what kind it is: "password", "recovery key" or "key file"."""
        return (
            *(("password", Keys(passwords=(one,))) for one in self.passwords),
            *(("recovery key", Keys(recovery_keys=(one,))) for one in self.recovery_keys),
            *(("key file", Keys(startup_keys=(one,))) for one in self.startup_keys),
        )

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.passwords or self.recovery_keys or self.startup_keys)


NO_KEYS = Keys()
