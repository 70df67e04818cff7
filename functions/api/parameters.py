"""The parameters of the control API's routes: what each means, what it may be, and an example.

A route names them in its handler's signature; Powertools validates them and writes them into docs/openapi.json.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BeforeValidator

from interlock.contract.core import base
from interlock.contract.core.validation import shaped
from interlock.contract.usage import AppBy, By

EMPTY_IS_ABSENT = BeforeValidator(lambda text: text or None)
"""`status=` means the same as no status."""
DEFAULT_LIMIT = 50

TenantId = Annotated[base.TenantId, Path(description="The tenant's id.", examples=["acme"])]
PublisherId = Annotated[base.PublisherId, Path(description="The publisher's id.", examples=["acme"])]
AppName = Annotated[str, Path(description="The app's name, without its publisher.", examples=["pii-tagger"])]
VersionId = Annotated[base.Semver, Path(description="The version.", examples=["1.4.0"])]
InstallId = Annotated[str, Path(description="The install's id.", examples=["01KB3D0W6Y9S8X1H2J4K5M6N7P"])]
RunId = Annotated[str, Path(description="The run's id.", examples=["01KB3D4F7R1T2V3W4X5Y6Z7A8B"])]
PauseId = Annotated[str, Path(description="The pause's id.", examples=["01KB3D5A2B3C4D5E6F7G8H9J0K"])]
BreakpointId = Annotated[str, Path(description="The breakpoint's id.", examples=["01KB3D6M1N2P3Q4R5S6T7V8W9X"])]
ApprovalId = Annotated[str, Path(description="The approval's id.", examples=["01KB3D7C4D5E6F7G8H9J0K1M2N"])]
DeadLetterId = Annotated[str, Path(description="The dead letter's id.", examples=["01KB3D8P3Q4R5S6T7V8W9X0Y1Z"])]
ReplayId = Annotated[str, Path(description="The event replay's id.", examples=["01KB3D9E6F7G8H9J0K1M2N3P4Q"])]
ForkJobId = Annotated[str, Path(description="The fork job's id.", examples=["k3v7q2m5x4b6n8p0r1t9"])]
VerificationId = Annotated[str, Path(description="The verification's id.", examples=["k3v7q2m5x4b6n8p0r1t9"])]
WebhookId = Annotated[str, Path(description="The webhook's id.", examples=["01KB3DAR5S6T7V8W9X0Y1Z2A3B"])]
DeliveryId = Annotated[str, Path(description="The delivery's id.", examples=["msg_0a1b2c3d4e5f60718293a4b5c6"])]
InvitationId = Annotated[str, Path(description="The invitation's id.", examples=["01KB3DBT7V8W9X0Y1Z2A3B4C5D"])]
MemberName = Annotated[str, Path(description="The member's name.", examples=["pat"])]
CredentialName = Annotated[str, Path(description="The name of the credentials.", examples=["pipeline"])]
ToolName = Annotated[str, Path(description="The tool's name.", examples=["tag_table"])]

Limit = Annotated[int, Query(ge=1, le=100, description="The most rows of a page.", examples=[DEFAULT_LIMIT])]
Cursor = Annotated[
    str | None, EMPTY_IS_ABSENT, Query(description="The `cursor` of the page before; without it the first page.")
]
Day = Annotated[
    Annotated[str, shaped(r"^\d{4}-\d\d-\d\d$", "a day such as 2026-01-31")] | None,
    EMPTY_IS_ABSENT,
    Query(description="A day in UTC.", examples=["2026-11-01"]),
]
GroupBy = Annotated[By, Query(description="What the amounts are summed up by.")]
GroupAppBy = Annotated[AppBy, Query(description="What the amounts are summed up by.")]
Since = Annotated[
    str, Query(description="From this time on: RFC 3339 in UTC, or a span back from now.", examples=["2h"])
]
Until = Annotated[str, Query(description="Up to this time: RFC 3339 in UTC, or a span back from now.", examples=["1h"])]
Whole = Annotated[bool, Query(description="Whether inputs, outputs and effects that are stored apart are put back.")]
