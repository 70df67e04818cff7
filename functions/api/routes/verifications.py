"""Routes of verifications: what another version would do with recorded runs."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import DEFAULT_LIMIT, Cursor, Limit, TenantId, VerificationId
from functions.api.routing import CurrentCaller, route
from interlock.contract.core.page import PageRequest
from interlock.contract.verification import Verification, VerificationPage, VerificationRequest
from interlock.control.runs import verification

VERIFICATIONS = "/v1/tenants/<tenant>/verifications"
EXAMPLE = {"version": "1.5.0", "app": "acme/pii-tagger", "last": 20}


@route("POST", VERIFICATIONS, "verifications.create", action="debugRuns", status=202)
def create_verification(
    tenant: TenantId,
    caller: CurrentCaller,
    request: Annotated[VerificationRequest, Body(examples=[EXAMPLE])],
) -> Verification:
    """Begin to repeat recorded runs dry with a version, and to compare each with its record.

    With `install`, its upgrade is rehearsed with its last runs. Nothing is performed: reads are answered from the
    records, and effects are captured and compared.
    """
    return verification.request_verification(contexts.verifications(), tenant, request, caller.principal)


@route("GET", VERIFICATIONS, "verifications.list", action="debugRuns")
def list_verifications(tenant: TenantId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> VerificationPage:
    """List the verifications of a tenant with their counts, newest first. A page may be short and not the last."""
    return verification.list_verifications(contexts.verifications(), tenant, PageRequest(limit, cursor))


@route("GET", f"{VERIFICATIONS}/<job>", "verifications.get", action="debugRuns")
def get_verification(tenant: TenantId, job: VerificationId) -> Verification:
    """Show a verification with the verdict of each run. Dry runs that are over are compared when it is read."""
    return verification.show_verification(contexts.verifications(), tenant, job)


@route("POST", f"{VERIFICATIONS}/<job>/stop", "verifications.stop", action="debugRuns")
def stop_verification(tenant: TenantId, job: VerificationId, caller: CurrentCaller) -> Verification:
    """Stop a verification. It starts and compares nothing more; the dry runs that it started go on."""
    return verification.stop_verification(contexts.verifications(), tenant, job, caller.principal)
