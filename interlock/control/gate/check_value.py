"""Whether a value fits a step's type: asked of the step's own code, which runs nowhere else."""

from interlock.aws.services.functions import invoke_step
from interlock.contract.core.failure import NotFound
from interlock.contract.envelope import StepContext, StepRequest, Trigger
from interlock.contract.fork import CheckAnswer, CheckRequest
from interlock.contract.platform_step import PLANS
from interlock.control.gate.visit import GateContext

NOBODY = "check"


def check_value(request: CheckRequest, gate: GateContext) -> CheckAnswer:
    """Ask the step function; it is given no session, and the step is not called.

    Raises:
        NotFound: the version has no such step.
        GateFailure: the function could not be asked.
    """
    version = gate.registry.version(request.app, request.version).item
    plan = version.steps.get(request.step) or PLANS.get(request.step)
    if plan is None:
        raise NotFound(
            f"{request.app}@{request.version} has no step {request.step}",
            where=request.step,
            next_step=f"interlock app show {request.app}@{request.version}",
        )
    context = StepContext(
        run=NOBODY,
        tenant=request.tenant,
        install=NOBODY,
        app=request.app,
        version=request.version,
        workflow=NOBODY,
        state=NOBODY,
        step=request.step,
        visit=NOBODY,
        trigger=Trigger(kind="api", name=NOBODY, id=NOBODY),
    )
    wanted = StepRequest(handler=plan.handler, input=request.value, context=context, dry=True, check=request.check)
    answer, _ = invoke_step(plan.function, request.tenant, wanted)
    return CheckAnswer(error=answer.error)
