"""Routes of the listing: search, show, export, and who finds an app."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, number, one_of, registry, settings, word
from interlock.contract.listing import ListingChange, Query
from interlock.contract.manifest import Category
from interlock.control.apps.listing import PAGE, change_listing, search, show_listing


@app.get("/v1/listing")
def find() -> Response[str]:
    """A page of the apps that the caller finds, by name; it may be short and not the last."""
    by = caller("readListing")
    category = word("category")
    query = Query(
        words=word("q"),
        category=one_of(Category, category, "category", "category") if category else None,
        publisher=word("publisher"),
        verified=bool(word("verified")),
    )
    return ok(search(registry(), by, query, min(number("limit", PAGE), PAGE), word("cursor") or None))


@app.get("/v1/listing:export")
def export() -> Response[str]:
    """A page of the whole catalogue that the caller finds, as JSON."""
    by = caller("readListing")
    return ok(search(registry(), by, Query(), min(number("limit", PAGE), PAGE), word("cursor") or None))


@app.get("/v1/listing/<publisher>/<name>")
def listing(publisher: str, name: str) -> Response[str]:
    """One app as it is listed: permissions in plain words, images (URLs of five minutes), changelog."""
    by = caller("readListing")
    return ok(show_listing(registry(), settings().artifact_bucket, by, f"{publisher}/{name}"))


@app.put("/v1/publishers/<publisher>/apps/<name>/listing")
def change(publisher: str, name: str) -> Response[str]:
    """Change who finds an app, without a new version."""
    caller("publish", f"publisher/{publisher}")
    return ok(change_listing(registry(), f"{publisher}/{name}", ListingChange.model_validate_json(body())))
