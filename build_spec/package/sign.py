"""Signs a list of digests with Ed25519 (RFC 8032): ``sign.py KEY LIST`` writes LIST.sig and LIST.pub.pem beside it.

KEY is a file with an unencrypted private key (PKCS#8, PEM), as ``openssl genpkey -algorithm ed25519`` makes it. Check:
``openssl pkeyutl -verify -pubin -inkey LIST.pub.pem -rawin -in LIST -sigfile LIST.sig``.
"""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def main() -> int:
    """Sign; the status is 2 when the file holds no such key."""
    key_file, listed = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        print(f"{key_file} cannot be read as an unencrypted private key: {error}", file=sys.stderr)
        return 2
    if not isinstance(key, Ed25519PrivateKey):
        print(f"{key_file} holds a key of another kind than Ed25519.", file=sys.stderr)
        return 2
    listed.with_name(f"{listed.name}.sig").write_bytes(key.sign(listed.read_bytes()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    listed.with_name(f"{listed.name}.pub.pem").write_bytes(public)
    return 0


if __name__ == "__main__":
    sys.exit(main())
