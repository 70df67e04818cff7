"""Routes of the listing: where tenants find apps."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.event_handler.openapi.params import Query as InQuery

from functions.api import contexts
from functions.api.parameters import EMPTY_IS_ABSENT, AppName, Cursor, Limit, PublisherId
from functions.api.routing import CurrentCaller, route
from interlock.contract.listing import AppPage, Listing, ListingChange, ListingPage, Query
from interlock.contract.manifest import Category
from interlock.control.apps import listing

Words = Annotated[str, InQuery(alias="q", description="Words of the title and the summary.", examples=["pii"])]
OfCategory = Annotated[Category | None, EMPTY_IS_ABSENT, InQuery(description="Only apps of this category.")]
OfPublisher = Annotated[str, InQuery(description="Only apps of this publisher.", examples=["acme"])]
Verified = Annotated[bool, InQuery(description="Only apps of publishers whose domain is verified.")]


@route("GET", "/v1/listing", "listings.search", action="readListing")
def search_listings(
    caller: CurrentCaller,
    current: Words = "",
    category: OfCategory = None,
    publisher: OfPublisher = "",
    verified: Verified = False,
    limit: Limit = listing.PAGE,
    cursor: Cursor = None,
) -> AppPage:
    """Search the apps that the caller may find, by name. A page may be short and not the last."""
    query = Query(words=current, category=category, publisher=publisher, verified=verified)
    return listing.search(contexts.registry(), caller, query, min(limit, listing.PAGE), cursor)


@route("GET", "/v1/listing:export", "listings.export", action="readListing")
def export_listings(caller: CurrentCaller, limit: Limit = listing.PAGE, cursor: Cursor = None) -> AppPage:
    """List every app that the caller may find, page by page."""
    return listing.search(contexts.registry(), caller, Query(), min(limit, listing.PAGE), cursor)


@route("GET", "/v1/listing/<publisher>/<name>", "listings.get", action="readListing")
def get_listing(publisher: PublisherId, name: AppName, caller: CurrentCaller) -> ListingPage:
    """Show one listed app: its permissions in plain words, its changelog and its images.

    The URLs of the images are valid for five minutes.
    """
    config = contexts.settings()
    app = f"{publisher}/{name}"
    return listing.show_listing(contexts.registry(), config.artifact_bucket, caller, app, network=config.network)


@route("PUT", "/v1/publishers/<publisher>/apps/<name>/listing", "listings.update", action="publish")
def update_listing(publisher: PublisherId, name: AppName, change: Annotated[ListingChange, Body()]) -> Listing:
    """Change who may find an app, without a new version."""
    return listing.change_listing(contexts.registry(), f"{publisher}/{name}", change)
