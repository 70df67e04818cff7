"""`interlock state …`: one state of a workflow's file, without a platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import AsJson, json_argument
from interlock.contract.core.failure import BadRequest, NotFound

if TYPE_CHECKING:
    from interlock.asl.examine import Examination
    from interlock.asl.state import State

app = typer.Typer()
WIDTH = 2_000
"""Characters of a value that are shown to people; `--json` has all of them."""


@app.command("test")
def test(
    file: Annotated[Path, typer.Argument(help="The workflow's definition.", exists=True, dir_okay=False)],
    state: Annotated[str, typer.Argument(help="The state's name.")],
    value: Annotated[str, typer.Option("--input", help="The state's input: JSON, or @FILE.")] = "{}",
    result: Annotated[str, typer.Option(help="What its step, branches or items answer: JSON, or @FILE.")] = "",
    error: Annotated[str, typer.Option(help="The error that they end with, such as States.Timeout.")] = "",
    cause: Annotated[str, typer.Option(help="The cause of the error.")] = "",
    retries: Annotated[int, typer.Option(min=0, help="How many retries were made before.")] = 0,
    variables: Annotated[str, typer.Option(help="Variables that are set: JSON, or @FILE.")] = "{}",
    context: Annotated[str, typer.Option(help="Parts of the context object: JSON, or @FILE.")] = "{}",
    machine: AsJson = False,
) -> None:
    """Run one state as AWS's TestState does. It shows each stage of the data flow, the next state and the error."""
    from interlock.asl.errors import StatesError
    from interlock.asl.examine import FAILED, Answer, examine, scope_for

    subject = _state(file, state)
    scope = scope_for(subject, _object(variables, "--variables"), _object(context, "--context"))
    failure = StatesError(error, cause) if error else None
    answer = Answer((json_argument(result, "--result"),) if result else (), failure, retries)
    examination = examine(subject, json_argument(value, "--input"), scope, answer)
    render.answer(examination, lambda: _show(subject, examination), machine=machine)
    if examination.status == FAILED:
        raise typer.Exit(1)


def _state(file: Path, name: str) -> State:
    from interlock.asl.examine import find_state
    from interlock.asl.state import every_state
    from interlock.compiler.workflow import parse

    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        what = "the file can't be read as text"
        raise BadRequest(
            what, where=str(file), next_step="Name a workflow's definition, such as tag.asl.json."
        ) from error
    raw = parse(text, file.name)
    if isinstance(raw, tuple):
        raise BadRequest(raw[0].what, where=str(file), next_step=raw[0].fix)
    subject = find_state(raw, name)
    if subject is None:
        names = ", ".join(state.name for state in every_state(raw)) or "none"
        raise NotFound(f"the workflow has no state {name!r}", where=str(file), next_step=f"Use one of: {names}.")
    return subject


def _object(text: str, option: str) -> dict[str, Any]:
    value = json_argument(text, option)
    if not isinstance(value, dict):
        raise BadRequest(f"{option} is not a JSON object", where=option, next_step="""Write for example: '{"n": 1}'""")
    return cast(dict[str, Any], value)


def _show(state: State, examination: Examination) -> None:
    for stage in examination.stages:
        render.line(f"{stage.name:<15} {_text(stage.value)}")
    if examination.rule is not None:
        render.line(f"{'Rule':<15} Choices[{examination.rule}]")
    if examination.variables:
        render.line(f"{'Variables':<15} {_text(dict(examination.variables))}")
    if examination.seconds is not None:
        render.line(f"{'Seconds':<15} {examination.seconds:g}")
    render.line(f"{'Status':<15} {examination.status}")
    if examination.error or examination.cause:
        render.line(f"{'Error':<15} {examination.error}: {examination.cause or 'no cause'}")
    if examination.status in ("SUCCEEDED", "CAUGHT_ERROR"):
        render.line(f"{'Output':<15} {_text(examination.output)}")
    if examination.status == "NEEDS_RESULT":
        render.line(f"A {state.kind} needs the result of its work. Pass it with --result, or an error with --error.")
    elif examination.status != "FAILED":
        render.line(f"{'Next':<15} {examination.next or 'the end'}")


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}… ({len(text)} characters; --json has all)"
