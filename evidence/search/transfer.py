"""How parts of mail are packed for the way (RFC 2045, section 6): decoded as far as they can be, and told where not."""

from __future__ import annotations

import binascii
import re

_COMMENT = re.compile(r"\([^()]*\)")
_SOFT_OR_BYTE = re.compile(rb"=[ \t]*(?:\r?\n|\Z)|=([0-9A-Fa-f]{2})")
_NO_CODE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*(?:\r?\n|\Z))")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/]")
_SOUND = re.compile(rb"[A-Za-z0-9+/]*+={0,2}")
_PADDING = re.compile(rb"=[=\s]*")
_BLANKS = b" \t\r\n\f\v"
PLAIN = ("", "7bit", "8bit", "binary")
UNIX = ("uuencode", "x-uuencode", "uue", "x-uue")


def coding_of(told: str) -> str:
    """The name of the encoding in a head ``Content-Transfer-Encoding``, in small letters, without comments."""
    return _COMMENT.sub(" ", told).strip(" \t\r\n;\"'").lower().partition(";")[0].strip()


def from_base64(data: bytes) -> tuple[bytes, str]:
    """What base64 stands for, also behind padding amid it; and why that is not all, in words.

    A line that holds other signs is taken without these where whole groups of four are left, and else passed over, so
    that the lines behind it keep their places in the groups.
    """
    bare = data.translate(None, _BLANKS)
    if len(bare) % 4 == 0 and _SOUND.fullmatch(bare):
        return binascii.a2b_base64(bare), ""
    made, defects = bytearray(), list[str]()
    blocks = [block for block in _PADDING.split(data) if block.strip(_BLANKS)]
    if len(blocks) > 1:
        defects.append("padding amid its base64")
    for block in blocks:
        signs = bytearray()
        for line in block.splitlines():
            bare = line.translate(None, _BLANKS)
            if not _FOREIGN.search(bare):
                signs += bare
                continue
            defects.append("signs in its base64 that are none of it")
            bare = _FOREIGN.sub(b"", bare)
            signs += bare if len(bare) % 4 == 0 else b""
        if len(signs) % 4 == 1:
            defects.append("base64 that ends amid a byte")
            del signs[-1]
        made += binascii.a2b_base64(bytes(signs) + b"=" * (-len(signs) % 4))
    return bytes(made), ", ".join(dict.fromkeys(defects))


def from_quoted_printable(data: bytes) -> tuple[bytes, str]:
    """What quoted-printable stands for, what is none as it stands; and why that is not all, in words."""
    told = "quoted-printable that stands for nothing" if _NO_CODE.search(data) else ""
    return _SOFT_OR_BYTE.sub(lambda found: bytes.fromhex(found[1].decode()) if found[1] else b"", data), told
