"""Published BitLocker and FileVault images: what they decrypt to, by published digests or those of other readers."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from evidence.images.opening import open_image
from evidence.keys import Keys
from evidence.volumes.bitlocker import open_bitlocker
from evidence.volumes.corestorage import open_core_storage
from evidence.volumes.layers import ALONE

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "dev"
PIECE = 1 << 20


def keys_of(encryption: dict[str, Any]) -> Keys:
    files = [encryption["startup_key_file"]] if "startup_key_file" in encryption else []
    return Keys(
        passwords=(encryption["password"],) if "password" in encryption else (),
        recovery_keys=(encryption["recovery_password"],) if "recovery_password" in encryption and not files else (),
        startup_keys=tuple((CORPUS / "images" / "encrypted" / name).read_bytes() for name in files),
    )


def unpacked(stored: Path, target: Path) -> Path:
    """The image under its own name, with holes where it is empty."""
    with gzip.open(stored) as packed, target.open("wb") as out:
        while piece := packed.read(PIECE):
            if any(piece):
                out.write(piece)
            else:
                out.seek(len(piece), 1)
        out.truncate(out.tell())
    return target


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not there")
@pytest.mark.parametrize(
    "name",
    [
        "dsf-bde-vista",
        "dsf-bde-aes-xts_256",
        "cs-bitlk-aes-cbc-256",
        "cs-bitlk-aes-xts-128-startup-key",
        "cs-fvault2-small",
    ],
)
def test_a_published_volume_decrypts_to_what_others_found(name: str, tmp_path: Path) -> None:
    expected = json.loads((CORPUS / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    file = expected["files"][0]
    path = unpacked(CORPUS / "images" / "encrypted" / file["stored_as"], tmp_path / file["name"])
    image = open_image([path])
    look = open_core_storage if expected["encryption"]["type"] == "FVDE" else open_bitlocker
    layer = look(image, keys_of(expected["encryption"]), ALONE)
    assert layer is not None
    assert not layer.locked
    source = layer.volumes[0].source
    assert source is not None
    digest = hashlib.sha256()
    for offset in range(0, source.media_bytes, PIECE):
        digest.update(source.read_at(offset, PIECE))
    image.close()
    assert digest.hexdigest() == expected["encryption"]["decrypted"]["sha256"]
