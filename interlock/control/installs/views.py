"""The views of a tenant's installed apps: which there are, and one with its data.

To look at a view runs no code of its publisher: the data is what the last run of the tool's workflow answered, or what
the catalog has. A person makes it anew by starting the tool.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.compiler.views import tools_of
from interlock.contract.catalog import Asset
from interlock.contract.copilot.tool import tenant_tool
from interlock.contract.core import limits
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.core.page import PageRequest
from interlock.contract.manifest import Manifest, ToolTrigger
from interlock.contract.registry import Install, InstallStatus, Version
from interlock.contract.run import Run, RunStatus
from interlock.contract.search import RunFilter
from interlock.contract.view import (
    AssetQuery,
    SourceSummary,
    View,
    ViewRow,
    ViewRows,
    ViewSection,
    ViewSource,
    ViewTool,
    Where,
    view_row,
)
from interlock.control.apps.views import stored_view
from interlock.control.events.catalog import MAX_PAGE, AssetFilter, search_assets
from interlock.control.inspection.search import search_runs
from interlock.control.installs.tools import may_change, read_versions
from interlock.debugger.redaction import redact_run

NEVER_RAN = "no run has succeeded yet: start the tool to fill the view"
TOO_LARGE = "the run's output is too large for a view: open the run"
NOT_GRANTED = "the tenant did not let the app read the catalog"
PAST = "the run's output is past its retention: start the tool to fill the view"
_READ = "catalog:read"


@dataclass(frozen=True)
class ViewContext:
    """What reading views works with: the tables, the bucket of bodies, and the bucket of artifacts."""

    registry: Registry
    runs: Runs
    bucket: str
    artifacts: str


class ViewData(NamedTuple):
    """What a card is filled with, and since when it is so."""

    data: Json = None
    as_of: str | None = None
    run: str = ""
    note: str = ""


def list_views(
    registry: Registry, tenant: str, where: Where | None, limit: int = limits.VIEW_ROWS, cursor: str | None = None
) -> ViewRows:
    """The views of one page of a tenant's installs that are active; of one place, where it is named."""
    installs, following = registry.installs_page(registry.tenant(tenant).id, limit, cursor)
    active = [one for one in installs if one.status is InstallStatus.ACTIVE and not one.stopped]
    versions = read_versions(registry, active)
    rows = (row for install in active for row in _rows(install, versions.get((install.app, install.version))))
    return ViewRows(views=tuple(row for row in rows if where in (None, row.where)), cursor=following)


def show_view(context: ViewContext, tenant: str, install: str, view: str, subject: str = "") -> View:
    """One view with its data.

    Args:
        context: what it works with.
        tenant: whose install it is.
        install: the install's id.
        view: the view's id.
        subject: on the page of an asset its qualified name, on that of a run its id.

    Raises:
        NotFound: the tenant has no such install, or the app no such view.
        Conflict: the install is not active.
        BadRequest: the view is of an asset or a run, and none is named.
    """
    current = context.registry.install(tenant, install).item
    if current.status is not InstallStatus.ACTIVE or current.stopped:
        what = current.stopped or current.status.value
        step = "interlock install list"
        raise Conflict(f"the install is {what}", where=install, code="install-inactive", next_step=step)
    version = context.registry.version(current.app, current.version).item
    section = _section(version, view)
    if not subject and (section.source.argument or (section.source.query and section.source.query.subject)):
        step = f"Name it: interlock view show {install} {view} --subject NAME"
        raise BadRequest(f"the view is shown with one {section.where}", where="subject", next_step=step)
    stored = stored_view(context.artifacts, version, view)
    refresh, arguments = _refresh(current, version, section.source, subject)
    read = _data(context, current, version, section.source, subject)
    return View(
        view=view_row(current.id, current.name, current.app, current.version, section),
        card=stored.card,
        images=stored.images,
        tools=dict(_tools(version.manifest, current)) if version.manifest else {},
        refresh=refresh,
        arguments=arguments,
        **read._asdict(),
    )


def _data(context: ViewContext, install: Install, version: Version, source: ViewSource, subject: str) -> ViewData:
    if source.query is not None:
        return _of_catalog(Catalog(install.tenant), install, source.query, subject)
    if version.manifest is None or source.tool is None:
        return ViewData(note=NEVER_RAN)
    return _of_runs(context, install, tools_of(version.manifest)[source.tool], source.argument, subject)


def _refresh(install: Install, version: Version, source: ViewSource, subject: str) -> tuple[str, dict[str, Json]]:
    """The tool that makes a view's data anew with what the page knows, and its arguments; empty where none does."""
    if source.tool is None:
        return "", {}
    schema = version.tool_schemas.get(source.tool)
    required = cast(list[str], schema.get("required", [])) if isinstance(schema, dict) else []
    arguments: dict[str, Json] = {source.argument: subject} if source.argument else {}
    if not set(required) <= set(arguments):
        return "", {}
    return tenant_tool(install.app, install.name, source.tool), arguments


def _rows(install: Install, version: Version | None) -> Iterator[ViewRow]:
    for section in version.manifest.views if version and version.manifest else ():
        yield view_row(install.id, install.name, install.app, install.version, section)


def _section(version: Version, view: str) -> ViewSection:
    for section in version.manifest.views if version.manifest else ():
        if section.id == view:
            return section
    where = f"{version.app}@{version.version}"
    raise NotFound(f"the app has no view {view}", where=where, code="unknown-view", next_step="interlock view list")


def _tools(manifest: Manifest, install: Install) -> Iterator[tuple[str, ViewTool]]:
    changes = may_change(install)
    for section in manifest.workflows.values():
        for trigger in section.triggers:
            if isinstance(trigger, ToolTrigger):
                name = tenant_tool(install.app, install.name, trigger.tool)
                yield trigger.tool, ViewTool(name=name, description=trigger.description, destructive=changes)


def _of_runs(context: ViewContext, install: Install, workflow: str, argument: str, subject: str) -> ViewData:
    """The output of the last run of a workflow that succeeded, less what is sensitive; no fork, no dry run."""
    wanted = RunFilter(
        app=install.app,
        install=install.id,
        workflow=workflow,
        status=RunStatus.SUCCEEDED,
        forks=False,
        dry=False,
        field=argument,
        value=subject if argument else None,
    )
    page = search_runs(context.runs, context.bucket, install.tenant, wanted, PageRequest(1))
    if not page.runs:
        return ViewData(note=NEVER_RAN)
    run = page.runs[0]
    if run.output is not None and run.output.size > limits.VIEW_DATA_BYTES:
        return ViewData(as_of=run.ended, run=run.id, note=TOO_LARGE)
    try:
        data = _shown_output(context, run)
    except NotFound:
        return ViewData(as_of=run.ended, run=run.id, note=PAST)
    return ViewData(data=data, as_of=run.ended, run=run.id)


def _shown_output(context: ViewContext, run: Run) -> Json:
    if run.output is None:
        return None
    value = Bodies(context.bucket, run.tenant, run.id).read(run.output)
    whole = run.model_copy(update={"output": run.output.model_copy(update={"value": value, "key": ""})})
    rules = (*run.redact, *context.registry.tenant(run.tenant).redact)
    shown = redact_run(whole, (), rules).run.output
    return shown.value if shown else None


def _of_catalog(catalog: Catalog, install: Install, query: AssetQuery, subject: str) -> ViewData:
    """Assets as the app itself may read them: a page of them, and all that were read counted by source."""
    if _READ not in install.granted:
        return ViewData(as_of=now(), note=NOT_GRANTED)
    if query.subject:
        assets, more = search_assets(catalog, AssetFilter(qualified_name=subject)).assets, False
    else:
        assets, more = _read_assets(catalog, query)
    data: dict[str, Json] = {
        "assets": [asset.model_dump(mode="json") for asset in assets[: limits.VIEW_ROWS]],
        "sources": [row.model_dump(mode="json") for row in summarize(assets)],
        "counted": len(assets),
        "more": more,
        "subject": subject,
    }
    return ViewData(data=data, as_of=now())


def _read_assets(catalog: Catalog, query: AssetQuery) -> tuple[tuple[Asset, ...], bool]:
    wanted = AssetFilter(kind=query.type or "", tag=query.tag or "", prefix=query.prefix)
    assets: tuple[Asset, ...] = ()
    cursor: str | None = None
    while len(assets) < limits.VIEW_ASSETS:
        page = search_assets(catalog, wanted, PageRequest(MAX_PAGE, cursor))
        assets, cursor = assets + page.assets, page.cursor
        if cursor is None:
            break
    return assets, cursor is not None


def summarize(assets: tuple[Asset, ...]) -> list[SourceSummary]:
    """Count assets by the first part of their qualified names. Pure."""
    groups: dict[str, list[Asset]] = {}
    for asset in assets:
        groups.setdefault(asset.qualified_name.partition("/")[0], []).append(asset)
    return [_summary(source, rows) for source, rows in sorted(groups.items())]


def _summary(source: str, assets: list[Asset]) -> SourceSummary:
    tags: dict[str, int] = {}
    for tag in sorted(tag for asset in assets for tag in asset.tags):
        tags[tag] = tags.get(tag, 0) + 1
    return SourceSummary(source=source, assets=len(assets), tagged=sum(bool(one.tags) for one in assets), tags=tags)
