"""Domains of publishers: verified by a record, for one publisher."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from interlock.contract.core.failure import Conflict, Unavailable
from interlock.contract.registry import Publisher
from interlock.control.tenants.domains import claim_domain, verify_domain
from tests.support.answering import answering
from tests.support.cloud import AT, Cloud


def test_a_domain_is_verified_by_its_record_for_one_publisher(cloud: Cloud, pool: str) -> None:
    records: dict[str, list[str]] = {}

    def resolve(path: str) -> tuple[int, Any]:
        (name,) = parse_qs(urlsplit(path).query)["name"]
        return 200, {"Answer": [{"type": 16, "data": f'"{text}"'} for text in records.get(name, [])]}

    with answering(resolve) as resolver:
        with pytest.raises(Conflict, match="has not claimed a domain"):
            verify_domain(cloud.registry, resolver, "acme")
        claimed = claim_domain(cloud.registry, "acme", "acme.example").domain
        assert claimed is not None
        assert claim_domain(cloud.registry, "acme", "acme.example").domain == claimed
        with pytest.raises(Conflict) as refused:
            verify_domain(cloud.registry, resolver, "acme")
        assert refused.value.code == "domain-not-verified"
        records["_interlock-challenge.acme.example"] = ["other", claimed.challenge]
        assert verify_domain(cloud.registry, resolver, "acme").verified
        cloud.registry.create_publisher(Publisher(id="thief", created=AT))
        stolen = claim_domain(cloud.registry, "thief", "acme.example").domain
        assert stolen is not None
        records["_interlock-challenge.acme.example"] = [stolen.challenge]
        with pytest.raises(Conflict, match="another publisher"):
            verify_domain(cloud.registry, resolver, "thief")
        assert not claim_domain(cloud.registry, "acme", "other.example").verified
    with answering(lambda _: (500, {})) as broken, pytest.raises(Unavailable):
        verify_domain(cloud.registry, broken, "acme")
