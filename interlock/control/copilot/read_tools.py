"""The tools that read: catalog, workflows, runs, explanations, pauses."""

from collections.abc import Iterator

from interlock.contract.copilot.answer import (
    AssetAnswer,
    AssetPageAnswer,
    AssetRead,
    AssetSearch,
    ExplainAnswer,
    OneRun,
    Paged,
    PauseList,
    PauseRow,
    PausesAnswer,
    RunList,
    RunsAnswer,
    RunStatusAnswer,
    Untrusted,
    WorkflowRow,
    WorkflowsAnswer,
    run_row,
)
from interlock.contract.copilot.tool import clean, tenant_tool, tool_name
from interlock.contract.copilot.view_answer import ViewAnswer, ViewRead, ViewsAnswer, view_line
from interlock.contract.core import limits
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import NotFound
from interlock.contract.core.page import PageRequest
from interlock.contract.manifest import ToolTrigger
from interlock.contract.registry import Install, InstallStatus, Version
from interlock.contract.run import Pause, PauseStatus, Run, RunStatus
from interlock.contract.search import RunFilter
from interlock.control.copilot.run_status import read_run_status, shown_body
from interlock.control.copilot.tool import BuiltIn, Copilot
from interlock.control.events.catalog import AssetFilter, asset_history, search_assets
from interlock.control.inspection.explain import ExplainContext, read_explanation
from interlock.control.inspection.search import read_filter, require_install, search_runs
from interlock.control.installs.tools import may_change, read_versions
from interlock.control.installs.views import list_views, show_view
from interlock.debugger.redaction import learned


def _search_assets(copilot: Copilot, asset_search: AssetSearch) -> AssetPageAnswer:
    wanted = AssetFilter(kind=asset_search.type, tag=asset_search.tag, prefix=asset_search.prefix)
    page = search_assets(copilot.catalog, wanted, PageRequest(asset_search.limit, asset_search.cursor or None))
    rows = [asset.model_dump(mode="json") for asset in page.assets]
    return AssetPageAnswer(count=len(rows), cursor=page.cursor, untrusted=Untrusted(data={"assets": rows}))


def _read_asset(copilot: Copilot, asset_read: AssetRead) -> AssetAnswer:
    name = asset_read.qualified_name
    assets = search_assets(copilot.catalog, AssetFilter(qualified_name=name)).assets
    changes = asset_history(copilot.catalog, name, limits.COPILOT_ROWS, None)[0] if asset_read.history else []
    if not assets and not changes:
        raise NotFound(f"asset {clean(name)} does not exist", where=copilot.tenant, next_step="interlock asset search")
    data: dict[str, Json] = {"asset": assets[0].model_dump(mode="json") if assets else None}
    if asset_read.history:
        data["history"] = [change.model_dump(mode="json") for change in changes]
    return AssetAnswer(
        qualified_name=clean(name), changes=len(changes) if asset_read.history else None, untrusted=Untrusted(data=data)
    )


def _list_workflows(copilot: Copilot, paged: Paged) -> WorkflowsAnswer:
    page = copilot.registry.table.query(f"TEN#{copilot.tenant}", "INS#", limit=paged.limit, cursor=paged.cursor or None)
    read = (row.read(Install) for row in page.rows)
    installs = [one for one in read if one.status is InstallStatus.ACTIVE and not one.stopped]
    versions = read_versions(copilot.registry, installs)
    rows = tuple(
        row
        for install in installs
        if (version := versions.get((install.app, install.version))) is not None
        for row in _workflows(install, version)
    )
    return WorkflowsAnswer(workflows=rows, cursor=page.cursor)


def _workflows(install: Install, version: Version) -> Iterator[WorkflowRow]:
    for name, section in version.manifest.workflows.items() if version.manifest else ():
        tools = [trigger.tool for trigger in section.triggers if isinstance(trigger, ToolTrigger)]
        yield WorkflowRow(
            app=install.app,
            version=install.version,
            install=install.id,
            install_name=install.name,
            workflow=name,
            triggers=tuple(clean(trigger.name) for trigger in section.triggers),
            tools=tuple(tool_name(install.app, tenant_tool(install.app, install.name, tool)) for tool in tools),
            may_change=may_change(install),
        )


def _list_runs(copilot: Copilot, run_list: RunList) -> RunsAnswer:
    fields = run_list.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)
    wanted = PageRequest(run_list.limit, run_list.cursor or None)
    page = search_runs(copilot.runs, copilot.bucket, copilot.tenant, read_filter(fields), wanted)
    if not page.runs:
        require_install(copilot.registry, copilot.tenant, run_list.install)
    rules = copilot.registry.tenant(copilot.tenant).redact
    titles = {run.id: learned(run, (), (*run.redact, *rules)).text(run.title) for run in page.runs}
    return RunsAnswer(
        runs=tuple(map(run_row, page.runs)),
        cursor=page.cursor,
        untrusted=Untrusted(data={"titles": {run: title for run, title in titles.items() if title}}),
    )


def _run_status(copilot: Copilot, one_run: OneRun) -> RunStatusAnswer:
    try:
        return read_run_status(copilot.runs, copilot.registry, copilot.artifacts, copilot.tenant, one_run.run)
    except NotFound as error:
        step = "A run that was just started may still be in the queue: try again in a second."
        raise NotFound(error.what, where=error.where, next_step=step) from error


def _explain_run(copilot: Copilot, one_run: OneRun) -> ExplainAnswer:
    explainer = ExplainContext(
        runs=copilot.runs,
        registry=copilot.registry,
        bucket=copilot.bucket,
        artifacts=copilot.artifacts,
        history=False,
    )
    view = read_explanation(explainer, copilot.tenant, one_run.run)
    explanation = view.explanation
    return ExplainAnswer(
        run=explanation.run,
        app=explanation.app,
        version=explanation.version,
        workflow=explanation.workflow,
        kind=explanation.kind,
        state=clean(explanation.where),
        file=clean(explanation.file),
        line=explanation.line,
        error=clean(explanation.error),
        fingerprint=explanation.fingerprint,
        good_run=explanation.good_run,
        commands=tuple(clean(command) for command in explanation.commands),
        untrusted=Untrusted(data={"text": view.text, "explanation": explanation.model_dump(mode="json")}),
    )


def _list_pauses(copilot: Copilot, pause_list: PauseList) -> PausesAnswer:
    runs, cursor = _paused(copilot, pause_list)
    tenant = copilot.registry.tenant(copilot.tenant)
    rows: list[PauseRow] = []
    inputs: dict[str, Json] = {}
    for run in runs:
        redactor = learned(run, (), (*run.redact, *tenant.redact))
        for pause in copilot.runs.pauses(copilot.tenant, run.id):
            if pause.status is not PauseStatus.TAKEN:
                rows.append(_pause(pause))
                shown = {"input": shown_body(pause.input), "output": shown_body(pause.output)}
                inputs[pause.id] = redactor.data(shown, by_name=True)
    return PausesAnswer(pauses=tuple(rows), cursor=cursor, untrusted=Untrusted(data=inputs))


def _paused(copilot: Copilot, pause_list: PauseList) -> tuple[tuple[Run, ...], str | None]:
    if pause_list.run:
        return (copilot.runs.find(copilot.tenant, pause_list.run).item,), None
    wanted = RunFilter(status=RunStatus.PAUSED)
    first = PageRequest(pause_list.limit, pause_list.cursor or None)
    page = search_runs(copilot.runs, copilot.bucket, copilot.tenant, wanted, first)
    return page.runs, page.cursor


def _pause(pause: Pause) -> PauseRow:
    return PauseRow(
        run=pause.run,
        pause=pause.id,
        state=clean(pause.state),
        index=pause.index,
        at=pause.at,
        status=pause.status,
        armed_by=clean(pause.armed_by),
        since=pause.since,
        held_by=clean(pause.hand.who) if pause.hand and pause.hand.is_persons(now()) else "",
    )


def _list_views(copilot: Copilot, paged: Paged) -> ViewsAnswer:
    page = list_views(copilot.registry, copilot.tenant, None, paged.limit, paged.cursor or None)
    rows = tuple(view_line(row) for row in page.views)
    titles: dict[str, Json] = {f"{row.install} {row.id}": row.title for row in page.views}
    return ViewsAnswer(views=rows, cursor=page.cursor, untrusted=Untrusted(data={"titles": titles}))


def _read_view(copilot: Copilot, view_read: ViewRead) -> ViewAnswer:
    view = show_view(copilot.views, copilot.tenant, view_read.install, view_read.view, view_read.subject)
    return ViewAnswer(
        view=view_line(view.view),
        as_of=view.as_of,
        run=view.run,
        note=view.note,
        refresh=tool_name(view.view.app, view.refresh) if view.refresh else "",
        untrusted=Untrusted(data={"title": view.view.title, "data": view.data}),
    )


READS = (
    BuiltIn(
        name="search_assets",
        title="Search the catalog",
        about="Find assets of the tenant's metadata catalog by type, tag and the beginning of the qualified name.",
        arguments=AssetSearch,
        answer=AssetPageAnswer,
        action="readCatalog",
        run=_search_assets,
    ),
    BuiltIn(
        name="read_asset",
        title="Read an asset",
        about="Read one asset of the catalog by its qualified name: attributes, tags, owners, lineage, history.",
        arguments=AssetRead,
        answer=AssetAnswer,
        action="readCatalog",
        run=_read_asset,
    ),
    BuiltIn(
        name="list_workflows",
        title="List workflows",
        about="List the workflows of the tenant's installed apps, with what starts each and the tools that do.",
        arguments=Paged,
        answer=WorkflowsAnswer,
        action="readInstalls",
        run=_list_workflows,
    ),
    BuiltIn(
        name="list_runs",
        title="List runs",
        about="List runs, newest first, by app, install, workflow, status, error and time.",
        arguments=RunList,
        answer=RunsAnswer,
        action="readRuns",
        run=_list_runs,
    ),
    BuiltIn(
        name="run_status",
        title="Look at a run",
        about="How far a run is: its steps, where it waits, its output or error, and what to call next. Ask again "
        "every few seconds until `over` is true.",
        arguments=OneRun,
        answer=RunStatusAnswer,
        action="readRuns",
        run=_run_status,
    ),
    BuiltIn(
        name="explain_run",
        title="Explain a failure",
        about="Why a run failed: the first cause with its file and line, the input that the line read, and what "
        "differs from the last good run.",
        arguments=OneRun,
        answer=ExplainAnswer,
        action="readRuns",
        run=_explain_run,
    ),
    BuiltIn(
        name="list_pauses",
        title="List pauses",
        about="List steps that a breakpoint stopped and that wait for a person, of one run or of every paused run.",
        arguments=PauseList,
        answer=PausesAnswer,
        action="readRuns",
        run=_list_pauses,
    ),
    BuiltIn(
        name="list_views",
        title="List the pages of apps",
        about="List the pages that installed apps bring, each with its install and id.",
        arguments=Paged,
        answer=ViewsAnswer,
        action="readInstalls",
        run=_list_views,
    ),
    BuiltIn(
        name="read_view",
        title="Read a page of an app",
        about="The data of one page of an app: what the last run of its tool that succeeded answered, or assets of the "
        "catalog. No code of the app runs.",
        arguments=ViewRead,
        answer=ViewAnswer,
        action="readRuns",
        run=_read_view,
    ),
)
