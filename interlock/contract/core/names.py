"""Names of things in AWS and keys of items: one function each, so that a policy and a call cannot disagree."""

import base64
import hashlib
import os
import time
from enum import StrEnum
from typing import NamedTuple

PREFIX = "interlock"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RUN_ID_CHARS = 20
SEPARATOR = "_"
SANDBOX = "sandbox"
"""The platform's own tenant, in which versions are tried before they are listed."""
RESERVED_TENANTS = frozenset({SANDBOX})
"""Names that nobody can onboard a tenant by."""


class Artifact(StrEnum):
    """The files below `artifact_prefix`: what was made of a bundle. Beside them: `workflows/NAME.asl.json`."""

    BUNDLE = "bundle.zip"
    TEMPLATE = "template.json"
    PLACES = "places.json"
    """Where in the source each state and step is."""
    SBOM = "sbom.cdx.json"
    """The bill of materials, CycloneDX."""
    GOLDEN_TESTS = "tests.json"


RULE_LETTERS = "interlock-rules-dead"
"""The queue of events that a rule's target did not take in 24 hours."""
WEBHOOK_DELIVERIES = "interlock-webhooks"
"""The queue of events that webhooks get."""
PUBLISH_FUNCTION, LIFECYCLE_FUNCTION = "interlock-publish", "interlock-lifecycle"
"""The functions that do the tasks of publishing, and of installs and tenants."""
ADVISORIES = "platform/advisories.json"
"""Where in the artifact bucket the operator keeps known vulnerabilities, as a list of OSV entries."""
API_SCOPE = "interlock/api"
"""The scope of tokens for the control API: the resource server and its scope, as Cognito writes both."""
LOGIN_PORTS = (8765, 8766, 8767)
"""Where on its own machine a browser comes back to after `interlock login`: the user pool knows them by name."""


def ulid() -> str:
    """A new ULID, 26 characters, sortable by time (https://github.com/ulid/spec)."""
    number = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def user_name(scope: str, name: str) -> str:
    """Cognito's name of a person of a scope, `tenant.acme.pat`: each tenant and publisher has names of its own.

    Owners have no dots, so two scopes never share one.
    """
    return f"{scope.replace('/', '.')}.{name}"


def run_id(*key: str) -> str:
    """The id of the run that `key` starts: the same key, the same run. 20 characters, 100 bits."""
    digest = hashlib.sha256("\x1f".join(key).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:RUN_ID_CHARS]


def new_run_id() -> str:
    """The id of a run that nothing else could start."""
    return run_id(ulid())


class ExecutionName(NamedTuple):
    """An execution's name: which run of which install of which tenant. `suffix` tells forks and recoveries apart."""

    tenant: str
    install: str
    run: str
    suffix: str = ""

    def __str__(self) -> str:
        """`tenant_install_run` or `tenant_install_run_suffix`, at most 80 characters."""
        parts = [self.tenant, self.install, self.run] + ([self.suffix] if self.suffix else [])
        return SEPARATOR.join(parts)


def parse_execution(arn: str) -> ExecutionName:
    """Read the name out of an execution's ARN (or the bare name).

    Raises:
        ValueError: it was not started by the platform.
    """
    parts = arn.rsplit(":", 1)[-1].split(SEPARATOR)
    if len(parts) not in (3, 4):
        raise ValueError(f"{arn} is not an execution of a run")
    return ExecutionName(*parts)


def version_key(app: str, version: str) -> str:
    """Twelve hex digits that stand for `publisher/name@version` in AWS names."""
    return hashlib.sha256(f"{app}@{version}".encode()).hexdigest()[:12]


def version_stack(app: str, version: str) -> str:
    """The CloudFormation stack of a version."""
    return f"{PREFIX}-v-{version_key(app, version)}"


def machine_name(app: str, version: str, workflow: str) -> str:
    """The state machine of a workflow, at most 80 characters."""
    return f"{PREFIX}-v-{version_key(app, version)}-{workflow}"


def function_name(app: str, version: str, profile: str) -> str:
    """The function of a resource profile, at most 64 characters."""
    return f"{PREFIX}-v-{version_key(app, version)}-{profile}"


def tenant_stack(tenant: str) -> str:
    """The CloudFormation stack of a tenant."""
    return f"{PREFIX}-t-{tenant}"


def bus_name(tenant: str) -> str:
    """The event bus of a tenant."""
    return f"{PREFIX}-{tenant}"


def catalog_table(tenant: str) -> str:
    """The catalog table of a tenant."""
    return f"{PREFIX}-catalog-{tenant}"


def of_region(name: str, region: str) -> str:
    """A name that IAM has once in an account, over all its regions: a deployment is an account and a region."""
    return f"{name}-{region}"


def access_role(tenant: str, region: str) -> str:
    """The role that bounds every session to the tenant, at most 64 characters."""
    return of_region(f"{PREFIX}-access-{tenant}", region)


def trigger_name(install: str, digest: str) -> str:
    """The rule on the tenant's bus, or the schedule, of an install's trigger: at most 64 characters."""
    return f"{install}-{digest}"


def state_prefix(tenant: str, install: str) -> str:
    """Where `ctx.state` of an install lives in the data bucket."""
    return f"tenants/{tenant}/installs/{install}/state/"


def run_prefix(tenant: str, run: str) -> str:
    """Where bodies of a run's records live in the data bucket: apart from what stays, because they expire."""
    return f"runs/{tenant}/{run}/"


def tenant_prefixes(tenant: str) -> tuple[str, str]:
    """Where everything of a tenant lives in the data bucket."""
    return f"tenants/{tenant}/", f"runs/{tenant}/"


def secrets_prefix(tenant: str, install: str) -> str:
    """The prefix of the install's secrets in Secrets Manager."""
    return f"{PREFIX}/{tenant}/{install}/"


def trial_install(upload_key: str, test: int) -> str:
    """The install of a golden test: the upload's ULID, with the test's number for its last characters."""
    upload = upload_key.rsplit("/", 1)[-1].removesuffix(".zip")
    return f"{upload[:-2]}{test:02d}"


def upload_key(app: str, version: str, upload: str) -> str:
    """Where the presigned POST puts a bundle."""
    return f"uploads/{app}/{version}/{upload}.zip"


def source_file(workflow: str) -> str:
    """The file of a workflow's definition as the app has it, below `artifact_prefix`; `.asl.json` is compiled."""
    return f"workflows/{workflow}.source.json"


def artifact_prefix(app: str, version: str, digest: str) -> str:
    """Where what was made of a bundle lives: `bundle.zip`, `template.json`, `workflows/NAME.asl.json`."""
    return f"versions/{app}/{version}/{digest}/"
