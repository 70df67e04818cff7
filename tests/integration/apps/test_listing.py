"""Listings: what is found by whom, page by page, and what a listing says."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.tables.listings import Listings
from interlock.contract.core.failure import NotFound
from interlock.contract.listing import Listing, ListingChange, Query
from interlock.contract.manifest import Visibility
from interlock.contract.member import Caller
from interlock.contract.registration import Withdrawal
from interlock.control.apps.listing import change_listing, list_app, require_visible, search, versions_of
from interlock.control.publishing.withdraw import withdraw
from tests.support.cloud import Cloud, listed
from tests.support.people import OPERATOR, SCOPE, caller


def shown(cloud: Cloud, app: str, **fields: Any) -> None:
    listed(cloud, app)
    list_app(cloud.registry, app)
    if fields:
        change_listing(cloud.registry, app, ListingChange.model_validate(fields))


def found(cloud: Cloud, who: Caller, **fields: Any) -> list[str]:
    return [row.app for row in search(cloud.registry, who, Query.model_validate(fields), 50, None).apps]


def test_who_finds_what(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/public")
    shown(cloud, "acme/private", visibility="private")
    shown(cloud, "acme/invited", visibility="invited", invite=["one"])
    every = ["acme/invited", "acme/private", "acme/public"]
    assert found(cloud, caller(SCOPE)) == found(cloud, OPERATOR) == every
    assert found(cloud, caller("tenant/one")) == ["acme/invited", "acme/public"]
    assert found(cloud, caller("tenant/two")) == found(cloud, caller("publisher/other")) == ["acme/public"]
    with pytest.raises(NotFound):
        require_visible(cloud.registry, caller("tenant/two"), "acme/invited", "two")
    with pytest.raises(NotFound):
        require_visible(cloud.registry, caller("tenant/one", "tenant/two"), "acme/invited", "two")
    require_visible(cloud.registry, caller("tenant/one"), "acme/invited", "one")
    change_listing(cloud.registry, "acme/invited", ListingChange(uninvite=("one",)))
    assert found(cloud, caller("tenant/one")) == ["acme/public"]


def test_words_category_publisher_and_badge_filter(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/public")
    shown(cloud, "other/public")
    who = caller("tenant/one")
    assert found(cloud, who, words="ACME app") == ["acme/public"]
    assert found(cloud, who, words="nothing") == []
    assert found(cloud, who, publisher="other") == ["other/public"]
    assert found(cloud, who, category="connector") == []
    assert found(cloud, who, verified=True) == []


def test_a_search_goes_on_where_it_ended(cloud: Cloud, pool: str) -> None:
    for number in range(5):
        shown(cloud, f"acme/app-{number}")
    apps: list[str] = []
    cursor: str | None = None
    for _ in range(10):
        page = search(cloud.registry, OPERATOR, Query(), 2, cursor)
        apps += [row.app for row in page.apps]
        cursor = page.cursor
        if cursor is None:
            break
    assert apps == [f"acme/app-{number}" for number in range(5)]


def test_a_listing_follows_the_newest_release_and_keeps_edits(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/app", visibility="invited", invite=["one"])
    listed(cloud, "acme/app", "2.0.0")
    listed(cloud, "acme/app", "3.0.0-beta.1")
    after = list_app(cloud.registry, "acme/app")
    assert after is not None
    assert (after.version, after.visibility, after.invited) == ("2.0.0", Visibility.INVITED, ("one",))
    withdraw(cloud.life, "acme/app", "2.0.0", Withdrawal(status="yanked"))
    assert _listing(cloud).version == "1.0.0"
    for version in ("1.0.0", "3.0.0-beta.1"):
        withdraw(cloud.life, "acme/app", version, Withdrawal(status="yanked"))
    assert _listing(cloud).withdrawn
    assert found(cloud, OPERATOR) == []


def _listing(cloud: Cloud) -> Listing:
    stored = Listings("registry").find("acme/app")
    assert stored is not None
    return stored.item


def test_installs_are_counted_once_each(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/app")
    listings = Listings("registry")
    for install, there in (("a", True), ("a", True), ("b", True), ("a", False), ("a", False), ("c", False)):
        listings.count("acme/app", install, there=there)
    (row,) = listings.complete([_listing(cloud)])
    assert row.installs == 1


def test_others_see_listed_versions_only(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/app")
    assert [row.version for row in versions_of(cloud.registry, caller(SCOPE), "acme/app")[0]] == ["1.0.0"]
    assert versions_of(cloud.registry, caller("tenant/one"), "acme/app") == ([], None)
    with pytest.raises(NotFound):
        versions_of(cloud.registry, caller("tenant/one"), "acme/never")
