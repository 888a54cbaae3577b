"""The bill of materials of the package: CycloneDX 1.6 as JSON, the same bytes for the same parts.

Source: CycloneDX 1.6 JSON (ECMA-424).
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from build_spec.workshop.frozen import RELEASED_AT_S
from build_spec.workshop.licences import Part

NAME = "forensics-app"
_KINDS = {"data": "data", "font": "data"}


def document(version: str, parts: Sequence[Part]) -> str:
    """The bill of a version of the program.

    Args:
        version: of the program.
        parts: what it holds beside its own files.
    """
    components = [_component(part) for part in parts]
    root = f"{NAME}@{version}"
    told: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(int(RELEASED_AT_S), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": NAME,
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [one["bom-ref"] for one in components]}],
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()
    told["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}"
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _component(part: Part) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": _KINDS.get(part.kind, "library"),
        "bom-ref": f"{part.kind}:{part.name}@{part.version}",
        "name": part.name,
        "version": part.version,
        "hashes": [{"alg": "SHA-256", "content": part.sha256}],
        "licenses": [{"expression": part.licence}],
        "purl": part.purl,
        "properties": [{"name": f"{NAME}:origin", "value": part.kind}],
        "evidence": {"occurrences": [{"location": path} for path in sorted(part.files)]},
    }
    if not part.files:
        del told["evidence"]
    if not part.sha256:
        del told["hashes"]
    return {name: value for name, value in told.items() if value != ""}
