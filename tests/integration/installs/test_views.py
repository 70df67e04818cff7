"""Views: what the last run answered or the catalog has, less what is sensitive, with no code of the app run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.services import artifacts
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.table import Stored
from interlock.contract.catalog import AssetWrite
from interlock.contract.core import limits, names
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.registry import Install, InstallStatus, Version
from interlock.contract.run import Body, Fork, Run, RunStatus
from interlock.contract.view import Where
from interlock.control.apps.listing import list_app, show_listing
from interlock.control.apps.views import keep_views
from interlock.control.copilot.call_tool import call_tool
from interlock.control.events.catalog import write_assets
from interlock.control.installs.views import NEVER_RAN, NOT_GRANTED, PAST, TOO_LARGE, ViewContext, list_views, show_view
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.copilots import copilot, installed, kept_run, sent
from tests.unit.compiler.test_cards import card_of, text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
CARD = card_of(text("${total}"), {"type": "Image", "url": "img/a.png"})
VIEWS: list[dict[str, Any]] = [
    {"id": "last", "title": "Last crawl", "where": "install", "source": {"tool": "app"}},
    {"id": "one", "title": "One", "where": "asset", "source": {"tool": "app", "argument": "name"}},
    {"id": "tables", "title": "Tables", "source": {"query": {"type": "table"}}},
    {"id": "asset", "title": "Asset", "where": "asset", "source": {"query": {"subject": True}}},
]


def published(cloud: Cloud, **fields: Any) -> Version:
    version = listed(cloud, views=[{"card": "c.json", **view} for view in VIEWS], **fields)
    assert version.manifest
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    files = {"c.json": json.dumps(CARD).encode(), "img/a.png": PNG}
    keep_views(cloud.bucket, prefix, version.manifest.views, files)
    return version


def context(cloud: Cloud) -> ViewContext:
    return ViewContext(registry=cloud.registry, runs=cloud.runs, bucket=cloud.bucket, artifacts=cloud.bucket)


def ended(cloud: Cloud, install: Install, output: Any, **fields: Any) -> Run:
    body = fields.pop("body", None) or Body(value=output, size=10)
    run = kept_run(cloud, RunStatus.SUCCEEDED, output=body, **fields)
    changed = run.model_copy(update={"install": install.id})
    return cloud.runs.change(TENANT, run.id, lambda _: changed)


def test_views_of_active_installs_are_listed_by_place(cloud: Cloud) -> None:
    install = installed(cloud, published(cloud))
    page = list_views(cloud.registry, TENANT, None)
    assert [(row.install, row.id, row.where.value) for row in page.views] == [
        (install.id, view["id"], view.get("where", "tenant")) for view in VIEWS
    ]
    assert [row.title for row in list_views(cloud.registry, TENANT, Where.ASSET).views] == ["One", "Asset"]
    cloud.registry.change_install(TENANT, install.id, lambda one: one.model_copy(update={"stopped": "by hand"}))
    assert list_views(cloud.registry, TENANT, None).views == ()
    with pytest.raises(Conflict) as refused:
        show_view(context(cloud), TENANT, install.id, "last")
    assert refused.value.code == "install-inactive"


def test_a_view_of_a_tool_has_the_last_good_output(cloud: Cloud) -> None:
    install = installed(cloud, published(cloud), "catalog:write:tags")
    view = show_view(context(cloud), TENANT, install.id, "last")
    assert (view.data, view.as_of, view.note) == (None, None, NEVER_RAN)
    run = ended(cloud, install, {"total": 7, "api_key": "hunter2-very-secret"})
    view = show_view(context(cloud), TENANT, install.id, "last")
    assert (view.as_of, view.run, view.refresh, view.arguments) == (AT, run.id, "app", {})
    assert isinstance(view.data, dict)
    assert view.data["total"] == 7
    assert "hunter2" not in view.model_dump_json()
    assert view.card == CARD
    assert view.tools["app"].destructive
    assert view.images["img/a.png"].startswith("https://")
    assert sent(cloud) == []


def test_an_image_is_read_by_its_url_as_what_it_is(cloud: Cloud) -> None:
    version = published(cloud)
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    stored = artifacts.read_json(cloud.bucket, f"{prefix}views/last.json")
    assert artifacts.read_optional(cloud.bucket, prefix + stored["images"]["img/a.png"], 100) == PNG


def test_forks_and_runs_of_other_installs_are_no_data(cloud: Cloud) -> None:
    install = installed(cloud, published(cloud))
    run = ended(cloud, install, {"total": 7}, fork=Fork(parent="p", root="p"))
    assert show_view(context(cloud), TENANT, install.id, "last").note == NEVER_RAN
    cloud.runs.change(TENANT, run.id, lambda one: one.model_copy(update={"fork": None, "install": "other"}))
    assert show_view(context(cloud), TENANT, install.id, "last").note == NEVER_RAN
    cloud.runs.change(TENANT, run.id, lambda one: one.model_copy(update={"install": install.id}))
    assert show_view(context(cloud), TENANT, install.id, "last").data == {"total": 7}


def test_output_that_is_large_or_gone_is_said_not_shown(cloud: Cloud) -> None:
    install = installed(cloud, published(cloud))
    big = Bodies(cloud.bucket, TENANT, "a" * 20).keep({"x": "y" * 20_000})
    run = ended(cloud, install, None, body=big)
    assert show_view(context(cloud), TENANT, install.id, "last").data == {"x": "y" * 20_000}
    huge = big.model_copy(update={"size": limits.VIEW_DATA_BYTES + 1})
    cloud.runs.change(TENANT, run.id, lambda one: one.model_copy(update={"output": huge}))
    view = show_view(context(cloud), TENANT, install.id, "last")
    assert (view.data, view.run, view.note) == (None, run.id, TOO_LARGE)
    gone = big.model_copy(update={"key": big.key.replace("/", "/x", 1)})
    cloud.runs.change(TENANT, run.id, lambda one: one.model_copy(update={"output": gone}))
    assert show_view(context(cloud), TENANT, install.id, "last").note == PAST


def test_a_view_of_an_asset_takes_the_run_about_it(cloud: Cloud) -> None:
    install = installed(cloud, published(cloud))
    ended(cloud, install, {"total": 7})
    view = show_view(context(cloud), TENANT, install.id, "one", "Ada")
    assert (view.data, view.arguments) == ({"total": 7}, {"name": "Ada"})
    assert show_view(context(cloud), TENANT, install.id, "one", "Bob").note == NEVER_RAN
    for name in ("one", "asset"):
        with pytest.raises(BadRequest, match="shown with one asset"):
            show_view(context(cloud), TENANT, install.id, name)


def test_a_tool_that_needs_more_arguments_is_no_refresh(cloud: Cloud) -> None:
    version = published(cloud)
    install = installed(cloud, version)
    schema: dict[str, Any] = {"type": "object", "required": ["question"]}
    stored = cloud.registry.version(version.app, version.version)
    changed = stored.item.model_copy(update={"tool_schemas": {"app": schema}})
    cloud.registry.write_version(Stored(item=changed, rev=stored.rev))
    assert show_view(context(cloud), TENANT, install.id, "last").refresh == ""


def test_a_query_counts_assets_as_far_as_the_app_may_read(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    install = installed(cloud, published(cloud), "catalog:read")
    writes = [
        AssetWrite(qualified_name="shop/a", type="table", tags=("pii", "pii.email")),
        AssetWrite(qualified_name="shop/b", type="table"),
        AssetWrite(qualified_name="web/c", type="table", tags=("pii",)),
        AssetWrite(qualified_name="web/d", type="column"),
    ]
    write_assets(Catalog(TENANT), writes)
    data: Any = show_view(context(cloud), TENANT, install.id, "tables").data
    assert [row["qualified_name"] for row in data["assets"]] == ["shop/a", "shop/b", "web/c"]
    assert data["sources"] == [
        {"source": "shop", "assets": 2, "tagged": 1, "tags": {"pii": 1, "pii.email": 1}},
        {"source": "web", "assets": 1, "tagged": 1, "tags": {"pii": 1}},
    ]
    assert (data["counted"], data["more"]) == (3, False)
    one: Any = show_view(context(cloud), TENANT, install.id, "asset", "web/d").data
    assert ([row["type"] for row in one["assets"]], one["subject"]) == (["column"], "web/d")
    monkeypatch.setattr(limits, "VIEW_ROWS", 1)
    shorter: Any = show_view(context(cloud), TENANT, install.id, "tables").data
    assert (len(shorter["assets"]), shorter["counted"]) == (1, 3)
    cloud.registry.change_install(TENANT, install.id, lambda one: one.model_copy(update={"granted": ()}))
    view = show_view(context(cloud), TENANT, install.id, "tables")
    assert (view.data, view.note) == (None, NOT_GRANTED)


def test_views_of_others_and_unknown_ones_are_not_there(cloud: Cloud) -> None:
    install = installed(cloud, published(cloud))
    with pytest.raises(NotFound) as refused:
        show_view(context(cloud), TENANT, install.id, "nothing")
    assert refused.value.code == "unknown-view"
    with pytest.raises(NotFound):
        show_view(context(cloud), "other", install.id, "last")
    gone = install.model_copy(update={"status": InstallStatus.REMOVED})
    cloud.registry.change_install(TENANT, install.id, lambda _: gone)
    with pytest.raises(Conflict):
        show_view(context(cloud), TENANT, install.id, "last")


def test_the_listing_says_which_pages_an_app_brings(cloud: Cloud) -> None:
    published(cloud)
    list_app(cloud.registry, "acme/app")
    page = show_listing(cloud.registry, cloud.bucket, copilot(cloud).caller, "acme/app")
    assert [(view.title, view.where.value) for view in page.views][:2] == [("Last crawl", "install"), ("One", "asset")]


def test_a_copilot_reads_the_same_data_as_untrusted(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.copilots.ARTIFACTS", cloud.bucket)
    install = installed(cloud, published(cloud))
    ended(cloud, install, {"total": 7})
    views: Any = call_tool(copilot(cloud), "list_views", {}).data
    assert [row["id"] for row in views["views"]] == [view["id"] for view in VIEWS]
    assert views["untrusted"]["data"]["titles"][f"{install.id} last"] == "Last crawl"
    answer = call_tool(copilot(cloud), "read_view", {"install": install.id, "view": "last"})
    data: Any = answer.data
    assert data["untrusted"]["data"] == {"title": "Last crawl", "data": {"total": 7}}
    assert (data["as_of"], data["refresh"]) == (AT, "acme__app")
    assert answer.said == f"The view last of acme/app, as of {AT}."
