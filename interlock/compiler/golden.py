"""The golden tests of a bundle: what a workflow makes of an input, tried before the version is listed."""

import json
from collections.abc import Iterator
from typing import Any, cast

from interlock.bounds.json_schema import mismatches
from interlock.compiler.archive import Bundle
from interlock.contract.core import limits
from interlock.contract.core.base import Json, Model, Name
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST, GoldenTest, Manifest


class Golden(Model):
    """A golden test with its files read."""

    workflow: Name
    input: Json
    expect: Json
    config: dict[str, Json] = {}
    secrets: dict[str, str] = {}


def golden_tests(bundle: Bundle, manifest: Manifest) -> tuple[Golden, ...]:
    """The tests of a bundle in which `check_tests` found nothing."""
    return tuple(
        Golden(
            workflow=test.workflow,
            input=json.loads(bundle.files[test.input]),
            expect=json.loads(bundle.files[test.expect]),
            config=json.loads(bundle.files[test.config]) if test.config else {},
            secrets={name: test.secrets.get(name, name) for name in manifest.permissions.secrets},
        )
        for test in manifest.tests
    )


def check_tests(bundle: Bundle, manifest: Manifest) -> Iterator[Finding]:
    """What is wrong with the tests (code `manifest.test`)."""
    if len(manifest.tests) > limits.TRIAL_TESTS:
        what = f"the manifest has {len(manifest.tests)} tests, and may have {limits.TRIAL_TESTS}"
        yield _test(f"{MANIFEST}#tests", what, "Keep the most useful tests.")
    for ordinal, test in enumerate(manifest.tests):
        where = f"{MANIFEST}#tests.{ordinal}"
        if test.workflow not in manifest.workflows:
            yield _test(where, f"the app has no workflow {test.workflow!r}", "Name a workflow of the app.")
        for path in (test.input, test.expect):
            if _read(bundle, path) is None:
                yield _test(where, f"{path} does not exist, or is not JSON", "Add the file, or remove the test.")
        if len(bundle.files.get(test.input, b"")) > limits.TRIAL_INPUT_BYTES:
            what = f"{test.input} has over {limits.TRIAL_INPUT_BYTES} bytes"
            yield _test(where, what, "Try it with less.")
        for name in test.secrets:
            if name not in manifest.permissions.secrets:
                yield _test(where, f"the app has no secret {name!r}", "Declare it in [permissions], or remove it.")
        yield from _check_config(bundle, manifest, test, where)


def _check_config(bundle: Bundle, manifest: Manifest, test: GoldenTest, where: str) -> Iterator[Finding]:
    config: Any = _read(bundle, test.config) if test.config else {}
    if not isinstance(config, dict):
        yield _test(
            where, f"{test.config} does not exist, or is not a JSON object", "Add the file, or remove `config`."
        )
        return
    schema = _read(bundle, manifest.config.schema_file) if manifest.config else None
    if not isinstance(schema, dict):
        if config:
            yield _test(where, "the app takes no config", "Take `config` out.")
        return
    for row in mismatches(cast(dict[str, Any], schema), cast(dict[str, Any], config)):
        what = f"the config does not match the app's schema: {row.sentence('the config')}"
        yield _test(where, what, "Correct the `config` of the test.")


def _read(bundle: Bundle, path: str) -> Any:
    try:
        return json.loads(bundle.files[path])
    except (KeyError, ValueError, RecursionError):
        return None


def _test(where: str, what: str, fix: str) -> Finding:
    return Finding(code="manifest.test", where=where, what=what, fix=fix)
