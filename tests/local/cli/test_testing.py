"""What publishers test with: a workflow of their folder on the engine, by a fixture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interlock.contract.core.failure import NotSignedIn
from interlock.testing.workflows import WorkflowRun
from tests.support.cli import Cli, Write


def test_a_workflow_runs_on_the_engine(
    cli: Cli, app: Write, run_workflow: Callable[..., WorkflowRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLOCK_HOME", str(cli.home))
    folder = app("tested")
    done = run_workflow(folder, {"name": "Ada"}, workflow="hello", config={"greeting": "Hey"}, secrets={"api_key": "k"})
    assert done.succeeded
    assert done.output == {"text": "HEY, ADA", "secret": True}
    assert [step.state for step in done.steps] == ["greet", "shout"]
    failed = run_workflow(folder, {"do": "raise", "name": "Bo"}, workflow="bad", config={"greeting": "Hey"})
    assert failed.run.failed is not None
    assert (failed.run.failed.error, failed.run.failed.state) == ("LookupError", "misbehave")


def test_without_a_platform_it_says_so(
    app: Write, run_workflow: Callable[..., WorkflowRun], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("INTERLOCK_HOME", str(tmp_path))
    with pytest.raises(NotSignedIn):
        run_workflow(app("untested"), {})
