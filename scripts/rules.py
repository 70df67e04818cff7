"""Rules of the house that no linter has: the length of files, words that may not be in them, names of variables."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 400
NAMES = frozenset({"found", "words", "made", "told", "given", "asked", "kept"})
"""A variable is named by the noun of what it holds, not by how it came."""
PUBLISHERS_CODE = ("tests/corpus/bugs/", "tests/support/faults/")
"""Apps as publishers write them: their names are not ours."""
WORDS = {
    r"\b(TODO|FIXME|XXX)\b": "say it in an issue, or do it",
    r"#\s*(noqa|type:\s*ignore)": "mend what the linter found",
    r"\bmock\.patch\b|\bfrom unittest\.mock import\b|\bimport mock\b": "hand in what differs, or use the engine",
    r"\btime\.sleep\(": "wait for what is awaited, with a deadline",
}
QUOTES = (
    "scripts/rules.py",
    "scripts/benchmark/",
    "interlock/local/engine/corrections/",
    "tests/support/engine_cloud.py",
)
"""Files that quote other code, or measure code that takes its time."""
GENERATED = ("interlock/client/api.py",)
"""Written by a program, a few lines for each resource of the API."""
MAX_TEST_NAME = 60
USE_CASES = "interlock/control/"
MAX_PARAMETERS = 5
"""Of a use case: what it works with is a context, what it is asked is one value."""
TEST_NAME = re.compile(r"^\s*(?:async )?def (test_\w+)")


def broken(name: str, text: str) -> Iterator[str]:
    """What a file breaks, as `file:line: what`."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES and name not in GENERATED:
        yield f"{name}:{MAX_LINES}: has {len(lines)} lines, at most {MAX_LINES}: split it by what changes together"
    for number, line in enumerate([] if name.startswith(QUOTES) else lines, 1):
        test = TEST_NAME.match(line)
        if test and len(test[1]) > MAX_TEST_NAME:
            yield f"{name}:{number}: {test[1]} has {len(test[1])} characters: name the subject and what it does in 60"
        for pattern, instead in WORDS.items():
            if re.search(pattern, line):
                yield f"{name}:{number}: {line.strip()[:60]!r}: {instead}"
    for number, function, count in long_calls(ast.parse(text)) if name.startswith(USE_CASES) else ():
        yield f"{name}:{number}: {function} has {count} parameters, at most {MAX_PARAMETERS}: put them into one value"
    for number, variable in sorted([] if name.startswith(PUBLISHERS_CODE) else variables(ast.parse(text))):
        if variable in NAMES:
            yield f"{name}:{number}: the variable {variable!r}: name it by the noun of what it holds"


def long_calls(tree: ast.Module) -> Iterator[tuple[int, str, int]]:
    """Every public function with too many parameters: its line, its name, how many it has."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            count = sum(row.arg not in ("self", "cls") for row in arguments)
            if count > MAX_PARAMETERS:
                yield node.lineno, node.name, count


def variables(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every variable and parameter of a module with its line; the fields of classes are no variables."""
    fields = {
        id(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for row in node.body
        for target in ([row.target] if isinstance(row, ast.AnnAssign) else getattr(row, "targets", []))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


def main() -> int:
    """Check every Python file that git knows.

    Returns:
        0 where no rule is broken, else 1.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    breaches = [row for name in names if (ROOT / name).exists() for row in broken(name, (ROOT / name).read_text())]
    sys.stdout.write("".join(f"{row}\n" for row in breaches))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
