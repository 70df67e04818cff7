"""Checks what a workflow says to the platform's own steps, as far as it is literal (codes `asl.platform-*`). Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError

from interlock.compiler import expressions
from interlock.contract.core.failure import BadRequest, GateFailure
from interlock.contract.core.finding import Finding
from interlock.contract.core.validation import describe, field_name
from interlock.contract.egress import check_declared, parse_target
from interlock.contract.manifest import Permissions
from interlock.contract.platform_step import EMIT, HTTP, SECRET_PATTERN, TAKES

_SECRET = re.compile(SECRET_PATTERN)


def check_parameters(step: str, value: Any, permissions: Permissions, spot: str) -> Iterator[Finding]:
    """The findings of a Task on a platform step.

    Args:
        step: such as `platform.http`.
        value: its Parameters or Arguments, as they were written.
        permissions: the manifest's.
        spot: the state, for the findings.
    """
    if isinstance(value, str):
        # An expression for all of it: the step checks what comes of it.
        return
    if not isinstance(value, dict):
        yield _finding("parameters", spot, f"${{{step}}} needs Parameters or Arguments", "Add its parameters.")
        return
    literal, computed = _split(cast(dict[str, Any], value))
    try:
        TAKES[step].model_validate(literal)
    except ValidationError as error:
        for row in error.errors():
            if str(row["loc"][0] if row["loc"] else "") not in computed:
                where = "/".join((spot, *(str(part) for part in row["loc"])))
                what = describe(row, field_name(row, step))
                yield _finding("parameters", where, what, f"Look at ${{{step}}} in docs/workflows.md.")
    if step == EMIT:
        yield from _emit(literal, permissions, spot)
    if step == HTTP:
        yield from _http(literal, permissions, spot)


def _split(values: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """What is literal, and the names of what is computed, wholly or in part."""
    literal: dict[str, Any] = {}
    computed: set[str] = set()
    for name, value in values.items():
        inner = expressions.strings({"value": value})
        if name.endswith(".$") or any(place.endswith(".$") or text.startswith("{%") for place, text in inner):
            computed.add(name.removesuffix(".$"))
        else:
            literal[name] = value
    return literal, computed


def _emit(literal: Mapping[str, Any], permissions: Permissions, spot: str) -> Iterator[Finding]:
    name = literal.get("name")
    if isinstance(name, str) and name not in permissions.emit:
        yield _finding("emit", f"{spot}/name", f"the app may not emit {name}", "Add it to [permissions] emit.")


def _http(literal: Mapping[str, Any], permissions: Permissions, spot: str) -> Iterator[Finding]:
    url = literal.get("url")
    if isinstance(url, str):
        try:
            target = parse_target(url)
            check_declared(permissions.egress, target.host, target.port)
        except BadRequest as error:
            yield _finding("url", f"{spot}/url", error.what, "Write a URL of http or https.")
        except GateFailure as error:
            yield _finding("egress", f"{spot}/url", error.what, "Add host and port to [permissions] egress.")
    headers = literal.get("headers")
    for name, text in cast(dict[str, Any], headers).items() if isinstance(headers, dict) else ():
        match = _SECRET.search(str(text))
        if match and match.group(1) not in permissions.secrets:
            what = f"the app has no secret {match.group(1)}"
            yield _finding("secret", f"{spot}/headers/{name}", what, "Add it to [permissions] secrets.")


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=f"asl.platform-{code}", where=where, what=what, fix=fix)
