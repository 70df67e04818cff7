"""Short-lived credentials of an install: AssumeRole of the tenant's access role under the install's session policy."""

import time
from typing import Any

from interlock.aws.clients import client, region
from interlock.compiler.policy import Deployment, session_policy
from interlock.contract.core import limits, names
from interlock.contract.core.base import Model

SLACK_SECONDS = 60


class Credentials(Model):
    """What STS answered."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires: float


def role_of(tenant: str) -> str:
    """The name of a tenant's access role in this region."""
    return names.access_role(tenant, region())


class Sessions:
    """Vends sessions, cached per install for as long as a step may still take."""

    def __init__(self, deployment: Deployment) -> None:
        """Keep the deployment; nothing is called."""
        self.deployment = deployment
        self._kept: dict[tuple[str, tuple[str, ...], bool, bool], Credentials] = {}

    def vend(
        self,
        tenant: str,
        install: str,
        granted: tuple[str, ...],
        *,
        seconds: int,
        dry: bool = False,
        full: bool = False,
    ) -> Credentials:
        """Credentials that are good for at least `seconds` more; the session is named by the install."""
        key = (install, granted, dry, full)
        credentials = self._kept.get(key)
        if credentials is not None and credentials.expires - time.time() > seconds + SLACK_SECONDS:
            return credentials
        deployment = self.deployment
        role = names.access_role(tenant, deployment.region)
        answer: dict[str, Any] = client("sts").assume_role(
            RoleArn=f"arn:{deployment.partition}:iam::{deployment.account}:role/{role}",
            RoleSessionName=install,
            DurationSeconds=limits.SESSION_SECONDS,
            Policy=session_policy(deployment, tenant, install, granted, dry=dry, full=full),
        )
        credentials = answer["Credentials"]
        vended = Credentials(
            access_key_id=credentials["AccessKeyId"],
            secret_access_key=credentials["SecretAccessKey"],
            session_token=credentials["SessionToken"],
            expires=credentials["Expiration"].timestamp(),
        )
        self._kept[key] = vended
        return vended
