"""The environment of a process that talks to an engine, and what its clients cost."""

import os
from pathlib import Path

import pytest

from interlock.aws.clients import client, read_descriptions
from interlock.local.engine.process import Engine
from interlock.local.environment import talking_to


def engine(port: int) -> Engine:
    return Engine(
        endpoint_url=f"http://127.0.0.1:{port}",
        port=port,
        region="eu-central-1",
        account_id="000000000000",
        access_key="AKIAENGINE",
        secret_key="secret",
        xray_endpoint_url=f"http://127.0.0.1:{port + 1}",
        xray_daemon_address=f"127.0.0.1:{port + 1}",
        pid=0,
        state_dir=Path("engine"),
        python=Path("python"),
    )


def test_a_block_inside_a_block_keeps_the_clients() -> None:
    with talking_to(engine(4666)):
        outer = client("sqs")
        with talking_to(engine(4666)):
            assert client("sqs") is outer
        assert client("sqs") is outer
        assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4666"


def test_a_block_of_another_engine_has_its_own_clients() -> None:
    with talking_to(engine(4666)):
        outer = client("sqs")
        with talking_to(engine(5666)):
            assert client("sqs").meta.endpoint_url == "http://127.0.0.1:5666"
        assert client("sqs") is not outer
        assert client("sqs").meta.endpoint_url == "http://127.0.0.1:4666"


def test_a_foreign_variable_inside_a_block_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking_to(engine(4666)):
        monkeypatch.setenv("AWS_SESSION_TOKEN", "the reader's own")
        with talking_to(engine(4666)):
            assert "AWS_SESSION_TOKEN" not in os.environ


def test_the_environment_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    with pytest.raises(RuntimeError), talking_to(engine(4666)):
        raise RuntimeError
    assert dict(os.environ) == before


def test_clients_share_the_descriptions_of_services() -> None:
    read_descriptions(["sqs"])
    with talking_to(engine(4666)):
        first = client("sqs").meta.service_model
    with talking_to(engine(5666)):
        assert client("sqs").meta.service_model.metadata is first.metadata
