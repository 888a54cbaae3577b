"""Digests, ciphers and signatures against their published answers, before anything rests on them (REQ-35)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import chain_of_custody.self_test
import evidence.self_test
from forensics_app.errors import SelfTestFailedError

TESTS: tuple[Callable[[], Iterable[str]], ...] = (evidence.self_test.failures, chain_of_custody.self_test.failures)
NAMES = ("MD5", "SHA-1", "SHA-256", "SHA-512", "CRC-32", "AES-128-XTS", "AES-128-CBC", "Ed25519", "Argon2id")


@cache
def check_start() -> None:
    """Compute the known answers, once in a process; it takes a few milliseconds.

    Raises:
        SelfTestFailedError: One of them is wrong. Nothing may be used.
    """
    refuse_wrong(TESTS)


def refuse_wrong(tests: Sequence[Callable[[], Iterable[str]]]) -> None:
    """Run tests that name what is wrong.

    Raises:
        SelfTestFailedError: One named something.
    """
    wrong = [name for test in tests for name in test()]
    if wrong:
        raise SelfTestFailedError(tuple(wrong))
