"""What is deployed for a version, as data: the result of `interlock.compiler.plan`."""

from typing import Any

from interlock.contract.core.base import Model
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import Manifest, Target
from interlock.contract.registry import StepPlan, WorkflowPlan


class FunctionPlan(Model):
    """One Lambda function: all steps of one resource profile."""

    logical: str
    name: str
    memory_mb: int
    timeout_s: int


class MachinePlan(Model):
    """One state machine: its compiled definition and where its parameter for the location is called."""

    logical: str
    name: str
    workflow: str
    definition: str
    source: str
    """The definition as the app has it; of a workflow that is a list of steps, the chain of them."""


class VersionPlan(Model):
    """All that is deployed for a version, and all that the platform must know to run it."""

    manifest: Manifest
    digest: str
    functions: tuple[FunctionPlan, ...]
    machines: tuple[MachinePlan, ...]
    steps: dict[str, StepPlan]
    workflows: dict[str, WorkflowPlan]
    config_schema: dict[str, Any] | None
    tool_schemas: dict[str, dict[str, Any]]
    event_schemas: dict[str, dict[str, Any]]
    target: Target | None
    findings: tuple[Finding, ...]
