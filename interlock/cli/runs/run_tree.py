"""A run as a tree of its steps, with a timeline."""

import json
from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from interlock.cli.terminal import render
from interlock.contract.core.base import parse_moment
from interlock.debugger.timeline import TimelineRow

BAR = 24
WIDE = 100


def print_run(
    run: dict[str, Any], steps: Sequence[dict[str, Any]], last: Sequence[dict[str, Any]] = (), *, whole: bool
) -> None:
    """Print a run and its steps; where there is a `last`, what lies between them is left out, and said."""
    head = f"[bold]{run['id']}[/bold]  {render.styled(run['status'])}  {run['app']}@{run['version']} {run['workflow']}"
    tree = Tree(head + f"  [dim]{run['trigger']['name']}  {run['started']}[/dim]")
    if run["recovered"]:
        tree.add(f"[yellow]recovered after a restart, {run['recovered']} times[/yellow]")
    _bodies(tree, run, whole=whole)
    for step in steps:
        _step(tree, run, step, whole=whole)
    if last:
        hidden = run["usage"]["attempts"] - len(steps) - len(last)
        count = f"{hidden:,} steps" if hidden > 0 else "Steps"
        tree.add(f"[yellow]{count} between are not shown[/yellow] [dim](--all, --json)[/dim]")
    for step in last:
        _step(tree, run, step, whole=whole)
    failed = run.get("failed")
    if failed:
        node = tree.add(f"[red]{escape(failed['error'])}[/red]: {escape(failed['cause'])}")
        where = " ".join(word for word in (failed["state"], failed["frame"]) if word)
        if where:
            node.add(escape(where))
    render.out.print(tree)


def _step(tree: Tree, run: dict[str, Any], step: dict[str, Any], *, whole: bool) -> None:
    index = f"[{step['index']}]" if step["index"] is not None else ""
    attempt = f"  attempt {step['attempt'] + 1}" if step["attempt"] else ""
    reused = "  [dim]reused[/dim]" if step["reused"] else ""
    word = f"{escape(step['state'] + index)}  {render.styled(step['status'])}{attempt}{reused}"
    node = tree.add(f"{word}  [dim]{timeline(run, step)} {step['duration_ms']:.0f} ms[/dim]")
    _bodies(node, step, whole=whole)
    error = step.get("error")
    if error:
        failed = node.add(f"[red]{escape(error['name'])}[/red]: {escape(error['message'])}")
        for frame in error["frames"][-1:]:
            failed.add(f"{escape(frame['file'])}:{frame['line']} in {escape(frame['function'])}")
            for number, line in enumerate(frame["source"], frame["source_start"]):
                mark = "[red]>[/red]" if number == frame["line"] else " "
                failed.add(f"{mark} {number:>4} {escape(line)}")
    for effect in step["effects"]:
        did = "" if effect["performed"] else " (captured)"
        problem = f"  [red]{escape(effect['error'])}[/red]" if effect["error"] else ""
        what = escape(render.short(effect["request"]))
        node.add(f"[dim]{effect['kind']}.{effect['op']}{did} {what}  {effect['duration_ms']:.0f} ms[/dim]{problem}")


def _bodies(node: Tree, row: dict[str, Any], *, whole: bool) -> None:
    for word in ("input", "output"):
        value = row.get(word)
        if not value:
            continue
        if whole:
            node.add(f"{word} {escape(json.dumps(value.get('value'), indent=2, ensure_ascii=False))}")
        else:
            node.add(f"{word} {escape(render.body(value, WIDE))}")


def timeline(run: dict[str, Any], step: dict[str, Any]) -> str:
    """Where in the run's time a step lay, as a bar."""
    begun = parse_moment(run["started"])
    end = parse_moment(run.get("ended") or step.get("ended") or step["started"])
    total = max((end - begun).total_seconds(), 0.001)
    first = int(BAR * min(max((parse_moment(step["started"]) - begun).total_seconds() / total, 0), 1))
    last = parse_moment(step.get("ended") or run.get("ended") or step["started"])
    length = max(int(BAR * (last - parse_moment(step["started"])).total_seconds() / total), 1)
    first = min(first, BAR - 1)
    return "·" * first + "━" * min(length, BAR - first) + "·" * max(BAR - first - length, 0)


def print_trace(trace: dict[str, Any]) -> None:
    """Print a run's trace as a waterfall."""
    rows = trace["rows"]
    total = max((row["start_ms"] + row["duration_ms"] for row in rows), default=0.0)
    cells: list[list[str]] = []
    for row in rows:
        first = min(int(BAR * row["start_ms"] / total), BAR - 1) if total else 0
        length = min(max(int(BAR * row["duration_ms"] / total), 1), BAR - first) if total else 1
        bar = "·" * first + "━" * length + "·" * (BAR - first - length)
        name = "  " * row["depth"] + row["name"]
        cells.append([name, row["state"], bar, f"{row['duration_ms']:.0f} ms", row["error"], row["frame"]])
    empty = f"X-Ray has no segments of {trace['trace']} (yet, or any more: it keeps them 30 days)."
    render.table(("segment", "state", "", "took", "error", "frame"), cells, empty)
    render.out.print(f"[dim]trace {trace['trace']}[/dim]" + (f"  {trace['console']}" if trace["console"] else ""))


def print_states(rows: Sequence[TimelineRow]) -> None:
    """Print every state that a run entered, as its history tells it, inside what it was entered in."""
    cells: list[list[str]] = []
    for row in rows:
        depth = sum(not word.startswith(("[", "{")) for word in row.path) - 1
        inside = "".join(word for word in row.path if word.startswith("["))
        attempt = f"  attempt {row.attempt + 1}" if row.attempt else ""
        cells.append(["  " * max(depth, 0) + row.state + inside + attempt, row.type, row.status, row.start, row.error])
    render.table(("state", "type", "status", "entered", "error"), cells, "The history is empty.")
