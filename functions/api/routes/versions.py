"""Routes of an app's versions."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import AppName, Cursor, Limit, PublisherId, VersionId
from functions.api.routing import CurrentCaller, route
from interlock.contract.registration import NewVersion, VersionPage, Withdrawal
from interlock.contract.registry import UploadTicket, Version
from interlock.contract.version_check import VersionCheck, VersionCheckResult
from interlock.control.apps import bill_of_materials, listing
from interlock.control.publishing import check, publish, withdraw

APP = "/v1/publishers/<publisher>/apps/<name>"
VERSIONS = f"{APP}/versions"
VERSION = f"{VERSIONS}/<version>"


@route("POST", VERSIONS, "versions.create", action="publish", status=201)
def create_version(publisher: PublisherId, name: AppName, new: Annotated[NewVersion, Body()]) -> UploadTicket:
    """Register a version, and answer the form with which its bundle is uploaded."""
    bucket = contexts.settings().artifact_bucket
    return publish.request_upload(contexts.registry(), bucket, f"{publisher}/{name}", new)


@route("GET", VERSIONS, "versions.list", action="readListing", scope="platform")
def list_versions(
    publisher: PublisherId,
    name: AppName,
    caller: CurrentCaller,
    limit: Limit = listing.PAGE,
    cursor: Cursor = None,
) -> VersionPage:
    """List an app's versions; only the listed ones for callers outside the publisher.

    A page may be short and not the last.
    """
    limit = min(limit, listing.PAGE)
    rows, following = listing.versions_of(contexts.registry(), caller, f"{publisher}/{name}", limit, cursor)
    return VersionPage(versions=tuple(rows), cursor=following)


@route("POST", f"{APP}/checks", "versions.check", action="checkVersions")
def check_version(publisher: PublisherId, name: AppName, part: Annotated[VersionCheck, Body()]) -> VersionCheckResult:
    """Say what publishing would find of a part of a bundle that only the platform knows.

    Libraries are compared with the operator's advisories, AWS is asked about the definitions, and hosts are held
    against the deployment's network. Nothing is stored.
    """
    return VersionCheckResult(findings=tuple(check.check(part, contexts.checks())))


@route("GET", VERSION, "versions.get", action="readListing", scope="platform")
def get_version(publisher: PublisherId, name: AppName, version: VersionId, caller: CurrentCaller) -> Version:
    """Show one version."""
    return listing.version_of_app(contexts.registry(), caller, f"{publisher}/{name}", version)


@route("GET", f"{VERSION}/sbom", "versions.get_bill_of_materials", action="readListing", scope="platform")
def get_bill_of_materials(
    publisher: PublisherId, name: AppName, version: VersionId, caller: CurrentCaller
) -> dict[str, Any]:
    """Show the bill of materials of a version, in CycloneDX."""
    bucket = contexts.settings().artifact_bucket
    return bill_of_materials.bill_of_version(contexts.registry(), bucket, caller, f"{publisher}/{name}", version)


@route("POST", f"{VERSION}/status", "versions.set_status", action="publish")
def set_version_status(
    publisher: PublisherId, name: AppName, version: VersionId, withdrawal: Annotated[Withdrawal, Body()]
) -> Version:
    """Deprecate or yank a listed version, or take a deprecation back."""
    return withdraw.withdraw(contexts.installs(), f"{publisher}/{name}", version, withdrawal)
