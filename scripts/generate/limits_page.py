"""The page of every limit that the platform keeps, docs/limits.md, from the constants and what stands beside them."""

import ast
import re
from pathlib import Path

from interlock.contract.core import limits

SOURCE = Path(limits.__file__)
UNITS = ("KIB", "MIB")
HEAD = """# Limits

Every limit that the platform keeps, by its name in `interlock/contract/core/limits.py`, with its source or reason.
What is beyond a limit is a finding or an error that names the limit, before anything is parsed deeply
([ADR 0023](adr/0023-what-others-wrote-runs-in-bounds.md)).

| limit | value | why |
|---|---|---|"""


def limits_page() -> str:
    """The page."""
    rows = (f"| `{name}` | {_value(name)} | {why} |" for name, why in _reasons() if name not in UNITS)
    return "\n".join([HEAD, *rows]) + "\n"


def _value(name: str) -> str:
    value = getattr(limits, name)
    if name.endswith("_BYTES") and value >= limits.KIB and value % limits.KIB == 0:
        return f"{value // limits.KIB:,} KiB" if value < limits.MIB else f"{value / limits.MIB:g} MiB"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _reasons() -> list[tuple[str, str]]:
    """Each constant with the text below it; without one, the comment above its group, or the group's next text."""
    text = SOURCE.read_text()
    lines, body = text.splitlines(), ast.parse(text).body
    rows: list[tuple[str, str]] = []
    waiting: list[str] = []
    for place, node in enumerate(body):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        waiting.append(node.targets[0].id)
        after = body[place + 1] if place + 1 < len(body) else None
        group = _comment(lines, node.lineno)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            why = _line(str(after.value.value))
        elif isinstance(after, ast.Assign) and after.lineno == node.lineno + 1:
            continue
        else:
            why = group
        rows += [(name, group or why) for name in waiting[:-1]]
        rows.append((waiting[-1], why))
        waiting = []
    return rows


def _comment(lines: list[str], number: int) -> str:
    """The comment above a group of constants, which an empty line ends."""
    above: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line:
            break
        above.insert(0, line.lstrip("# ") if line.startswith("#") else "")
    return _line(" ".join(above))


def _line(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|")
    return re.sub(r"(https?://[^\s,;)]+)", r"<\1>", line)
