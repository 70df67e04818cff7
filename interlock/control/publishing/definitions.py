"""What AWS says of a version: of its definitions before it is deployed, of its stack's resources after they failed."""

import json
from collections.abc import Iterable, Iterator

from interlock.aws.services import step_functions
from interlock.aws.services.stacks import StackFailure
from interlock.compiler.aws_answer import Diagnostic, aws_findings
from interlock.compiler.gate import GATE
from interlock.compiler.pause_states import PARTITION, PAUSE
from interlock.compiler.workflow_files import workflow_file
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST
from interlock.contract.registry import Version
from interlock.contract.version_check import CompiledWorkflow

REFUSED = "HandlerErrorCode: InvalidRequest"
"""AWS's word for a request whose content is wrong; its other codes are about permissions, quotas and the service:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html"""
SHOWN_CHARS = 1_000


def check_definitions(workflows: Iterable[CompiledWorkflow], gate_arn: str, pause_arn: str) -> Iterator[Finding]:
    """Ask Step Functions about each compiled definition, with the ARNs that the version's stack puts into it."""
    values = {GATE: gate_arn, PAUSE: pause_arn, PARTITION: gate_arn.split(":")[1]}
    for workflow in workflows:
        definition = json.dumps(workflow.definition, ensure_ascii=False, separators=(",", ":"))
        for word, value in values.items():
            definition = definition.replace(word, value)
        rows = [Diagnostic.model_validate(row) for row in step_functions.validate(definition)]
        yield from aws_findings(rows, definition, workflow.file)


def stack_findings(failures: Iterable[StackFailure], version: Version) -> tuple[Finding, ...]:
    """What AWS says of the resources that it did not make, with its own reasons.

    A state machine's failure is at the file of its workflow. Whether the content of the bundle is the cause is AWS's
    word too: the code InvalidRequest in the reason.
    """
    return tuple(dict.fromkeys(_of_stack(row, version) for row in failures))


def _of_stack(failure: StackFailure, version: Version) -> Finding:
    manifest = version.manifest
    # The logical ids are those of compiler.plan.
    files = {f"machine{name.replace('_', '')}": name for name in manifest.workflows} if manifest else {}
    workflow = files.get(failure.resource.lower())
    where = workflow_file(manifest, workflow) if manifest and workflow else f"{MANIFEST}#steps"
    what = f"AWS could not create {failure.type} {failure.resource}: {failure.reason[:SHOWN_CHARS]}"
    if REFUSED in failure.reason:
        fix = "Correct what AWS names, then publish again."
        return Finding(code="publish.refused", where=where, what=what, fix=fix)
    fix = "Publish again; if it fails again, inform the operator."
    return Finding(code="publish.failed", where="publish", what=what, fix=fix)
