"""An explanation as plain lines: for a terminal, an event, a webhook. The same text everywhere."""

from collections.abc import Iterator, Sequence

from interlock.contract.envelope import CausedBy
from interlock.contract.explain import Difference, Explanation

EVENT_CHARS = 12_000
"""What of the text goes into an event: a reader at night needs a page, and EventBridge takes 256 KiB with all else."""
CUT = "\n… (shortened; see: interlock run explain {run})"
INDENT = "  "


def explain_text(explanation: Explanation, limit: int = 0) -> str:
    """The lines of an explanation, shortened to `limit` characters where one is given."""
    text = "\n".join(_lines(explanation))
    if not limit or len(text) <= limit:
        return text
    note = CUT.format(run=explanation.run)
    return text[: max(limit - len(note), 0)] + note


def _lines(explanation: Explanation) -> Iterator[str]:
    inside = f" (in {' > '.join(explanation.around)})" if explanation.around else ""
    tries = f", attempt {explanation.attempt + 1} of {explanation.attempts}" if explanation.attempts > 1 else ""
    where = f" at state {explanation.where}{inside}{tries}" if explanation.state else ""
    what = "Dry run" if explanation.dry else "Run"
    yield f"{what} {explanation.run} of {explanation.app}@{explanation.version} {explanation.workflow} failed{where}."
    yield f"{explanation.error}: {explanation.message}" if explanation.message else explanation.error
    yield from (INDENT + line for line in cause_lines(explanation.causes))
    if explanation.place:
        function = f" in {explanation.function}" if explanation.function else ""
        yield f"at {explanation.place}{function}{_first(explanation)}"
    for number, line in enumerate(explanation.source, explanation.source_start):
        yield f"{'>' if number == explanation.line else ' '} {number:>4} {line}".rstrip()
    yield from _section("Input that the line read:", _touched(explanation))
    yield from _section("Locals:", (f"{name} = {value}" for name, value in explanation.locals.items()))
    yield from _section("Calls of this attempt that failed or answered nothing:", explanation.calls)
    yield from _section("Later attempts failed otherwise, and hide it:", explanation.later)
    yield from _section("What followed from it:", explanation.cascade)
    yield from _section("Failures before it, which the workflow caught:", explanation.handled)
    yield from _section("Retries in this run that ended well:", explanation.retried)
    if explanation.good_run:
        nothing = "nothing that was compared" if explanation.not_compared else "nothing that is recorded"
        rows = [_difference(row) for row in explanation.differences] or [nothing]
        rows += [f"not compared: {row}" for row in explanation.not_compared]
        yield from _section(f"Different from the last good run {explanation.good_run}:", rows)
    yield from _section("Next:", explanation.commands)


def _section(title: str, rows: Iterator[str] | tuple[str, ...] | list[str]) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield ""
        yield title
        yield from (INDENT + line for line in lines)


_HOW = {
    "cause": "caused by {}",
    "context": "raised while handling {}",
    "member": "caused by {}, its first member",
    "wrapped": "caused by {}, which it wraps",
    "beside": "beside {}, another member",
    "hidden": "`from None` hides {}",
    "expected": "while the code went another way than {}",
    "later": "raised again while handling {}, which came later",
}


_ROOTS = ("cause", "context", "member", "wrapped")


def cause_lines(causes: Sequence[CausedBy]) -> Iterator[str]:
    """The chain of an error, one line each: the error's own place, then each error that it came from."""
    for row in causes:
        place = f"{row.file}:{row.line} in {row.function}" if row.file else "a library"
        if row.how == "raised":
            yield f"raised at {place}"
        else:
            error = f"{row.name}: {row.message}" if row.message else row.name
            yield _HOW[row.how].format(f"{error} at {place}" if row.file else error)


def _first(explanation: Explanation) -> str:
    """Which error of a chain was raised at the place that is shown, where it is not the one that ended the step."""
    root = next((row for row in reversed(explanation.causes) if row.how in _ROOTS), None)
    if root is None or explanation.place != f"{root.file}:{root.line}":
        return ""
    return f", where {root.name} was raised first"


def _touched(explanation: Explanation) -> Iterator[str]:
    for row in explanation.touched:
        odd = f"  ({row.odd})" if row.odd and row.odd not in row.value else ""
        origin = f"  <- {row.origin}" if row.origin else ""
        yield f"{row.path} = {row.value}{odd}{origin}"


def _difference(row: Difference) -> str:
    where = f" {row.where}" if row.where else ""
    return f"{row.what}{where}: {row.good} -> {row.now}" if row.good or row.now else f"{row.what}{where}"
