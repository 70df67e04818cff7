"""Where an app wrote the workflows that were compiled of it. Pure."""

import json

from interlock.compiler.version_plan import VersionPlan
from interlock.contract.manifest import MANIFEST, Manifest
from interlock.contract.version_check import CompiledWorkflow


def workflow_file(manifest: Manifest, workflow: str) -> str:
    """Where the app wrote a workflow: the file of its definition, or the place of its steps in the manifest."""
    return manifest.workflows[workflow].definition or f"{MANIFEST}#workflows.{workflow}"


def compiled_workflows(plan: VersionPlan) -> tuple[CompiledWorkflow, ...]:
    """The workflows of a plan, as they would be deployed."""
    return tuple(
        CompiledWorkflow(definition=json.loads(machine.definition), file=workflow_file(plan.manifest, machine.workflow))
        for machine in plan.machines
    )
