"""The bill of materials of a version: what it vendored, as CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/).

Read out of the `*.dist-info/METADATA` of the bundle, without running anything of it. It says what the bundle says of
itself: a publisher that vendors a changed copy under an old name is not found out by it.
"""

import re
import uuid
from collections.abc import Iterator
from email.parser import HeaderParser
from urllib.parse import quote

from interlock.compiler.archive import Bundle
from interlock.contract.core.base import Json
from interlock.contract.manifest import Manifest

SPEC_VERSION = "1.6"
NAMESPACE = uuid.UUID("6c1f7a52-6d0e-5f0b-9a55-0c7d3a1f4e21")
"""Of the serial numbers: the same bundle has the same one."""
METADATA = re.compile(r"(^|/)[^/]+\.dist-info/METADATA$")
LICENSE_CHARS = 200


def bill_of(bundle: Bundle, manifest: Manifest) -> dict[str, Json]:
    """The bill of materials of a bundle, as JSON."""
    app = manifest.app
    root = f"{app.id}@{app.version}"
    parts = sorted(_components(bundle), key=lambda row: str(row["bom-ref"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, bundle.digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": app.id,
                "version": app.version,
                "description": app.summary or app.title,
                "hashes": [{"alg": "SHA-256", "content": bundle.digest}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": root, "dependsOn": [row["bom-ref"] for row in parts]}],
    }


def distribution_name(text: str) -> str:
    """A distribution's normalised name: https://packaging.python.org/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", text).lower()


def _components(bundle: Bundle) -> Iterator[dict[str, Json]]:
    seen: set[str] = set()
    for path in sorted(bundle.files):
        if not METADATA.search(path):
            continue
        headers = HeaderParser().parsestr(bundle.files[path].decode(errors="replace"))
        name, version = _word(headers["Name"]), _word(headers["Version"])
        if not name or not version:
            continue
        # https://github.com/package-url/purl-spec/blob/main/types-doc/pypi-definition.md
        purl = f"pkg:pypi/{quote(distribution_name(name))}@{quote(version)}"
        if purl in seen:
            continue
        seen.add(purl)
        row: dict[str, Json] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        said = _word(headers["License-Expression"]) or _word(headers["License"])
        if said:
            row["licenses"] = [{"license": {"name": said}}]
        if _word(headers["Summary"]):
            row["description"] = _word(headers["Summary"])
        yield row


def _word(text: object) -> str:
    """A header's first line, shortened."""
    lines = str(text or "").strip().splitlines()
    return lines[0][:LICENSE_CHARS] if lines else ""
