"""Routes of publishers and their domains."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import DEFAULT_LIMIT, Cursor, Limit, PublisherId
from functions.api.routing import route
from interlock.contract.directory import PublishedAppPage, PublisherPage
from interlock.contract.registration import DomainClaim, NewPublisher, PublisherRegistered
from interlock.contract.registry import Publisher
from interlock.control.tenants import domains, registration

PUBLISHER = "/v1/publishers/<publisher>"
EXAMPLE = {"id": "acme", "title": "Acme"}


@route("POST", "/v1/publishers", "publishers.create", action="createPublisher", status=201)
def create_publisher(
    new: Annotated[NewPublisher, Body(examples=[EXAMPLE])],
) -> PublisherRegistered:
    """Register a publisher, with a user and a client. A request that was cut off is repeated."""
    return registration.register_publisher(contexts.identities(), new)


@route("GET", "/v1/publishers", "publishers.list", action="readPlatform")
def list_publishers(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> PublisherPage:
    """List the publishers of the deployment, by id."""
    publishers, after = contexts.registry().publishers(limit, cursor)
    return PublisherPage(publishers=tuple(publishers), cursor=after)


@route("GET", f"{PUBLISHER}/apps", "publishers.list_apps", action="readVersions")
def list_apps(publisher: PublisherId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> PublishedAppPage:
    """List the apps of a publisher of which a version was uploaded, by name."""
    apps, after = contexts.registry().apps(publisher, limit, cursor)
    return PublishedAppPage(apps=tuple(apps), cursor=after)


@route("GET", PUBLISHER, "publishers.get", action="readPublisher")
def get_publisher(publisher: PublisherId) -> Publisher:
    """Show a publisher and the domain that it claims."""
    return contexts.registry().publisher(publisher)


@route("POST", f"{PUBLISHER}/domain", "publishers.claim_domain", action="manageMembers")
def claim_domain(publisher: PublisherId, claim: Annotated[DomainClaim, Body()]) -> Publisher:
    """Claim a domain. The answer has the TXT record that proves whose domain it is."""
    return domains.claim_domain(contexts.registry(), publisher, claim.domain)


@route("POST", f"{PUBLISHER}/domain/verify", "publishers.verify_domain", action="manageMembers")
def verify_domain(publisher: PublisherId) -> Publisher:
    """Look up the TXT record of the domain that is claimed."""
    return domains.verify_domain(contexts.registry(), contexts.settings().dns_url, publisher)
