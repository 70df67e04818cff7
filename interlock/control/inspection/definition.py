"""The definition of a run's workflow, as its app has it: what the run's data flow is computed from."""

from interlock.aws.services import artifacts
from interlock.contract.core import names
from interlock.contract.core.failure import NotFound
from interlock.contract.definition import WorkflowDefinition
from interlock.control.inspection.recorded_step import RecordedStepContext


def workflow_of_run(context: RecordedStepContext, tenant: str, run: str) -> WorkflowDefinition:
    """The definition of the workflow that a run runs.

    Raises:
        NotFound: the tenant has no such run, or the version was published before definitions were kept.
    """
    current = context.runs.find(tenant, run).item
    version = context.registry.version(current.app, current.version).item
    key = names.artifact_prefix(current.app, current.version, version.digest) + names.source_file(current.workflow)
    try:
        definition = artifacts.read_json(context.artifacts, key)
    except NotFound as error:
        raise NotFound(
            f"the definition of {current.workflow} is not kept",
            where=f"{current.app}@{current.version}",
            code="no-definition",
            next_step="Publish the version again under a new number.",
        ) from error
    return WorkflowDefinition(
        app=current.app, version=current.version, workflow=current.workflow, definition=definition
    )
