"""Tokens of SoftHSM 2, a PKCS #11 module without hardware, for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PIN = "246813"
MODULE = next(
    (
        Path(folder) / "softhsm/libsofthsm2.so"
        for folder in ("/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib")
        if (Path(folder) / "softhsm/libsofthsm2.so").exists()
    ),
    None,
)
UTIL = shutil.which("softhsm2-util")
MISSING = "SoftHSM 2 is not installed (Debian: softhsm2)" if MODULE is None or UTIL is None else ""
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certified(
    name: str, private: Private, issuer: tuple[str, Private] | None = None, *, is_authority: bool = False
) -> bytes:
    """A certificate in DER for a key, by itself or by an issuer."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, key = issuer or (name, private)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]), subject, private.public_key(),
        x509.random_serial_number(), at, at + timedelta(days=4000),
    ).add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)  # fmt: skip
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@dataclass
class SoftToken:
    """A token in a folder of its own."""

    folder: Path
    label: str

    def run(self, *arguments: str) -> None:
        assert UTIL is not None
        subprocess.run([UTIL, *arguments], check=True, capture_output=True, timeout=30)

    def add_key(self, private: Private, label: str, id_: str) -> None:
        """Put a key onto the token."""
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = self.folder / f"{label}.pem"
        path.write_bytes(private.private_bytes(*form))
        self.run("--import", str(path), "--token", self.label, "--label", label, "--id", id_, "--pin", PIN)
        path.unlink()

    def add_certificate(self, der: bytes, label: str, id_: str) -> None:
        """Put a certificate onto the token."""
        import pkcs11
        from pkcs11.util.x509 import decode_x509_certificate

        module = pkcs11.lib(str(MODULE))
        module.reinitialize()
        with module.get_token(token_label=self.label).open(user_pin=PIN, rw=True) as session:
            told = decode_x509_certificate(der)
            told |= {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: label}
            session.create_object({**told, pkcs11.Attribute.ID: bytes.fromhex(id_)})

    def take_out(self) -> None:
        """Make the token be gone."""
        shutil.rmtree(self.folder / "tokens")
        (self.folder / "tokens").mkdir()


@contextmanager
def soft_token(folder: Path, label: str = "Ana's card") -> Iterator[SoftToken]:
    """A new token; the module looks for its tokens below ``folder`` as long as the block runs."""
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    kept = {"SOFTHSM2_CONF": str(configuration), "XDG_DATA_HOME": str(folder / "computer")}
    with mock.patch.dict(os.environ, kept):
        token = SoftToken(folder, label)
        token.run("--init-token", "--free", "--label", label, "--so-pin", "86421357", "--pin", PIN)
        yield token
