"""The file that `cdk deploy --outputs-file` writes: where a deployment is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import ConfigDict, ValidationError
from pydantic.alias_generators import to_pascal

from interlock.contract.core.base import Model
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.validation import shaped

MAX_BYTES = 1_048_576
"""Ours: an outputs file of all stacks has some kilobytes."""


class Outputs(Model):
    """The outputs that commands need; each stack has others beside them."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal)

    api_url: str
    api_host: str = ""
    """The Host header where the URL is not the API's own: the embedded engine's."""
    token_url: str
    cli_client_id: str
    user_pool: str
    registry_table: str
    artifact_bucket: str
    onboard_machine_arn: Annotated[
        str, shaped(r"^arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:stateMachine:.+$", "the ARN of a state machine")
    ]

    console_url: str = ""
    console_bucket: str = ""
    console_distribution: str = ""
    console_client_id: str = ""
    sign_in_url: str = ""
    """Of the console's stack; empty where it was not deployed."""

    @property
    def region(self) -> str:
        """The Region of the deployment."""
        return self.onboard_machine_arn.split(":")[3]

    @property
    def account(self) -> str:
        """The AWS account of the deployment."""
        return self.onboard_machine_arn.split(":")[4]


def read_outputs(path: Path) -> Outputs:
    """Read the file.

    Raises:
        BadRequest: it is not there, or not what `cdk deploy --outputs-file` writes of this platform.
    """
    step = "Write it anew: cdk deploy --all --outputs-file outputs.json"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadRequest("the file is too large for outputs of stacks", where=str(path), next_step=step)
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRequest(f"the file can't be read: {error.strerror}", where=str(path), next_step=step) from error
    except (ValueError, RecursionError) as error:
        raise BadRequest("the file is not JSON", where=str(path), next_step=step) from error
    try:
        return Outputs.model_validate(_merged(raw))
    except ValidationError as error:
        wrong = ", ".join(str(row["loc"][0]) for row in error.errors())
        raise BadRequest(f"outputs are absent or not valid: {wrong}", where=str(path), next_step=step) from error


def _merged(raw: Any) -> dict[str, Any]:
    """The outputs of all stacks as one; none of the platform's has a name twice."""
    stacks = cast(dict[str, Any], raw).values() if isinstance(raw, dict) else ()
    rows = (cast(dict[str, Any], row) for row in stacks if isinstance(row, dict))
    return {name: value for row in rows for name, value in row.items()}
