"""Whether a failure that the workflow caught is what a later one followed from. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from interlock.contract.core.failure import GateError
from interlock.contract.run import StepRecord
from interlock.debugger.attempts import Visit, error_of, is_failed, is_transient
from interlock.debugger.errorpath import ErrorPaths
from interlock.debugger.paths import parse_path

PLACES = re.compile(r"(?:^|; |: )(\$[\w.\[\]]*)[: ]")
"""The places that the message of `Interlock.BadInput` names."""
_NO_SUCH_PATH = re.compile(r"could not be found|references an invalid value|returned nothing|undefined")


def led_to(state: str, visits: Sequence[Visit], paths: ErrorPaths) -> Visit | None:
    """The last failed visit that was caught and whose error path leads to a state, past no step of the main path.

    Where the workflow is not known, the last failed visit after which no other succeeded.
    """
    for at in range(len(visits) - 1, -1, -1):
        visit = visits[at]
        if not is_failed(visit):
            continue
        after = [
            row
            for row in visits
            if not is_failed(row) and row[0].entered >= (visit[-1].ended or "") and row is not visit
        ]
        if not paths.known:
            return visit if not after else None
        if state and paths.leads(visit[0].state, state) and not any(paths.is_main(row[0].state) for row in after):
            return visit
    return None


def missed(visit: Visit, earlier: Sequence[Visit], paths: ErrorPaths) -> Visit | None:
    """The caught failure without whose result a visit of the main path had to do.

    Its Catch leads to the visit past no step that succeeded; or the visit read a field that its input does not have,
    and a step that succeeded between them did not add. A limit, a timeout or the end of a process stands for itself.
    """
    state = visit[0].state
    lacks = _lacks_field(visit[-1])
    if not lacks and (is_transient(visit[-1]) or error_of(visit[-1]) in (GateError.STEP_EXIT, GateError.STEP_TIMEOUT)):
        return None
    for caught in reversed(earlier):
        if not is_failed(caught) or caught[0].state == state:
            continue
        target = paths.target(caught[0].state, error_of(caught[-1]))
        if not target or not paths.reaches(target, state):
            continue
        if lacks or not _succeeded_after(caught, target, earlier, paths):
            return None if _repeated(caught, earlier) else caught
    return None


def went_on(state: str, text: str, visits: Sequence[Visit], paths: ErrorPaths) -> Visit | None:
    """The last caught failure before a state of the main path that followed from it.

    The state names a path which its input does not have, or a Choice that looked at the error led to it.
    """
    if not state or not paths.known:
        return None
    is_missing = bool(_NO_SUCH_PATH.search(text))
    for caught in reversed(visits):
        target = paths.target(caught[0].state, error_of(caught[-1])) if is_failed(caught) else ""
        if not target or not paths.reaches(target, state) or _repeated(caught, visits):
            continue
        if is_missing or paths.asks_for_error(caught[0].state, error_of(caught[-1]), state):
            return caught
    return None


def _succeeded_after(caught: Visit, target: str, visits: Sequence[Visit], paths: ErrorPaths) -> bool:
    """Whether a step that the Catch leads to succeeded after a caught failure."""
    later = [row for row in visits if not is_failed(row) and row[0].entered >= (caught[-1].ended or "")]
    return any(paths.reaches(target, row[0].state) for row in later)


def _repeated(caught: Visit, visits: Sequence[Visit]) -> bool:
    """Whether the same state, and item, succeeded later: the workflow came back to it."""
    place = (caught[0].state, caught[0].index)
    after = (row for row in visits if row[0].entered >= (caught[-1].ended or "") and not is_failed(row))
    return any((row[0].state, row[0].index) == place for row in after)


def _lacks_field(record: StepRecord) -> bool:
    """Whether the failing line, or the type of the input, wants a field that the input's root does not have."""
    if record.error is None or not isinstance(record.input.value, Mapping):
        return False
    fields = cast(Mapping[str, Any], record.input.value)
    paths = [path for frame in record.error.frames[-1:] for path in frame.touched]
    if record.error.name == GateError.BAD_INPUT.value:
        paths = [row.removeprefix("$.") for row in PLACES.findall(record.error.message)]
    firsts = [parts[0] for parts in map(parse_path, paths) if parts]
    return any(isinstance(first, str) and first not in fields for first in firsts)
