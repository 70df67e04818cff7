"""Quotas, usage, budgets and kill switches: a tenant that wants too much waits, its neighbours notice nothing."""

from __future__ import annotations

from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.quota import Quotas
from interlock.control.usage.quotas import set_install_quotas
from interlock.control.usage.rollup import measure_storage
from tests.support.cloud import TENANT, Cloud


def test_state_past_its_quota_stores_no_more(cloud: Cloud, install: str) -> None:
    key = names.state_prefix(TENANT, install)
    client("s3").put_object(Bucket=cloud.bucket, Key=f"{key}a", Body=b"x" * 100)
    set_install_quotas(cloud.registry, TENANT, install, Quotas(storage_bytes=50))
    assert measure_storage(cloud.registry, cloud.bucket, TENANT, 10_000) == 100
    assert cloud.registry.install(TENANT, install).item.full
    client("s3").delete_object(Bucket=cloud.bucket, Key=f"{key}a")
    assert measure_storage(cloud.registry, cloud.bucket, TENANT, 10_000) == 0
    assert not cloud.registry.install(TENANT, install).item.full
