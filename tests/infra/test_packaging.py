"""What is in the layers: on AWS boto3 as it is locked, and within Lambda's limit together with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from infra.packaging import ROOT, RUNTIME_HAS, platform_code, platform_layer, sdk_layer
from infra.target import AWS, local

UNZIPPED_BYTES = 250 * 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def locked(name: str) -> str:
    rows: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    (version,) = {str(row["version"]) for row in rows if row["name"] == name}
    return version


def weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_platforms_layer_has_the_locked_boto3(aws: object) -> None:
    layer = platform_layer(AWS) / "python"
    for name in ("boto3", "botocore"):
        version = re.search(r"__version__ = .([\d.]+)", (layer / name / "__init__.py").read_text())
        assert version and version.group(1) == locked(name)
    model = next((layer / "botocore" / "data" / "lambda" / "2015-03-31").glob("service-2.json*"))
    assert model.is_file()
    assert weight(platform_layer(AWS)) + weight(platform_code(AWS)) < UNZIPPED_BYTES


def test_steps_and_the_engine_have_their_own(aws: object) -> None:
    for layer in (sdk_layer(AWS), platform_layer(local("http://127.0.0.1:1"))):
        assert not [name for name in RUNTIME_HAS if (layer / "python" / name).exists()]
