"""Routes of the platform, of publishers, and of their apps' versions."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, life, number, registry, settings, word
from interlock.contract.manifest import Target
from interlock.contract.registration import NewPublisher, NewVersion, Withdrawal
from interlock.contract.registry import Role
from interlock.control.apps.bill_of_materials import bill_of_version
from interlock.control.apps.listing import PAGE, version_of_app, versions_of
from interlock.control.publishing.publish import request_upload
from interlock.control.publishing.withdraw import withdraw
from interlock.control.tenants.identities import create_identity, create_publisher


@app.get("/v1/me")
def me() -> Response[str]:
    """Who calls, and what of."""
    return ok(caller("readMe"))


@app.get("/v1/target")
def target() -> Response[str]:
    """What dependencies must be vendored for."""
    caller("readTarget")
    words = settings()
    return ok(Target.model_validate({"python": words.target_python, "architecture": words.target_architecture}))


@app.post("/v1/publishers")
def new_publisher() -> Response[str]:
    """Register a publisher, with a user and a client."""
    caller("createPublisher")
    asked = NewPublisher.model_validate_json(body())
    made = create_publisher(registry(), asked.id, asked.title)
    words = settings()
    credentials = create_identity(
        registry(), words.user_pool, words.token_url, f"publisher/{made.id}", Role.ADMIN, f"publisher-{made.id}"
    )
    return ok({"publisher": made.model_dump(mode="json"), "credentials": credentials.model_dump(mode="json")}, 201)


@app.post("/v1/publishers/<publisher>/apps/<name>/versions")
def new_version(publisher: str, name: str) -> Response[str]:
    """Register a version that is to come; a form to upload its bundle with."""
    caller("publish", f"publisher/{publisher}")
    asked = NewVersion.model_validate_json(body())
    bucket, app_id = settings().artifact_bucket, f"{publisher}/{name}"
    ticket = request_upload(registry(), bucket, app_id, asked.version, asked.digest, review=asked.review)
    return ok(ticket, 201)


@app.get("/v1/publishers/<publisher>/apps/<name>/versions")
def versions(publisher: str, name: str) -> Response[str]:
    """A page of an app's versions; of the listed ones for everybody, so that it may be short and not the last."""
    limit, cursor = min(number("limit", PAGE), PAGE), word("cursor") or None
    found, after = versions_of(registry(), caller("readListing"), f"{publisher}/{name}", limit, cursor)
    return ok({"versions": [version.model_dump(mode="json", by_alias=True) for version in found], "cursor": after})


@app.get("/v1/publishers/<publisher>/apps/<name>/versions/<version>")
def one_version(publisher: str, name: str, version: str) -> Response[str]:
    """One version."""
    found = version_of_app(registry(), caller("readListing"), f"{publisher}/{name}", version)
    return ok(found.model_dump(mode="json", by_alias=True))


@app.get("/v1/publishers/<publisher>/apps/<name>/versions/<version>/sbom")
def sbom(publisher: str, name: str, version: str) -> Response[str]:
    """The version's bill of materials, in CycloneDX."""
    by = caller("readListing")
    return ok(bill_of_version(registry(), settings().artifact_bucket, by, f"{publisher}/{name}", version))


@app.post("/v1/publishers/<publisher>/apps/<name>/versions/<version>/status")
def withdraw_version(publisher: str, name: str, version: str) -> Response[str]:
    """Deprecate or yank a listed version, or take a deprecation back."""
    caller("publish", f"publisher/{publisher}")
    asked = Withdrawal.model_validate_json(body())
    return ok(withdraw(life(), f"{publisher}/{name}", version, asked).model_dump(mode="json", by_alias=True))
