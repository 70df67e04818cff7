"""The bill of materials of a bundle: what its wheels say, by the standard's own schema."""

from __future__ import annotations

import json
from typing import Any, cast

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from interlock.compiler.archive import Bundle
from interlock.compiler.sbom import bill_of
from tests.support.bundles import bundle, plan

WHEEL = """Metadata-Version: 2.4
Name: Ruamel.YAML
Version: 0.18.6
Summary: A YAML package
License: MIT license

The description: not a header
"""


def made(files: dict[str, str | bytes | None] | None = None) -> tuple[Bundle, dict[str, object]]:
    result = bundle(files or {})
    return result, bill_of(result, plan().manifest)


def test_a_bill_is_what_the_standard_says() -> None:
    _, bill = made({"ruamel.yaml-0.18.6.dist-info/METADATA": WHEEL})
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))
    assert problem is None, problem


def test_a_bill_names_what_was_vendored_once() -> None:
    twice: dict[str, str | bytes | None] = {
        "a.dist-info/METADATA": WHEEL,
        "vendor/a.dist-info/METADATA": WHEEL,
        "b.dist-info/METADATA": "Name: b",
    }
    _, bill = made(twice)
    components = cast(list[Any], bill["components"])
    assert [row["purl"] for row in components] == ["pkg:pypi/ruamel-yaml@0.18.6"]
    assert components[0]["licenses"] == [{"license": {"name": "MIT license"}}]


def test_the_same_bundle_has_the_same_bill() -> None:
    assert made()[1] == made()[1]
