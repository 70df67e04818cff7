"""Who and what a deployment has: lists by index, a page at a time."""

from __future__ import annotations

from interlock.contract.core.base import now
from interlock.contract.directory import PublishedApp
from interlock.contract.registry import Publisher, Tenant
from tests.support.cloud import Cloud


def test_publishers_and_tenants_come_in_pages(cloud: Cloud) -> None:
    registry = cloud.registry
    for name in ("xa", "xb", "xc"):
        registry.create_publisher(Publisher(id=name, created=now()))
        registry.create_tenant(Tenant(id=name, created=now()))
    registry.change_publisher("xb", lambda one: one.model_copy(update={"title": "Globex"}))
    publishers, cursor = registry.publishers(2, None)
    while cursor:
        more, cursor = registry.publishers(2, cursor)
        publishers += more
    assert {"xa", "xb", "xc"} <= {one.id for one in publishers}
    assert [one.title for one in publishers if one.id == "xb"] == ["Globex"]
    assert [one.id for one in publishers] == sorted(one.id for one in publishers)
    tenants, cursor = registry.tenants_page(1, None)
    while cursor:
        others, cursor = registry.tenants_page(1, cursor)
        tenants += others
    assert {"xa", "xb", "xc"} <= {one.id for one in tenants}


def test_apps_of_a_publisher_are_its_own(cloud: Cloud) -> None:
    registry = cloud.registry
    registry.create_publisher(Publisher(id="xa", created=now()))
    for app in ("xa/bb", "xa/aa", "xab/cc"):
        registry.keep_app(PublishedApp(app=app, since=now()))
    apps, cursor = registry.apps("xa", 10, None)
    assert ([one.app for one in apps], cursor) == (["xa/aa", "xa/bb"], None)
    assert registry.publisher("xa").id == "xa"
