"""A time-stamp authority for tests: certificates of our own, OpenSSL's ``ts -reply``, and a small HTTP server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OPENSSL = shutil.which("openssl")
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


class Authority:
    """Signs what it is asked to stamp. ``answer`` makes it say something else."""

    def __init__(self, folder: Path, name: str = "Test Time Authority") -> None:
        """Make keys and certificates in the empty folder."""
        self.folder, self.asked = folder, 0
        self.answer: bytes | None = None
        self.root = certificate(f"{name} Root", None)
        self.signer = certificate(name, self.root, for_time_stamps=True)
        write(folder / "root.pem", self.root)
        write(folder / "signer.pem", self.signer)
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder.as_posix()))
        self.url = ""

    @property
    def certificates(self) -> str:
        """Its root certificate, in PEM."""
        return pem_of(self.root[0])

    def reply(self, query: bytes, signer: str = "signer.pem") -> bytes:
        """The response of RFC 3161 to a request."""
        assert OPENSSL is not None
        (self.folder / "query").write_bytes(query)
        command = [OPENSSL, "ts", "-reply", "-config", "openssl.cnf", "-section", "one", "-queryfile", "query"]
        command += ["-signer", signer, "-inkey", f"{signer}.key", "-out", "reply"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply").read_bytes()


@contextmanager
def running(authority: Authority) -> Iterator[Authority]:
    """Serve it on a free port of this computer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            authority.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            answer = authority.reply(query) if authority.answer is None else authority.answer
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}/tsa"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(
    name: str, issuer: Pair | None, *, for_time_stamps: bool = False, days: tuple[int, int] = (-1, 30)
) -> Pair:
    """A certificate with its key, valid between two numbers of days from now; its own issuer where none is given."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer:
        public = issuer[1].public_key()
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    if for_time_stamps:
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def write(path: Path, pair: Pair) -> None:
    """Write a certificate, and its key beside it."""
    path.write_text(pem_of(pair[0]))
    key = pair[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.with_name(f"{path.name}.key").write_bytes(key)


def pem_of(one: x509.Certificate) -> str:
    """A certificate in PEM."""
    return one.public_bytes(serialization.Encoding.PEM).decode()
