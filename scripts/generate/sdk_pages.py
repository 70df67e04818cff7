"""`docs/sdk.md` and `docs/sdk-testing.md`: what steps and their tests use, from its docstrings (griffe reads them)."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import griffe

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = ("model_config",)


class Part(NamedTuple):
    """A heading, and the names below it."""

    title: str
    about: str
    names: tuple[str, ...]


SDK_INTRO = """# The SDK

What a step imports: `from interlock import step, Context`. Write a step as a function of its input, and of `ctx` where
it calls anything: each call through `ctx` is recorded, so that a run can be forked, replayed and debugged without doing
it again. [Your first app](tutorial.md) shows it at work; [the manifest](manifest.md) says which scope each call
needs."""
SDK_PARTS = (
    Part("Steps", "", ("interlock.sdk.step.step", "interlock.sdk.sensitive.Sensitive")),
    Part("The context of a step", "", ("interlock.sdk.context.Context",)),
    Part(
        "`ctx.catalog`",
        "",
        (
            "interlock.sdk.catalog.Catalog",
            "interlock.contract.catalog.Asset",
            "interlock.contract.catalog.AssetWrite",
            "interlock.contract.catalog.AssetChange",
            "interlock.contract.catalog.AssetPage",
        ),
    ),
    Part("`ctx.http`", "", ("interlock.sdk.http.Http", "interlock.sdk.http.HttpResponse")),
    Part("`ctx.state` and `ctx.secrets`", "", ("interlock.sdk.state.State", "interlock.sdk.context.Secrets")),
    Part(
        "`ctx.model`",
        "[Language models](models.md) says what it costs and who configures it.",
        (
            "interlock.sdk.model.LanguageModel",
            "interlock.contract.language_model.Message",
            "interlock.contract.language_model.ModelAnswer",
        ),
    ),
    Part(
        "Errors that a step raises",
        "What `Retry` and `Catch` of a workflow match is the class's name.",
        ("interlock.contract.core.failure.RetryableError", "interlock.contract.core.failure.PermanentError"),
    ),
    Part("Preflight", "", ("interlock.contract.preflight.Check",)),
)
TESTING_INTRO = """# Testing steps and workflows

What a test imports: `from interlock.testing import run_step`. Nothing of a platform is needed: no engine, no network.
`pytest` finds the fixtures by itself once the package is installed. [Your first app](tutorial.md) has a test that runs;
golden tests, which run at every publish, are in [the manifest](manifest.md)."""
TESTING_PARTS = (
    Part(
        "Run a step",
        "",
        (
            "interlock.testing.steps.run_step",
            "interlock.testing.steps.StepRun",
            "interlock.testing.memory.MemoryBackend",
            "interlock.testing.memory.asset",
        ),
    ),
    Part(
        "Run a workflow",
        "",
        (
            "interlock.testing.workflows.run_workflow",
            "interlock.testing.workflows.WorkflowRun",
            "interlock.testing.process.interpret_workflow",
            "interlock.testing.process.ProcessRun",
        ),
    ),
    Part("Fixtures of pytest", "", ("interlock.testing.plugin",)),
)


def sdk_page() -> str:
    """The page of what steps use."""
    return _page(SDK_INTRO, SDK_PARTS)


def testing_page() -> str:
    """The page of what tests use."""
    return _page(TESTING_INTRO, TESTING_PARTS)


@cache
def _package() -> griffe.Object | griffe.Alias:
    """The package as griffe reads it: once for both pages."""
    return griffe.load("interlock", search_paths=[ROOT], docstring_parser="google", resolve_aliases=True)


def _page(intro: str, parts: tuple[Part, ...]) -> str:
    package = _package()
    lines = [intro]
    for part in parts:
        lines += [f"## {part.title}", part.about]
        for name in part.names:
            lines += list(_object(package[name.removeprefix("interlock.")], 3))
    return "\n\n".join(line for line in lines if line) + "\n"


def _object(item: griffe.Object | griffe.Alias, level: int) -> Iterator[str]:
    """The heading, signature, text and members of an object."""
    if item.is_module:
        for member in item.members.values():
            if not member.is_alias and _is_public(member):
                yield from _object(member, level)
        return
    yield f"{'#' * level} `{item.name}`"
    if item.is_function:
        yield f"```python\n{_signature(item)}\n```"
    yield from _docstring(item)
    if not item.is_class:
        return
    explained = {row.name for section in _sections(item) for row in _attributes_of(section)}
    fields = [
        f"| `{one.name}` | {_type(one)} | {_line(one)} |" for one in _attributes(item) if one.name not in explained
    ]
    if fields:
        yield "\n".join(("| field | type | what it is |", "|---|---|---|", *fields))
    for member in item.members.values():
        if member.is_function and _is_public(member):
            yield from _object(member, level + 1)


def _attributes(item: griffe.Object | griffe.Alias) -> Iterator[griffe.Attribute]:
    for member in item.members.values():
        if isinstance(member, griffe.Attribute) and _is_public(member) and member.annotation is not None:
            yield member


def _is_public(item: griffe.Object | griffe.Alias) -> bool:
    return not item.name.startswith("_") and item.name not in SKIPPED and (item.is_attribute or bool(item.docstring))


def _type(item: griffe.Attribute) -> str:
    return f"`{item.annotation!s}`".replace("|", "\\|")


def _line(item: griffe.Object | griffe.Alias) -> str:
    """What an attribute is, as a cell of a table."""
    text = item.docstring.value if item.docstring else ""
    return " ".join(text.split()).replace("|", "\\|")


def _signature(item: griffe.Object | griffe.Alias) -> str:
    text = str(item.signature(return_type=True)) if isinstance(item, griffe.Function) else item.name
    return text.replace("self, ", "").replace("(self)", "()")


def _sections(item: griffe.Object | griffe.Alias) -> list[griffe.DocstringSection]:
    return item.docstring.parse("google") if item.docstring else []


def _attributes_of(section: griffe.DocstringSection) -> list[griffe.DocstringAttribute]:
    return section.value if isinstance(section, griffe.DocstringSectionAttributes) else []


def _docstring(item: griffe.Object | griffe.Alias) -> Iterator[str]:
    for section in _sections(item):
        match section:
            case griffe.DocstringSectionText():
                yield section.value
            case griffe.DocstringSectionParameters() | griffe.DocstringSectionAttributes():
                yield "\n".join(f"- `{row.name}`: {_joined(row.description)}" for row in section.value)
            case griffe.DocstringSectionReturns():
                yield "Returns: " + " ".join(_joined(row.description) for row in section.value)
            case griffe.DocstringSectionRaises():
                rows = (f"- raises `{row.annotation}`: {_joined(row.description)}" for row in section.value)
                yield "\n".join(rows)
            case griffe.DocstringSectionExamples():
                yield "\n\n".join(f"```python\n{text}\n```" for _, text in section.value)
            case _:
                yield str(section.value)


def _joined(text: str) -> str:
    return " ".join(text.split())
