"""Which time stamps hold, by "Time stamps" in section 7 of the format; OpenSSL judges the responses of RFC 3161."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.second_verifier.entries import Line

OPENSSL = shutil.which("openssl")
PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
GRANTED = re.compile(r"^Status: Granted(?: with modifications)?\.$", re.MULTILINE)
TIME = re.compile(r"^Time stamp: (\w+ +\d+ \d+:\d+:\d+)(?:\.\d+)? (\d{4}) GMT$", re.MULTILINE)


@dataclass(frozen=True)
class Stamped:
    """A time stamp in the entry of the lab chain with the number ``place``; ``at`` is None where it does not hold."""

    place: int
    sequence: int
    at: datetime | None


def stamps(lab: list[Line], doubted: set[int], folder: Path) -> Iterator[Stamped]:
    """The time stamps of a lab chain, which was found wrong at the places, from 0, in ``doubted``."""
    named: list[str] = []
    for place, line in enumerate(lab, 1):
        body = line.body
        if body is None or place - 1 in doubted:
            continue
        facts = body["facts"]
        if body["action"] == "time_authority.set" and type(facts.get("certificates")) is list:
            named += [pem for text in facts["certificates"] if type(text) is str for pem in PEM.findall(text)]
        sequence, head, response = (facts.get(name) for name in ("sequence", "head", "response"))
        if body["action"] != "time_stamp.attach" or type(sequence) is not int or type(head) is not str:
            continue
        if type(response) is not str or re.fullmatch("(?:[0-9a-f]{2})*", response) is None:
            continue
        before = 1 <= sequence < place and lab[sequence - 1].digest == head
        holds = (
            before
            and is_one_value(bytes.fromhex(response))
            and is_authentic(bytes.fromhex(response), bytes.fromhex(head), named, folder)
        )
        yield Stamped(place, sequence, holds or None)


def is_authentic(response: bytes, head: bytes, named: list[str], folder: Path) -> datetime | None:
    """When a response stamps the bytes of a digest, by the certificates named; None where it does not."""
    (folder / "response").write_bytes(response)
    (folder / "named.pem").write_text("\n".join(named))
    said = openssl("-reply", "-text", "-in", str(folder / "response"))
    told = TIME.search(said or "")
    if said is None or told is None or GRANTED.search(said) is None or not named:
        return None
    try:
        at = datetime.strptime(f"{told[1]} {told[2]}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
    digest = hashlib.sha256(head).hexdigest()
    trust = ("-CAfile", str(folder / "named.pem"), "-partial_chain", "-attime", str(int(at.timestamp())))
    return at if openssl("-verify", "-digest", digest, "-in", str(folder / "response"), *trust) is not None else None


def is_one_value(der: bytes) -> bool:
    """Whether bytes are one SEQUENCE and nothing behind it, which OpenSSL would not look at."""
    if len(der) < 2 or der[0] != 0x30:
        return False
    digits = der[1] - 0x80 if der[1] > 0x80 else 0
    length = int.from_bytes(der[2 : 2 + digits], "big") if digits else der[1]
    return len(der) == 2 + digits + length


def openssl(*arguments: str) -> str | None:
    assert OPENSSL is not None
    done = subprocess.run([OPENSSL, "ts", *arguments], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
