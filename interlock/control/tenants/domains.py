"""Whose a namespace is: a publisher claims a domain, and shows that it is its own by a TXT record.

A domain is verified for one publisher. It is looked at when the publisher asks for it, not again by itself.
"""

import secrets

from interlock.aws.services.txt_records import txt_records
from interlock.aws.tables.registry import Registry
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.registry import Domain, Publisher

CHALLENGE_BYTES = 16
PREFIX = "interlock-challenge="


def claim_domain(registry: Registry, publisher: str, domain: str) -> Publisher:
    """Claim a domain; the same one again keeps its challenge, another one replaces it and is not verified.

    Raises:
        NotFound: no such publisher.
    """
    current = registry.publisher(publisher)
    if current.domain is not None and current.domain.name == domain:
        return current
    challenge = PREFIX + secrets.token_hex(CHALLENGE_BYTES)
    claimed = Domain(name=domain, challenge=challenge, claimed=now())
    return registry.change_publisher(publisher, lambda latest: latest.model_copy(update={"domain": claimed}))


def verify_domain(registry: Registry, resolver: str, publisher: str) -> Publisher:
    """Look for the challenge in the domain's TXT record.

    Raises:
        Conflict: nothing is claimed, the record is not there, or the domain is another publisher's.
        Unavailable: the resolver did not answer.
    """
    domain = registry.publisher(publisher).domain
    if domain is None:
        raise Conflict(
            f"publisher {publisher} has not claimed a domain",
            where=publisher,
            code="no-domain",
            next_step=f"interlock publisher domain {publisher} --claim example.com",
        )
    if domain.challenge not in txt_records(resolver, domain.record):
        raise Conflict(
            f"{domain.record} has no TXT record {domain.challenge}",
            where=domain.name,
            code="domain-not-verified",
            next_step=f"Write the record, wait for its TTL, then: interlock publisher domain {publisher} --verify",
        )
    if registry.hold_domain(domain.name, publisher) != publisher:
        raise Conflict(
            f"{domain.name} belongs to another publisher",
            where=domain.name,
            code="domain-taken",
            next_step="Claim another domain.",
        )
    proven = domain.model_copy(update={"verified": now()})
    return registry.change_publisher(
        publisher,
        lambda latest: latest.model_copy(update={"domain": proven}) if latest.domain == domain else latest,
    )
