"""Routes of debugging elsewhere: a recorded step, its bundle, its bodies, and the tenant's secrets for it."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, registry, runs, settings, word
from interlock.contract.debug_step import RedactionRule, SecretsRequest
from interlock.control.inspection.recorded_step import body_ref, bundle_ref, debug_step, read_secrets, set_redaction


@app.get("/v1/tenants/<tenant>/runs/<run>/debug")
def recorded_step(tenant: str, run: str) -> Response[str]:
    """A recorded attempt with all that runs it again: `state` (`STATE`, `STATE[INDEX]`), `attempt`."""
    caller("debugRuns", f"tenant/{tenant}")
    attempt = word("attempt")
    found = debug_step(
        registry(),
        runs(),
        settings().artifact_bucket,
        tenant,
        run,
        word("state"),
        int(attempt) if attempt.isdecimal() else None,
    )
    return ok(found)


@app.get("/v1/tenants/<tenant>/runs/<run>/bundle")
def bundle(tenant: str, run: str) -> Response[str]:
    """The exact bundle that a run ran: a URL for 5 minutes, digest and size."""
    caller("debugRuns", f"tenant/{tenant}")
    return ok(bundle_ref(registry(), runs(), settings().artifact_bucket, tenant, run))


@app.get("/v1/tenants/<tenant>/runs/<run>/bodies")
def recorded_body(tenant: str, run: str) -> Response[str]:
    """Where a recorded body is, by its `key`: a URL for 5 minutes and its digest."""
    caller("debugRuns", f"tenant/{tenant}")
    runs().find(tenant, run)
    return ok(body_ref(settings().data_bucket, tenant, run, word("key")))


@app.post("/v1/tenants/<tenant>/runs/<run>/secrets")
def secrets(tenant: str, run: str) -> Response[str]:
    """Values of the install's secrets, for the tenant's own admins only; logged."""
    by = caller("readSecrets", f"tenant/{tenant}")
    asked = SecretsRequest.model_validate_json(body())
    return ok({"secrets": read_secrets(registry(), runs(), tenant, run, asked.names, by.principal)})


@app.post("/v1/tenants/<tenant>/redact")
def add_rule(tenant: str) -> Response[str]:
    """Call a field sensitive in every run of the tenant that starts from now on, and in every export."""
    caller("setRedaction", f"tenant/{tenant}")
    return ok(set_redaction(registry(), tenant, RedactionRule.model_validate_json(body()).rule, wanted=True))


@app.delete("/v1/tenants/<tenant>/redact")
def remove_rule(tenant: str) -> Response[str]:
    """Take a rule back, named by `rule`."""
    caller("setRedaction", f"tenant/{tenant}")
    return ok(set_redaction(registry(), tenant, word("rule"), wanted=False))
