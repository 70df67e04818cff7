"""One boto3 client of each kind in a process. Endpoint and credentials come from the environment, never from code."""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.session import get_session

from interlock.aws import long_calls
from interlock.contract.core import limits

_CONFIGS: dict[str, Config] = {
    # Regional names of buckets: the global one redirects for a bucket that is new, and a presigned URL is lost by that.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingLimitations
    "s3": Config(
        signature_version="s3v4",
        retries={"mode": "standard", "max_attempts": 3},
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    ),
    "lambda": Config(
        read_timeout=limits.LAMBDA_TIMEOUT_SECONDS,
        connect_timeout=5,
        retries={"total_max_attempts": 1},
        max_pool_connections=50,
    ),
    # Each call is paid for: none is made again.
    "bedrock-runtime": Config(read_timeout=limits.MODEL_SECONDS, connect_timeout=5, retries={"total_max_attempts": 1}),
}
_DEFAULT = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, read_timeout=20)
# DynamoDB checks what it is given itself, and each step waits for three of its calls. A user agent of our own, because
# botocore works its own out anew for each call: an eighth of the call's processor time.
_CONFIGS["dynamodb"] = _DEFAULT.merge(Config(parameter_validation=False, user_agent="interlock"))

DNS_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}
"""Of the partitions that an account can be opened in: https://docs.aws.amazon.com/general/latest/gr/rande.html."""


@cache
def _loader() -> Any:
    """The descriptions of AWS's services that this process has read: they are the same in each of its sessions."""
    return cast(Any, get_session()).get_component("data_loader")


def read_descriptions(services: Sequence[str]) -> None:
    """Read the descriptions of services, so that their clients are there at once when they are needed."""
    for service in services:
        for kind in ("service-2", "endpoint-rule-set-1"):
            _loader().load_service_model(service, kind, api_version=None)


@cache
def _session() -> Any:
    """The process's session: it reads the credentials once."""
    below = cast(Any, get_session())
    below.register_component("data_loader", _loader())
    return cast(Any, boto3).Session(botocore_session=below)


@cache
def client(service: str) -> Any:
    """The process's client of a service.

    S3 signs with version 4 (boto3 presigns with 2 otherwise); Lambda waits as long as a step may take and never
    retries, because a retry would run the step again.
    """
    subject = _session().client(service, config=_CONFIGS.get(service, _DEFAULT))
    if service == "lambda":
        # In the place of the endpoint's own: a handler of `before-send` would come beside an emulator in this process.
        subject._endpoint.http_session = long_calls.LongCalls()
    return subject


def region() -> str:
    """The process's region."""
    return str(_session().region_name)


def dns_suffix() -> str:
    """What the names of AWS's hosts end in, in the partition of the process's region."""
    return DNS_SUFFIXES.get(str(_session().get_partition_for_region(region())), "amazonaws.com")


def forget_clients() -> None:
    """Let the next clients read endpoint and credentials anew: for processes that talk to one engine after another."""
    client.cache_clear()
    _session.cache_clear()
