"""Checks a bundle's code by its syntax tree alone: publisher code is never imported here (codes `code.*`)."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interlock.compiler.archive import Bundle
from interlock.compiler.imports import Imports, check_imports, imports_of
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.core.suggest import did_you_mean
from interlock.contract.manifest import StepSection
from interlock.contract.own_code import VENDOR


@dataclass(frozen=True, slots=True)
class _Module:
    """What is kept of a module's syntax tree, which takes a hundred times its text."""

    imports: Imports
    functions: dict[str, tuple[int, bool]]
    """The line of each function at the module's top, and whether it is a step."""


def check_code(bundle: Bundle, steps: Mapping[str, StepSection]) -> tuple[Finding, ...]:
    """Every file of the publisher parses, every handler and import is served, and the SDK is not vendored."""
    modules: dict[str, _Module] = {}
    findings: list[Finding] = []
    paths = [path for path in sorted(bundle.files) if path.endswith(".py") and not path.startswith(VENDOR)]
    excess = _excess(bundle, paths)
    if excess:
        return (excess,)
    for path in paths:
        module = _parse(path, bundle.files[path])
        if isinstance(module, Finding):
            findings.append(module)
        else:
            modules[path] = module
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
        if step.handler:
            findings.extend(_handler(name, step, modules, bundle))
    findings.extend(check_imports(bundle, steps, {path: module.imports for path, module in modules.items()}))
    return tuple(findings)


def _parse(path: str, source: bytes) -> _Module | Finding:
    try:
        tree = ast.parse(source, path)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        return _finding("syntax", f"{path}:{line}", str(error), "Correct the syntax.")
    except (RecursionError, MemoryError):
        return _finding("syntax", path, "the code is nested too deeply", "Split the expression.")
    functions = {
        node.name: (node.lineno, any(map(_is_step, node.decorator_list)))
        for node in reversed(tree.body)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return _Module(imports_of(tree), functions)


def _excess(bundle: Bundle, paths: list[str]) -> Finding | None:
    """Why the code is more than is read."""
    left = limits.CODE_BYTES
    for path in paths:
        size = len(bundle.files[path])
        left -= size
        if left < 0 or size > limits.CODE_FILE_BYTES:
            what = (
                f"the app's own code is more than is read: {path} has {size} bytes; "
                f"a file may have {limits.CODE_FILE_BYTES}, and all of them {limits.CODE_BYTES}"
            )
            fix = "Move libraries into requirements.txt, and data into files of another kind."
            return _finding("size", path, what, fix)
    return None


def _handler(name: str, step: StepSection, modules: Mapping[str, _Module], bundle: Bundle) -> Iterator[Finding]:
    module, _, function = step.handler.partition(":")
    stem = module.replace(".", "/")
    path = next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in bundle.files), None)
    where = f"interlock.toml#steps.{name}.handler"
    if path is None:
        yield _finding(
            "no-module", where, f"the bundle has no module {module!r}", f"Add {stem}.py, or name another module."
        )
        return
    current = modules.get(path)
    if current is None:
        return
    if function not in current.functions:
        yield _finding(
            "no-handler",
            where,
            f"{path} defines no function {function!r} at its top level{did_you_mean(function, current.functions)}",
            f"Define it, or name another in [steps.{name}].",
        )
        return
    line, is_step = current.functions[function]
    if not is_step:
        yield _finding(
            "not-a-step",
            f"{path}:{line}",
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
