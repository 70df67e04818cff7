"""Which Task states a version has: a breakpoint on any other state would never stop a run."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from interlock.asl.state import every_state
from interlock.aws.services import artifacts
from interlock.contract.asl import PAUSED_SUFFIX
from interlock.contract.core import names
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.fork import parse_position
from interlock.contract.registry import Version

MAX_SHOWN = 10


def check_state(pattern: str, bucket: str, version: Version, workflow: str = "") -> None:
    """Refuse a breakpoint whose state no Task of a version has.

    Args:
        pattern: the state or pattern that a person wrote, perhaps with `[INDEX]`.
        bucket: where the artifacts of versions are.
        version: the version that runs.
        workflow: one of its workflows; all where it is empty.

    Raises:
        BadRequest: no Task state matches; a version whose definitions are absent is not checked.
    """
    state = pattern if pattern.startswith("*") else parse_position(pattern).state
    if state == "*":
        return
    try:
        tasks = sorted(set(task_states(bucket, version, workflow)))
    except NotFound:
        return
    if not tasks or any(fnmatchcase(task, state) for task in tasks):
        return
    more = f" and {len(tasks) - MAX_SHOWN} more" if len(tasks) > MAX_SHOWN else ""
    raise BadRequest(
        f"no Task state is named {state!r}",
        where="state",
        code="breakpoint-state",
        next_step=f"Use one of: {', '.join(tasks[:MAX_SHOWN])}{more}.",
    )


def task_states(bucket: str, version: Version, workflow: str) -> Iterator[str]:
    """The names of a version's Task states; of one workflow, or of all where that is empty.

    Raises:
        NotFound: a definition of it is absent.
    """
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    for name in [workflow] if workflow else version.workflows:
        yield from _tasks_at(bucket, f"{prefix}workflows/{name}.asl.json")


@lru_cache(maxsize=128)
def _tasks_at(bucket: str, key: str) -> tuple[str, ...]:
    """The Task states of a definition; versions do not change, so it is read once in a process."""
    states = every_state(artifacts.read_json(bucket, key))
    return tuple(state.name for state in states if state.kind == "Task" and not state.name.endswith(PAUSED_SUFFIX))
