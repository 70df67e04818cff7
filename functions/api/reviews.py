"""Routes of reviews and of what else is known of a version: its bill of materials."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, number, registry, settings, word
from interlock.control.review import ReviewDecision, decide_review, waiting_reviews
from interlock.control.versions import bill_of_version

PAGE = 50


@app.get("/v1/reviews")
def reviews() -> Response[str]:
    """A page of the versions that wait for a person."""
    caller("reviewVersions")
    found, cursor = waiting_reviews(registry(), min(number("limit", PAGE), PAGE), word("cursor") or None)
    return ok({"reviews": [row.model_dump(mode="json") for row in found], "cursor": cursor})


@app.post("/v1/publishers/<publisher>/apps/<name>/versions/<version>/review")
def review(publisher: str, name: str, version: str) -> Response[str]:
    """Say the word on a version that waits for it."""
    by = caller("reviewVersions")
    decision = ReviewDecision.model_validate_json(body())
    machine = settings().publish_machine
    after = decide_review(registry(), machine, f"{publisher}/{name}", version, decision, by.principal)
    return ok(after.model_dump(mode="json", by_alias=True))


@app.get("/v1/publishers/<publisher>/apps/<name>/versions/<version>/sbom")
def sbom(publisher: str, name: str, version: str) -> Response[str]:
    """The version's bill of materials, in CycloneDX."""
    by = caller("readListing")
    return ok(bill_of_version(registry(), settings().artifact_bucket, by, f"{publisher}/{name}", version))
