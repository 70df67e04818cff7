"""Imports that nothing serves: neither the bundle, nor its dependencies, nor the runtime. By the syntax tree alone.

Only modules that a handler reaches are looked at: a script beside them may import what it likes.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from interlock.compiler.archive import Bundle
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import StepSection
from interlock.contract.own_code import VENDOR

SDK = frozenset({"interlock", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"})
"""What the platform's layer brings: the SDK and its dependencies."""
RUNTIME = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"})
"""What Lambda's Python runtime brings beside Python's library.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
"""
_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


Imports = tuple[tuple[ast.Import | ast.ImportFrom, bool], ...]
"""The imports of a module, and whether each certainly runs when the module is imported."""


def imports_of(tree: ast.Module) -> Imports:
    """What a module imports."""
    return tuple(_imports(tree.body, sure=True))


def check_imports(
    bundle: Bundle, steps: Mapping[str, StepSection], imports: Mapping[str, Imports]
) -> Iterator[Finding]:
    """A finding for each import that cannot work: an error at a module's top, a warning where it may never run.

    Args:
        bundle: the bundle. Where it declares requirements and has none vendored yet, every dependency is believed.
        steps: the steps, whose handlers are where the search begins.
        imports: of the app's own modules by path, as `imports_of` has them.
    """
    served = _served(bundle)
    unpacked = any(PurePosixPath(path).name.startswith("requirements") for path in bundle.files) and not any(
        path.startswith(VENDOR) for path in bundle.files
    )
    for path in sorted(_reached(steps, imports)):
        for node, sure in imports[path]:
            for module in _modules(node, path):
                top = module.partition(".")[0]
                if module.startswith("/"):
                    if not _own(module[1:], imports, bundle):
                        yield _finding(path, node.lineno, module[1:].replace("/", "."), sure=sure)
                elif top not in served and not unpacked:
                    yield _finding(path, node.lineno, top, sure=sure)


def _served(bundle: Bundle) -> frozenset[str]:
    """The names of every top-level module that an import finds."""
    own = {path.partition("/")[0].removesuffix(".py") for path in bundle.files if path.endswith(".py")}
    vendored = {
        path.removeprefix(VENDOR).partition("/")[0].partition(".")[0]
        for path in bundle.files
        if path.startswith(VENDOR)
    }
    return frozenset(sys.stdlib_module_names) | SDK | RUNTIME | own | vendored


def _reached(steps: Mapping[str, StepSection], imports: Mapping[str, Imports]) -> set[str]:
    """The app's own modules that the handlers import, and what those import."""
    todo = [step.handler.partition(":")[0].replace(".", "/") for step in steps.values() if step.handler]
    reached: set[str] = set()
    while todo:
        stem = todo.pop()
        parents = [str(parent) for parent in PurePosixPath(stem).parents if str(parent) != "."]
        for path in (f"{stem}.py", f"{stem}/__init__.py", *(f"{parent}/__init__.py" for parent in parents)):
            if path not in imports or path in reached:
                continue
            reached.add(path)
            for node, _ in imports[path]:
                todo += [module.removeprefix("/").replace(".", "/") for module in _modules(node, path)]
                if isinstance(node, ast.ImportFrom):
                    begin = next(iter(_modules(node, path)), "").removeprefix("/").replace(".", "/")
                    todo += [f"{begin}/{alias.name}".removeprefix("/") for alias in node.names]
    return reached


def _imports(body: list[ast.stmt], *, sure: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import of some statements, and whether it certainly runs when the module is imported.

    One that is guarded against its absence, or that only a type checker sees, is left out.
    """
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                yield statement, sure
            case ast.Try() if any(_catches(handler) for handler in statement.handlers):
                yield from _imports([*statement.orelse, *statement.finalbody], sure=False)
            case ast.If() if "TYPE_CHECKING" in ast.dump(statement.test):
                yield from _imports(statement.orelse, sure=sure)
            case _:
                certain = sure and isinstance(statement, ast.With | ast.ClassDef | ast.Try)
                yield from _imports(_inside(statement), sure=certain)


def _inside(statement: ast.stmt) -> list[ast.stmt]:
    """The statements in a statement: of its body, its branches, its handlers and its cases."""
    parts: list[ast.stmt] = []
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            parts.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            parts += child.body
    return parts


def _catches(handler: ast.ExceptHandler) -> bool:
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else _MISSING
    return bool(names & _MISSING)


def _modules(node: ast.Import | ast.ImportFrom, path: str) -> Iterator[str]:
    """The modules that an import names; one relative to the app's own begins with a slash."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif not node.level:
        yield node.module or ""
    else:
        package = PurePosixPath(path).parent
        for _ in range(node.level - 1):
            package = package.parent
        name = (node.module or "").replace(".", "/")
        yield "/" + "/".join(part for part in (str(package).removeprefix("."), name) if part)


def _own(stem: str, imports: Mapping[str, Imports], bundle: Bundle) -> bool:
    """Whether the bundle has this module or package, or a library's compiled one."""
    return (
        not stem or f"{stem}.py" in imports or any(path.startswith((f"{stem}/", f"{stem}.")) for path in bundle.files)
    )


def _finding(path: str, line: int, module: str, *, sure: bool) -> Finding:
    return Finding(
        code="code.no-import",
        where=f"{path}:{line}",
        what=f"nothing in the bundle, its dependencies or the runtime serves the import of {module!r}",
        fix="Add it to requirements.txt and pack the app again, add the module, or remove the import.",
        severity=Severity.ERROR if sure else Severity.WARNING,
    )
