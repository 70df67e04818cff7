"""An explanation as plain lines: for a terminal, an event, a webhook. The same text everywhere."""

from collections.abc import Iterator

from interlock.contract.explain import Difference, Explanation

EVENT_CHARS = 12_000
"""What of the text goes into an event: a reader at night needs a page, and EventBridge takes 256 KiB with all else."""
CUT = "\n… (shortened; see: interlock run explain {run})"
INDENT = "  "


def explain_text(found: Explanation, limit: int = 0) -> str:
    """The lines of an explanation, shortened to `limit` characters where one is given."""
    text = "\n".join(_lines(found))
    if not limit or len(text) <= limit:
        return text
    note = CUT.format(run=found.run)
    return text[: max(limit - len(note), 0)] + note


def _lines(found: Explanation) -> Iterator[str]:
    inside = f" (in {' > '.join(found.around)})" if found.around else ""
    tries = f", attempt {found.attempt + 1} of {found.attempts}" if found.attempts > 1 else ""
    where = f" at state {found.where}{inside}{tries}" if found.state else ""
    yield f"Run {found.run} of {found.app}@{found.version} {found.workflow} failed{where}."
    yield f"{found.error}: {found.message}" if found.message else found.error
    if found.place:
        function = f" in {found.function}" if found.function else ""
        yield f"at {found.place}{function}"
    for number, line in enumerate(found.source, found.source_start):
        yield f"{'>' if number == found.line else ' '} {number:>4} {line}".rstrip()
    yield from _section("Input that the line read:", _touched(found))
    yield from _section("Locals:", (f"{name} = {value}" for name, value in found.locals.items()))
    yield from _section("Calls of this attempt that failed or answered nothing:", found.calls)
    yield from _section("Later attempts failed otherwise, and hide it:", found.later)
    yield from _section("What followed from it:", found.cascade)
    yield from _section("Failures before it, which the workflow caught:", found.handled)
    if found.good_run:
        rows = [_difference(row) for row in found.differences] or ["nothing that is recorded"]
        yield from _section(f"Different from the last good run {found.good_run}:", rows)
    yield from _section("Next:", found.commands)


def _section(title: str, rows: Iterator[str] | tuple[str, ...] | list[str]) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield ""
        yield title
        yield from (INDENT + line for line in lines)


def _touched(found: Explanation) -> Iterator[str]:
    for row in found.touched:
        odd = f"  ({row.odd})" if row.odd and row.odd not in row.value else ""
        origin = f"  <- {row.origin}" if row.origin else ""
        yield f"{row.path} = {row.value}{odd}{origin}"


def _difference(row: Difference) -> str:
    where = f" {row.where}" if row.where else ""
    return f"{row.what}{where}: {row.good} -> {row.now}"
