"""Texts of apps and tenants that would take over the terminal of who looks at them."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout

from interlock.cli.runs.logs import print_lines
from interlock.cli.runs.run_tree import print_run
from interlock.cli.terminal import render
from interlock.contract.core.failure import BadRequest, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.envelope import StepError
from interlock.contract.log import LogLine
from interlock.contract.run import RecordStatus
from scripts.attacks.case import Case
from scripts.attacks.export_files import exported_run, step_record

_HOSTILE = {
    "a title": "\x1b]0;owned\x07",
    "a clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "a link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "a cleared screen": "\x1b[2J\x1b[H",
    "a colour by C1": "\x9b31mred",
    "a line written over": "failed\rsucceeded",
    "letters taken back": "failed\b\b\b\b\b\bgood",
    "a turned direction": "txt.\u202eexe",
    "an isolate": "\u2066abc\u2069",
    "a line end of Unicode": "a\u2028b\u0085c",
    "hidden letters": "a\u200bb\ufeffc\U000e0041",
    "a null": "a\x00b",
    "a delete": "a\x7fb",
    "half a character": "a\ud800b",
}
_SAFE = set("\n\t")


def cases() -> Iterator[Case]:
    """Every attack on a terminal."""
    for hostile, text in _HOSTILE.items():
        for place, show in _PLACES.items():
            name = f"{hostile} in {place}"
            yield Case("terminal", name, "escaped", lambda show=show, text=text: _shown(show, text))
    text = "".join(_HOSTILE.values()).replace("\ud800", "")
    yield Case("terminal", "all of them in JSON", "the same JSON", lambda: _in_json(text))


def _shown(show: Callable[[str], object], text: str) -> str:
    out = _printed(lambda: show(text))
    left = sorted({ascii(char) for char in out if not char.isprintable() and char not in _SAFE})
    return f"reached: {left}" if left else "escaped"


def _printed(act: Callable[[], object]) -> str:
    stream = io.StringIO()
    render.out.cache_clear()
    render.err.cache_clear()
    with redirect_stdout(stream), redirect_stderr(stream):
        act()
    return stream.getvalue()


def _in_json(text: str) -> str:
    out = _printed(lambda: render.as_json({"x": text}))
    if any(not char.isprintable() and char != "\n" for char in out):
        return "reached"
    return "the same JSON" if json.loads(out) == {"x": text} else "other JSON"


def _log(text: str) -> None:
    fields = {"at": "2026-01-01T00:00:00.000Z", "state": text, "level": "INFO", "message": text}
    print_lines([LogLine.model_validate(fields | {"fields": {"x": text}, "exception": text})])


def _run(text: str) -> None:
    error = StepError(name=text, type="E", message=text)
    # No recorded value has half a character: its digest is of UTF-8.
    whole = text.replace("\ud800", "\ufffd")
    record = step_record(value={whole: whole}, status=RecordStatus.FAILED, error=error)
    print_run(exported_run(), [record], whole=True)


def _failure(text: str) -> None:
    render.failure(BadRequest(text, where=text, next_step=text), machine=False)


def _findings(text: str) -> None:
    finding = Finding(code="a.b", where=text, what=text, fix=text)
    render.failure(Rejected(text, [finding], where=text), machine=False)


_PLACES: dict[str, Callable[[str], object]] = {
    "a line": render.line,
    "a table": lambda text: render.table(["column"], [[text]], "none"),
    "a tree": lambda text: render.out().print(render.tree(render.escape(text))),
    "a log": _log,
    "a run": _run,
    "an error": _failure,
    "a finding": _findings,
}
