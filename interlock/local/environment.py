"""The environment of processes that talk to the engine."""

import os
from collections.abc import Generator
from contextlib import contextmanager

from interlock.local.engine.process import Engine

FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_XRAY")
"""Variables of the reader's own AWS account, which must not leak into a call to the engine."""


def environment(engine: Engine) -> dict[str, str]:
    """The variables by which boto3, the CDK CLI and our own code reach an engine, as its root."""
    return {
        "AWS_ENDPOINT_URL": engine.endpoint_url,
        "AWS_ENDPOINT_URL_XRAY": engine.xray_endpoint_url,
        "AWS_ACCESS_KEY_ID": engine.access_key,
        "AWS_SECRET_ACCESS_KEY": engine.secret_key,
        "AWS_REGION": engine.region,
        "AWS_DEFAULT_REGION": engine.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def process_environment(engine: Engine) -> dict[str, str]:
    """This process's environment with the engine's variables, for a process that we start."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN} | environment(engine)


@contextmanager
def talking_to(engine: Engine) -> Generator[None]:
    """Let `interlock.aws` of this process talk to an engine while the block runs; clients stay where it does already.

    Args:
        engine: the engine; boto3 is imported here, so that `up` can start the engine first.
    """
    from interlock.aws.clients import forget_clients

    before = dict(os.environ)
    if process_environment(engine) == before:
        yield
        return
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(environment(engine))
    forget_clients()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        forget_clients()
