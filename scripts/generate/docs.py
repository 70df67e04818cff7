"""Writes the reference pages from the source: findings, errors, settings, routes, and the manifest's JSON Schema.

`python -m scripts.generate.docs` writes them; `tests/unit/docs/test_pages.py` fails while one of them is out of date.
"""

import ast
import inspect
import json
import sys
from collections.abc import Container, Iterator
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from interlock.contract.approval import ApprovalError
from interlock.contract.cloudevent import schema_name
from interlock.contract.core import failure, settings
from interlock.contract.core.failure import Failure, GateError
from interlock.contract.core.settings import VARIABLE_PREFIX, Settings
from interlock.contract.event import AppDetail
from interlock.contract.language_model import ModelError
from interlock.contract.manifest import Manifest
from interlock.contract.platform_step import HttpStepError
from scripts.attacks.page import attacks_page
from scripts.generate.api_page import api_page
from scripts.generate.command_pages import DETAILS, cli_page, events_page
from scripts.generate.limits_page import limits_page
from scripts.generate.sdk_pages import sdk_page, testing_page

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("interlock", "functions")
GENERATED = "<!-- Written by `python -m scripts.generate.docs` from the source. Do not edit. -->"
SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
FAMILIES = {
    "archive": "The zip of the bundle. The platform reads it entry by entry with hard limits, and does not extract it.",
    "asl": "The definition of a workflow. [workflows.md](workflows.md) describes what is supported.",
    "bundle": "The bundle as a whole: it differs from what was declared, or takes too long to read.",
    "card": "The Adaptive Card of a view. [views.md](views.md) has what a card may have.",
    "code": "The code. The platform reads its syntax tree and never imports it.",
    "edit": "An input or output that replaces a recorded one.",
    "fork": "A fork would differ from the run that it forks.",
    "install": "The settings with which a tenant installs an app.",
    "manifest": "`interlock.toml` and the files that it names. [manifest.md](manifest.md) describes the fields.",
    "measure": "What the app compiles to, against what AWS and the platform take ([limits.md](limits.md)).",
    "publish": "The publish pipeline.",
    "review": "A reviewer's decision on a version.",
    "tool": "A call of a tool of an app.",
    "trial": "The golden tests of the bundle, which run in the sandbox tenant.",
    "view": "The views of the manifest, and what their cards refer to. [views.md](views.md) describes them.",
}
VARIES = "(varies)"
NAMED = {
    "archive.path": "the path is too long or absolute, leaves the bundle, or has a part that is not permitted",
    "asl.choice": "a rule of a Choice does not have exactly one comparison, join or condition",
    "code.syntax": "the file is not valid Python",
    "publish.failed": "a part of the pipeline failed; the message has the reason",
    "tool.arguments": "the arguments do not match the tool's input schema",
    "asl.expression": "the expression is not valid in its query language",
    "asl.structure": "a field is missing or not known, or has another type",
    "asl.json": "the file is not a JSON object, has a key twice, or has too many nested levels",
    "install.config": "the config does not match the app's schema",
    "manifest.field": "a field is missing, not known, or not valid",
    "manifest.schema": "a JSON Schema does not exist, or does not describe an object",
    "manifest.toml": "the file is not TOML in UTF-8",
}
"""Sentences for codes whose texts are not constants in the source."""


Local = dict[str, ast.expr]
"""What is assigned to the names of a function."""


class Row(NamedTuple):
    """A code with what is said and what helps."""

    code: str
    what: str
    fix: str
    warning: bool = False


@cache
def findings() -> dict[str, list[Row]]:
    """Every finding code in the source with its words, by code: from calls of Finding and of the helpers around it."""
    rows: dict[str, list[Row]] = {}
    for tree in _trees():
        families = _helper_families(tree)
        for call, local in _calls_in_scope(tree, {"Finding", *families}):
            row = _finding(call, families, local)
            if row is not None:
                rows.setdefault(row.code, [])
                if row not in rows[row.code]:
                    rows[row.code].append(row)
    return dict(sorted(rows.items()))


@cache
def error_codes() -> dict[str, list[Row]]:
    """Every code that a Failure is raised with in the source, beside the default codes of the classes."""
    kinds = {name: kind for name, kind in vars(failure).items() if inspect.isclass(kind) and issubclass(kind, Failure)}
    rows: dict[str, list[Row]] = {}
    for tree in _trees():
        for call, local in _calls_in_scope(tree, kinds):
            name = _name(call.func)
            fields = {word.arg: word.value for word in call.keywords}
            code = fields.get("code")
            if isinstance(code, ast.Constant) and code.value:
                what = _text(call.args[0], local) if call.args else VARIES
                step = _text(fields["next_step"], local) if "next_step" in fields else ""
                row = Row(str(code.value), f"{int(kinds[name].status)} {what}", step)
                rows.setdefault(row.code, [])
                if row not in rows[row.code]:
                    rows[row.code].append(row)
    return dict(sorted(rows.items()))


def findings_page() -> str:
    """docs/findings.md."""
    lines = [
        "# Findings",
        "",
        GENERATED,
        "",
        "A finding is one result of validation: a stable code, the place, what is wrong, and what to do. An error",
        "rejects the bundle or the request; a warning does not. `…` stands for the parts of a text that vary.",
    ]
    family = ""
    for code, rows in findings().items():
        if code.partition(".")[0] != family:
            family = code.partition(".")[0]
            lines += ["", f"## {family}", "", FAMILIES[family], "", "| code | what | what to do |", "|---|---|---|"]
        what = NAMED.get(code) or "; ".join(dict.fromkeys(row.what for row in rows))
        fix = " ".join(dict.fromkeys(row.fix for row in rows))
        mark = " (warning)" if all(row.warning for row in rows) else ""
        lines.append(f"| `{code}`{mark} | {_cell(what)} | {_cell(fix)} |")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """docs/errors.md."""
    lines = [
        "# Errors",
        "",
        GENERATED,
        "",
        "Every answer of the API that is not a success is `application/problem+json` (RFC 9457) with `status`,",
        "`title`, `detail` and four fields of Interlock: `code` (stable, for programs), `where`, `next` (what to do)",
        "and, for a rejection, `findings` ([findings.md](findings.md)).",
        "",
        "## Kinds",
        "",
        "| code | status | what |",
        "|---|---|---|",
    ]
    for kind in _kinds():
        about = (inspect.getdoc(kind) or "").partition("\n")[0]
        lines.append(f"| `{kind.default_code}` | {int(kind.status)} | {_cell(about)} |")
    lines += ["", "## Codes", "", "| code | status and what | what to do |", "|---|---|---|"]
    for code, rows in error_codes().items():
        what = "; ".join(dict.fromkeys(row.what for row in rows))
        lines.append(f"| `{code}` | {_cell(what)} | {_cell(' '.join(dict.fromkeys(row.fix for row in rows)))} |")
    lines += [
        "",
        "## Errors inside a workflow",
        "",
        "The name of a step's error is the name of its exception class; `PermanentError` and `RetryableError` accept",
        "another one as `name=`. The platform raises the errors below. Retry and Catch may use these names:",
        "",
        "| error | when |",
        "|---|---|",
    ]
    for kind in (GateError, ApprovalError, HttpStepError, ModelError):
        docs = member_docs(kind)
        lines += [f"| `{error.value}` | {_cell(docs[error.name])} |" for error in kind]
    return "\n".join(lines) + "\n"


def member_docs(kind: type[StrEnum]) -> dict[str, str]:
    """What stands below each member of an enumeration."""
    (body,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for member, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(after, ast.Expr):
            docs[ast.unparse(member.targets[0])] = str(ast.literal_eval(after.value))
    return docs


def settings_page() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        GENERATED,
        "",
        "The environment variables that each function reads. The stacks in `infra/` use the same models, so each",
        "variable that a function reads is set. The variables of the local platform's commands are in their `--help`.",
    ]
    for model in setting_models():
        lines += ["", f"## {model.__name__}", "", (inspect.getdoc(model) or "").partition("\n")[0], ""]
        if model.model_fields:
            lines += ["| variable | default |", "|---|---|"]
        for name, field in model.model_fields.items():
            default = "required" if field.is_required() else f"`{field.default!r}`"
            lines.append(f"| `{VARIABLE_PREFIX}{name.upper()}` | {default} |")
    return "\n".join(lines) + "\n"


def setting_models() -> list[type[Settings]]:
    """Every settings model of the contract, in the order of the source."""
    models = [row for row in vars(settings).values() if inspect.isclass(row) and issubclass(row, Settings)]
    return [model for model in models if model is not Settings]


MANIFEST_ID = "urn:interlock:manifest:1"
"""A name, as those of events: it holds wherever the schema is served, and no editor fetches it."""


def manifest_schema() -> str:
    """docs/schemas/interlock.schema.json: the JSON Schema of `interlock.toml`, for editors."""
    schema: dict[str, Any] = Manifest.model_json_schema(by_alias=True)
    head = {"$schema": SCHEMA_ID, "$id": MANIFEST_ID, "title": "interlock.toml"}
    return json.dumps(head | {key: value for key, value in schema.items() if key != "title"}, indent=2) + "\n"


def event_schema(event: str, detail: type[BaseModel]) -> str:
    """The JSON Schema of an event's detail, in docs/schemas/events."""
    schema: dict[str, Any] = detail.model_json_schema()
    head: dict[str, Any] = {"$schema": SCHEMA_ID, "$id": schema_name(event), "title": event}
    if event != APP_EVENT:
        schema["properties"]["type"] = {"const": event}
    return json.dumps(head | {key: value for key, value in schema.items() if key != "title"}, indent=2) + "\n"


APP_EVENT = "app.event"
"""Stands for what apps and users emit under names of their own."""
EVENT_MODELS: dict[str, type[BaseModel]] = {
    **{member.value: model for kinds, model in DETAILS.items() for member in kinds},
    APP_EVENT: AppDetail,
}
PAGES = {
    "docs/findings.md": findings_page,
    "docs/errors.md": errors_page,
    "docs/settings.md": settings_page,
    "docs/api.md": lambda: api_page(GENERATED),
    "docs/schemas/interlock.schema.json": manifest_schema,
    **{
        f"docs/schemas/events/{event}.json": partial(event_schema, event, detail)
        for event, detail in EVENT_MODELS.items()
    },
    "docs/cli.md": lambda: f"{GENERATED}\n\n{cli_page()}",
    "docs/attacks.md": lambda: f"{GENERATED}\n\n{attacks_page()}",
    "docs/limits.md": lambda: f"{GENERATED}\n\n{limits_page()}",
    "docs/events.md": lambda: f"{GENERATED}\n\n{events_page()}",
    "docs/sdk.md": lambda: f"{GENERATED}\n\n{sdk_page()}",
    "docs/sdk-testing.md": lambda: f"{GENERATED}\n\n{testing_page()}",
}


def main() -> int:
    """Write every page that differs.

    Returns:
        0.
    """
    for name, page in PAGES.items():
        path = ROOT / name
        text = page()
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            sys.stdout.write(f"wrote {name}\n")
    return 0


def _trees() -> Iterator[ast.Module]:
    """The source, one file after the other: to keep all of it costs more than to parse it again."""
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            yield ast.parse(path.read_text())


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node


def _name(node: ast.expr) -> str:
    """The last name of what is called, if it has one. Every call of the source is asked, so nothing is unparsed."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _helper_families(tree: ast.Module) -> dict[str, str]:
    """The family of each local helper that makes findings: `_finding("path", …)` makes `archive.path`."""
    families = {"finding": "asl."}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in ("finding", "_finding"):
            for call in _calls(node):
                code = {word.arg: word.value for word in call.keywords}.get("code")
                if isinstance(code, ast.JoinedStr) and isinstance(code.values[0], ast.Constant):
                    families[node.name] = str(code.values[0].value)
    return families


def _finding(call: ast.Call, families: dict[str, str], local: Local) -> Row | None:
    name = _name(call.func)
    fields = {word.arg: word.value for word in call.keywords}
    severity = [*call.args[4:], *(value for key, value in fields.items() if key == "severity")]
    warning = any("WARNING" in ast.unparse(value) for value in severity)
    if name == "Finding" and isinstance(fields.get("code"), ast.Constant):
        return Row(_text(fields["code"], local), _text(fields["what"], local), _text(fields["fix"], local), warning)
    if name in families and len(call.args) >= 4 and isinstance(call.args[0], ast.Constant):
        code, _, what, fix = call.args[:4]
        return Row(f"{families[name]}{_text(code, local)}", _text(what, local), _text(fix, local), warning)
    return None


def _calls_in_scope(tree: ast.Module, names: Container[str]) -> Iterator[tuple[ast.Call, Local]]:
    """Each call of these names in a function, with the values that the module and that function assign to names."""
    constants: Local = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
            assigned.sort(key=lambda node: node.lineno)
            for call in _calls(function):
                if _name(call.func) not in names:
                    continue
                local = {
                    node.targets[0].id: node.value
                    for node in assigned
                    if isinstance(node.targets[0], ast.Name) and node.lineno < call.lineno
                }
                yield call, constants | local


def _part_text(part: ast.expr) -> str:
    """A part of an f-string: `…` where it varies, nothing for what a sentence may suggest at its end."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    call = value.func if isinstance(value, ast.Call) else value
    name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
    return "" if name in ("did_you_mean", "like", "hint") else "…"


def _text(node: ast.expr, local: Local) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(map(_part_text, node.values))
        case ast.IfExp():
            return " / ".join(text for text in (_text(node.body, local), _text(node.orelse, local)) if text)
        case ast.Name() if node.id in local:
            return _text(local[node.id], {})
        case _:
            return VARIES


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()


def _kinds() -> list[type[Failure]]:
    kinds = [kind for kind in vars(failure).values() if inspect.isclass(kind) and issubclass(kind, Failure)]
    return [kind for kind in kinds if "default_code" in vars(kind)]


if __name__ == "__main__":
    sys.exit(main())
