"""Prints a run as a tree of its steps with a timeline, as a trace, or as the states of its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlock.cli.terminal import render
from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment
from interlock.debugger.explain_text import cause_lines
from interlock.debugger.items import Items, place_text

if TYPE_CHECKING:
    from rich.tree import Tree

    from interlock.cli.runs.states import StateRow
    from interlock.contract.core.base import Json
    from interlock.contract.envelope import Effect, StepError
    from interlock.contract.language_model import ModelUse
    from interlock.contract.run import Body, Run, StepRecord, Usage
    from interlock.contract.state_flow import StateFlow
    from interlock.contract.trace import RunTrace, TraceRow
    from interlock.debugger.timeline import TimelineRow

NO_ITEMS: Items = {}
SHOWN = 100
"""So many steps at the beginning and at the end of a long run are printed."""
BAR = 24
WIDE = 100
NEAR_LIMIT = 0.8
"""From this share of limits.SFN_PAYLOAD_BYTES on, a payload is a warning."""


def print_run(
    run: Run, steps: Sequence[StepRecord], last: Sequence[StepRecord] = (), *, whole: bool, items: Items = NO_ITEMS
) -> None:
    """Print a run and its steps.

    Args:
        run: the run.
        steps: its steps, or the first ones.
        last: the last ones; a line says how many between them are left out.
        whole: print inputs and outputs in full.
        items: of visits in a Map in a Map, the items of all Maps.
    """
    escape = render.escape
    status = render.styled(run.status.value) + (" [yellow]dry[/yellow]" if run.dry else "")
    head = f"[bold]{run.id}[/bold]  {status}  {run.app}@{run.version} {run.workflow}"
    head += f"  {escape(run.title)}" if run.title else ""
    tree = render.tree(head + f"  [dim]{run.trigger.name}  {run.started}[/dim]")
    if run.recovered:
        tree.add(f"[yellow]recovered after a restart, {run.recovered} times[/yellow]")
    _bodies(tree, run.input, run.output, whole=whole)
    for step in steps:
        _step(tree, run, step, items, whole=whole)
    if last:
        hidden = run.usage.attempts - len(steps) - len(last)
        count = f"{hidden:,} steps" if hidden > 0 else "Steps"
        tree.add(f"[yellow]{count} between are not shown[/yellow] [dim](--all, --json)[/dim]")
    for step in last:
        _step(tree, run, step, items, whole=whole)
    if run.usage.largest_bytes:
        tree.add(_largest(run.usage))
    if run.usage.dollars:
        tree.add(f"[dim]cost about {run.usage.dollars:.6f} dollars[/dim]")
    if run.usage.model.calls:
        tree.add(_model(run.usage.model))
    if run.failed:
        node = tree.add(f"[red]{escape(run.failed.error)}[/red]: {escape(run.failed.cause)}")
        where = " ".join(word for word in (run.failed.state, run.failed.frame) if word)
        if where:
            node.add(escape(where))
    render.out().print(tree)


def _model(use: ModelUse) -> str:
    """What a run's calls of the language model used; a cost that is not known is said to be so."""
    cost = f"{use.dollars:.4f} dollars" if use.dollars or not use.unpriced_tokens else ""
    unknown = f"the cost of {use.unpriced_tokens:,} tokens is not known" if use.unpriced_tokens else ""
    tokens = f"{use.input_tokens:,} tokens in, {use.output_tokens:,} out"
    return (
        f"[dim]language model: {use.calls:,} calls, {', '.join(part for part in (tokens, cost, unknown) if part)}[/dim]"
    )


def _largest(usage: Usage) -> str:
    """The largest payload of a run, and whether it comes near to what a state may carry."""
    share = usage.largest_bytes / limits.SFN_PAYLOAD_BYTES
    text = f"largest payload {usage.largest_bytes / limits.KIB:,.1f} KiB, the {render.escape(usage.largest)}"
    if share < NEAR_LIMIT:
        return f"[dim]{text}[/dim]"
    if share <= 1:
        return f"[yellow]{text}: {share:.0%} of what a state may carry[/yellow] (keep large values with ctx.state)"
    return f"[yellow]{text}: more than a state may carry, so parts of it are stored apart[/yellow]"


def print_trace(trace: RunTrace) -> None:
    """Print a run's trace as a waterfall."""
    total = max((row.start_ms + row.duration_ms for row in trace.rows), default=0.0)
    cells = (
        [
            "  " * row.depth + row.name,
            row.state,
            _waterfall(row, total),
            f"{row.duration_ms:.0f} ms",
            row.error,
            row.frame,
        ]
        for row in trace.rows
    )
    empty = f"X-Ray has no segments of {trace.trace}: not yet, or no longer (it keeps them for 30 days)."
    render.table(("segment", "state", "", "took", "error", "frame"), cells, empty)
    render.line(f"trace {trace.trace}" + (f"  {trace.console}" if trace.console else ""), "dim")


def print_states(rows: Sequence[StateRow], *, whole: bool) -> None:
    """Print every state that a run entered with its data flow, below the states that it was entered in."""
    if not any(row.flow for row in rows):
        _print_timeline(rows)
        return
    roots: dict[tuple[str, ...], Tree] = {(): render.tree("[bold]states[/bold]")}
    for row in rows:
        roots[row.path] = _nearest(roots, row.path).add(_state_line(row))
        if row.flow is not None:
            _flow(roots[row.path], row.flow, whole=whole)
    render.out().print(roots[()])


def _nearest(nodes: dict[tuple[str, ...], Tree], path: tuple[str, ...]) -> Tree:
    """The node of the innermost state around a place that was printed."""
    return next(nodes[path[:size]] for size in range(len(path) - 1, -1, -1) if path[:size] in nodes)


def _state_line(row: StateRow) -> str:
    inside = "".join(word for word in row.path[-2:-1] if word[0] in "[{")
    attempt = f"  attempt {row.attempt + 1}" if row.attempt else ""
    error = f"  [red]{render.escape(row.error)}[/red]" if row.error else ""
    status = f"{render.styled(row.status)}{attempt}{error}"
    return f"{render.escape(row.state + inside)}  {row.type}  {status}  [dim]{row.start}[/dim]"


def _flow(node: Tree, flow: StateFlow, *, whole: bool) -> None:
    def value(name: str, body: Json) -> None:
        text = json.dumps(body, indent=2 if whole else None, ensure_ascii=False)
        node.add(f"{name} {render.escape(text if whole else render.short(body, WIDE))}")

    value("input", flow.input)
    for stage in flow.stages:
        value(stage.name, stage.value)
    if flow.type == "Choice" and flow.next:
        rule = "Default" if flow.rule is None else f"rule {flow.rule + 1}"
        node.add(f"{rule} -> {render.escape(flow.next)}")
    if flow.error:
        caught = f", caught -> {flow.next}" if flow.next else ""
        node.add(f"[red]{render.escape(flow.error)}[/red]{render.escape(caught)}")
    if flow.over and not (flow.error and not flow.next):
        value("output", flow.output)
    if not flow.exact:
        node.add("[yellow]the recorded input differs from the computed one[/yellow] (States.UUID, times, or an edit)")


def _print_timeline(rows: Sequence[TimelineRow]) -> None:
    cells: list[list[str]] = []
    for row in rows:
        depth = sum(not word.startswith(("[", "{")) for word in row.path) - 1
        inside = "".join(word for word in row.path if word.startswith("["))
        attempt = f"  attempt {row.attempt + 1}" if row.attempt else ""
        cells.append(["  " * max(depth, 0) + row.state + inside + attempt, row.type, row.status, row.start, row.error])
    render.table(("state", "type", "status", "entered", "error"), cells, "The history is empty.")


def timeline(run: Run, step: StepRecord) -> str:
    """The time of a step within its run, as a bar."""
    begun = parse_moment(run.started)
    end = parse_moment(run.ended or step.ended or step.started)
    total = max((end - begun).total_seconds(), 0.001)
    first = int(BAR * min(max((parse_moment(step.started) - begun).total_seconds() / total, 0), 1))
    last = parse_moment(step.ended or run.ended or step.started)
    length = max(int(BAR * (last - parse_moment(step.started)).total_seconds() / total), 1)
    return _bar(min(first, BAR - 1), length)


def _step(tree: Tree, run: Run, step: StepRecord, items: Items, *, whole: bool) -> None:
    attempt = f"  attempt {step.attempt + 1}" if step.attempt else ""
    reused = "  [dim]reused[/dim]" if step.reused else ""
    label = f"{render.escape(place_text(step, items))}  {render.styled(step.status.value)}{attempt}{reused}"
    said = f"  {render.escape(step.summary)}" if step.summary else ""
    node = tree.add(f"{label}{said}  [dim]{timeline(run, step)} {step.duration_ms:.0f} ms[/dim]")
    _bodies(node, step.input, step.output, whole=whole)
    if step.error:
        _error(node, step.error)
    for effect in step.effects:
        _effect(node, effect)


def _error(node: Tree, error: StepError) -> None:
    escape = render.escape
    message = f": {escape(error.message)}" if error.message else ""
    failed = node.add(f"[red]{escape(error.name)}[/red]{message}")
    for line in cause_lines(error.causes):
        failed.add(escape(line))
    for frame in [error.own_frame] if error.own_frame else []:
        failed.add(f"{escape(frame.file)}:{frame.line} in {escape(frame.function)}")
        for number, source in enumerate(frame.source, frame.source_start):
            mark = "[red]>[/red]" if number == frame.line else " "
            failed.add(f"{mark} {number:>4} {escape(source)}")


def _effect(node: Tree, effect: Effect) -> None:
    captured = "" if effect.performed else " (captured)"
    problem = f"  [red]{render.escape(effect.error)}[/red]" if effect.error else ""
    request = render.escape(render.short(effect.request))
    call = f"{effect.kind}.{effect.op}{captured} {request}  {effect.duration_ms:.0f} ms"
    node.add(f"[dim]{call}[/dim]{problem}")


def _bodies(node: Tree, input_body: Body, output_body: Body | None, *, whole: bool) -> None:
    for name, recorded in (("input", input_body), ("output", output_body)):
        if recorded is None:
            continue
        if whole:
            text = json.dumps(recorded.value, indent=2, ensure_ascii=False)
        else:
            text = render.body(recorded, WIDE)
        node.add(f"{name} {render.escape(text)}")


def _waterfall(row: TraceRow, total: float) -> str:
    if not total:
        return _bar(0, 1)
    return _bar(min(int(BAR * row.start_ms / total), BAR - 1), max(int(BAR * row.duration_ms / total), 1))


def _bar(first: int, length: int) -> str:
    length = min(length, BAR - first)
    return "·" * first + "━" * length + "·" * (BAR - first - length)
