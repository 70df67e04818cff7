"""Routes of the pages that installed apps bring."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from functions.api import contexts
from functions.api.parameters import EMPTY_IS_ABSENT, Cursor, InstallId, Limit, TenantId
from functions.api.routing import route
from interlock.contract.core import limits
from interlock.contract.view import View, ViewRows, Where
from interlock.control.installs import views

ViewId = Annotated[str, Path(description="The view's id.", examples=["coverage"])]
Place = Annotated[Where | None, EMPTY_IS_ABSENT, Query(description="Only views that are shown there.")]
Subject = Annotated[
    str, Query(description="The asset's qualified name, or the run's id.", examples=["shop/main/customer"])
]


@route("GET", "/v1/tenants/<tenant>/views", "views.list", action="readInstalls")
def list_views(
    tenant: TenantId, where: Place = None, limit: Limit = limits.VIEW_ROWS, cursor: Cursor = None
) -> ViewRows:
    """List the views of a tenant's installed apps. A page may be short and not the last."""
    return views.list_views(contexts.registry(), tenant, where, limit, cursor)


@route("GET", "/v1/tenants/<tenant>/installs/<install>/views/<view>", "views.get", action="readRuns")
def get_view(tenant: TenantId, install: InstallId, view: ViewId, subject: Subject = "") -> View:
    """Show a view with its data: the output of the last run of its tool that succeeded, or assets of the catalog.

    No code of the app runs for it. The URLs of the images are valid for five minutes.
    """
    return views.show_view(contexts.views(), tenant, install, view, subject)
