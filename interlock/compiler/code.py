"""Checks a bundle's code by its syntax tree alone: publisher code is never imported here (codes `code.*`)."""

import ast
from collections.abc import Iterator, Mapping

from interlock.compiler.archive import Bundle
from interlock.compiler.imports import check_imports
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import StepSection
from interlock.contract.own_code import VENDOR


def check_code(bundle: Bundle, steps: Mapping[str, StepSection]) -> tuple[Finding, ...]:
    """Every file of the publisher parses, every handler and import is served, and the SDK is not vendored."""
    trees: dict[str, ast.Module] = {}
    findings: list[Finding] = []
    for path in sorted(bundle.files):
        if path.endswith(".py") and not path.startswith(VENDOR):
            tree = _parse(bundle, path)
            if isinstance(tree, Finding):
                findings.append(tree)
            else:
                trees[path] = tree
    if any(path.startswith((f"{VENDOR}interlock/", "interlock/")) for path in bundle.files):
        findings.append(
            _finding(
                "vendored-sdk",
                "vendor/interlock",
                "the bundle contains its own copy of interlock",
                "Remove it: the platform provides the SDK of each version.",
            )
        )
    for name, step in steps.items():
        if not step.handler:
            continue
        findings.extend(_handler(name, step, trees, bundle))
    findings.extend(check_imports(bundle, steps, trees))
    return tuple(findings)


def _parse(bundle: Bundle, path: str) -> ast.Module | Finding:
    try:
        return ast.parse(bundle.files[path], path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return _finding("syntax", f"{path}:{line}", str(error), "Correct the syntax.")


def _handler(name: str, step: StepSection, trees: Mapping[str, ast.Module], bundle: Bundle) -> Iterator[Finding]:
    module, _, function = step.handler.partition(":")
    stem = module.replace(".", "/")
    path = next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in bundle.files), None)
    where = f"interlock.toml#steps.{name}.handler"
    if path is None:
        yield _finding(
            "no-module", where, f"the bundle has no module {module!r}", f"Add {stem}.py, or name another module."
        )
        return
    tree = trees.get(path)
    if tree is None:
        return
    definition = next(
        (
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        ),
        None,
    )
    if definition is None:
        yield _finding(
            "no-handler",
            where,
            f"{path} defines no function {function!r} at its top level",
            f"Define it, or name another in [steps.{name}].",
        )
    elif not any(_is_step(decorator) for decorator in definition.decorator_list):
        yield _finding(
            "not-a-step",
            f"{path}:{definition.lineno}",
            f"{function} does not have the decorator @step",
            "Add the decorator: `from interlock import step`.",
            Severity.ERROR,
        )


def _is_step(node: ast.expr) -> bool:
    target = node.func if isinstance(node, ast.Call) else node
    return (isinstance(target, ast.Name) and target.id == "step") or (
        isinstance(target, ast.Attribute) and target.attr == "step"
    )


def _finding(code: str, where: str, what: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"code.{code}", where=where, what=what, fix=fix, severity=severity)
