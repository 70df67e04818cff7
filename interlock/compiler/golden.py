"""The golden tests of a bundle: what a workflow makes of an input, tried before the version is listed."""

import json
from collections.abc import Iterator
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from interlock.bounds.json_schema import mismatches
from interlock.compiler.archive import Bundle
from interlock.contract.core import limits
from interlock.contract.core.base import Json, Model, Name
from interlock.contract.core.finding import Finding
from interlock.contract.core.suggest import closest
from interlock.contract.core.validation import describe
from interlock.contract.manifest import MANIFEST, GoldenTest, Manifest
from interlock.contract.stand_in import AssetStandIn, HttpStandIn, ModelStandIn, StandIns, StateKey

_ASSETS: TypeAdapter[tuple[AssetStandIn, ...]] = TypeAdapter(tuple[AssetStandIn, ...])
_STATE: TypeAdapter[dict[StateKey, Json]] = TypeAdapter(dict[StateKey, Json])
_HTTP: TypeAdapter[tuple[HttpStandIn, ...]] = TypeAdapter(tuple[HttpStandIn, ...])
_MODEL: TypeAdapter[tuple[ModelStandIn, ...]] = TypeAdapter(tuple[ModelStandIn, ...])


class Golden(Model):
    """A golden test with its files read."""

    workflow: Name
    input: Json
    expect: Json
    config: dict[str, Json] = {}
    secrets: dict[str, str] = {}
    assets: tuple[AssetStandIn, ...] = ()
    state: dict[StateKey, Json] = {}
    stand_ins: StandIns = StandIns()


def golden_tests(bundle: Bundle, manifest: Manifest) -> tuple[Golden, ...]:
    """The tests of a bundle in which `check_tests` found nothing."""
    return tuple(
        Golden(
            workflow=test.workflow,
            input=json.loads(bundle.files[test.input]),
            expect=json.loads(bundle.files[test.expect]),
            config=json.loads(bundle.files[test.config]) if test.config else {},
            secrets={name: test.secrets.get(name, name) for name in manifest.permissions.secrets},
            assets=_ASSETS.validate_json(bundle.files[test.assets]) if test.assets else (),
            state=_STATE.validate_json(bundle.files[test.state]) if test.state else {},
            stand_ins=StandIns(
                http=_HTTP.validate_json(bundle.files[test.http]) if test.http else None,
                model=_MODEL.validate_json(bundle.files[test.model]) if test.model else (),
                approvals=test.approvals,
            ),
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
        yield from _check_fixtures(bundle, test, where)
        yield from _check_approvals(bundle, manifest, test, where)


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


def _check_fixtures(bundle: Bundle, test: GoldenTest, where: str) -> Iterator[Finding]:
    for name, path, adapter in (
        ("assets", test.assets, _ASSETS),
        ("state", test.state, _STATE),
        ("http", test.http, _HTTP),
        ("model", test.model, _MODEL),
    ):
        if not path:
            continue
        data = bundle.files.get(path)
        if data is None:
            yield _test(where, f"{path} does not exist", f"Add the file, or remove `{name}`.")
        elif len(data) > limits.TRIAL_FIXTURE_BYTES:
            yield _test(where, f"{path} has over {limits.TRIAL_FIXTURE_BYTES} bytes", "Try it with less.")
        else:
            yield from _check_fixture(where, name, data, adapter)


def _check_fixture(where: str, name: str, data: bytes, adapter: TypeAdapter[Any]) -> Iterator[Finding]:
    try:
        adapter.validate_json(data)
    except ValidationError as error:
        row = error.errors()[0]
        place = ".".join(str(part) for part in row["loc"]) or "the file"
        yield _test(where, f"`{name}` does not fit: {describe(row, place)}", f"Correct the `{name}` of the test.")


def _check_approvals(bundle: Bundle, manifest: Manifest, test: GoldenTest, where: str) -> Iterator[Finding]:
    section = manifest.workflows.get(test.workflow)
    if section is None or not test.approvals:
        return
    definition: Any = _read(bundle, section.definition) if section.definition else None
    states = set(_states(definition))
    for state in sorted(set(test.approvals) - states):
        near = closest(state, sorted(states))
        hint = f'Did you mean "{near}"?' if near else "Name a state that calls ${platform.approve}."
        yield _test(where, f"{test.workflow} has no state {state!r}", hint)


def _states(value: Any) -> Iterator[str]:
    """The names of all states, those inside of Maps and Parallels too."""
    if isinstance(value, dict):
        for name, inner in cast(dict[str, Any], value).items():
            if name == "States" and isinstance(inner, dict):
                yield from cast(dict[str, Any], inner)
            yield from _states(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from _states(inner)


def _read(bundle: Bundle, path: str) -> Any:
    try:
        return json.loads(bundle.files[path])
    except (KeyError, ValueError, RecursionError):
        return None


def _test(where: str, what: str, fix: str) -> Finding:
    return Finding(code="manifest.test", where=where, what=what, fix=fix)
