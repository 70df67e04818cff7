"""The journal's file and its changes: what is put back after a crash, at any byte and more than once."""

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.local.engine.journal.changes import State, key_of, key_text
from interlock.local.engine.journal.log import Log, line_of, read
from interlock.local.engine.journal.requests import changed_by

ACCOUNT = ("000000000000", "us-east-1")
TABLE = key_text((*ACCOUNT, "rows"))
QUEUE = key_text((*ACCOUNT, "http://localhost/q"))


class Scoped:
    """A store of the emulator, as far as changes know it."""

    def __init__(self) -> None:
        self._data: dict[Any, Any] = {}

    def entries(self) -> dict[Any, Any]:
        return self._data


def state_of(*changes: list[Any]) -> dict[str, Any]:
    """The state of the services after changes, as plain values."""
    state = State(lambda _: None, lambda _: Scoped())
    for change in changes:
        state.apply(json.loads(json.dumps(change)))
    state.finish()
    services = {name: state.service(name) or {} for name in sorted(state.changed)}
    return {
        name: {store: held.entries() if isinstance(held, Scoped) else held for store, held in service.items()}
        for name, service in services.items()
    }


TABLE_ENTRY: list[Any] = ["e", "dynamodb", "tables", TABLE, {"TableArn": "arn", "Status": "ACTIVE"}]
QUEUE_ENTRY: list[Any] = ["e", "sqs", "queues", QUEUE, {"attributes": {}}]
CHANGES: list[list[Any]] = [
    TABLE_ENTRY,
    ["i", TABLE, "a", "1", {"v": 1}],
    ["i", TABLE, "a", "1", {"v": 2}],
    ["i", TABLE, "b", "1", {"v": 3}],
    ["d", TABLE, "b", "1"],
    ["t", TABLE, {"c": {"1": {"v": 4}}}],
    QUEUE_ENTRY,
    ["q", QUEUE, {"id": "m1"}],
    ["q", QUEUE, {"id": "m2"}],
    ["k", QUEUE, ["m1"]],
    ["e", "stepfunctions", "executions", TABLE, {"status": "RUNNING"}],
    ["n", "stepfunctions", "executions", TABLE, ["events"], 0, [1, 2]],
    ["n", "stepfunctions", "executions", TABLE, ["events"], 2, [3]],
    ["e", "stepfunctions", "executions", TABLE, {"status": "SUCCEEDED"}],
    ["m", "cloudwatch_logs", "log_groups", TABLE, ["streams", "s"], {"created": 1}],
    ["n", "cloudwatch_logs", "log_groups", TABLE, ["streams", "s", "events"], 0, [1]],
    ["e", "kms", "keys", TABLE, {"id": 1}],
    ["x", "kms", "keys", TABLE],
    ["e", "cognito", "revoked", "", ["t"]],
]


@pytest.fixture
def file_limit() -> Iterator[None]:
    """The limit of a file's size as it was."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@given(cut=st.integers(min_value=0))
def test_a_torn_line_is_as_if_never_written(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = [line_of(json.dumps([change]).encode()) for change in CHANGES]
    data = b"".join(lines)
    path = tmp_path_factory.mktemp("torn") / "journal"
    path.write_bytes(data[: cut % (len(data) + 1)])
    reading = read(path)
    ends = [sum(map(len, lines[:count])) for count in range(len(lines) + 1)]
    assert (len(reading.texts), reading.end) == max(
        (n, end) for n, end in enumerate(ends) if end <= cut % (len(data) + 1)
    )
    assert reading.damaged == 0


def test_garbage_behind_the_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(line_of(b"[1]") + b"\0" * 600 + b"\nhalf a li")
    log = Log(path)
    log.cut(read(path).end)
    log.append(["2"])
    assert read(path).texts == [b"[1]", b"[2]"]


def test_a_damaged_line_before_good_ones_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(line_of(b"[1]") + line_of(b"[2]").replace(b"2", b"3") + line_of(b"[4]"))
    assert (read(path).damaged, read(path).texts) == (1, [b"[1]", b"[4]"])


def test_an_absent_journal_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "none").texts == []


@pytest.mark.usefixtures("file_limit")
def test_what_a_full_disk_refuses_is_written_later(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    log = Log(path)
    log.append(["1"])
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.size + 5, hard))
    log.append(["2"])
    log.append(["3"])
    assert log.failure and log.unwritten
    assert read(path).texts == [b"[1]"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    log.sync()
    assert not log.failure and not log.unwritten
    assert read(path).texts == [b"[1]", b"[2]", b"[3]"]


@given(again=st.integers(0, len(CHANGES)))
def test_changes_put_back_over_their_own_end_change_nothing(again: int) -> None:
    once = state_of(*CHANGES)
    assert state_of(*CHANGES, *CHANGES) == once
    assert state_of(*CHANGES[:again], *CHANGES) == once
    table = once["dynamodb"]["tables"][*ACCOUNT, "rows"]
    assert table["items"] == {"c": {"1": {"v": 4}}} and table["ItemCount"] == 1
    assert once["sqs"]["queues"][*ACCOUNT, "http://localhost/q"]["messages"] == [{"id": "m2"}]
    execution = once["stepfunctions"]["executions"][*ACCOUNT, "rows"]
    assert execution == {"status": "SUCCEEDED", "events": [1, 2, 3]}
    assert once["kms"]["keys"] == {}


def test_a_part_without_its_whole_is_dropped() -> None:
    assert state_of(["i", TABLE, "a", "1", {}])["dynamodb"]["tables"] == {}


@pytest.mark.parametrize("key", ["name", ("a", "name"), ("a", "b", ("x", 1)), ("a", "b", "it's")])
def test_a_key_is_its_text(key: Any) -> None:
    assert key_of(key_text(key)) == key


@pytest.mark.parametrize(
    ("service", "target", "body", "method", "path", "changed"),
    [
        ("dynamodb", "DynamoDB_20120810.PutItem", b"{}", "POST", "/", ""),
        ("dynamodb", "DynamoDB_20120810.CreateTable", b"{}", "POST", "/", "dynamodb"),
        ("dynamodb", "DynamoDB_20120810.DescribeTable", b"{}", "POST", "/", ""),
        ("iam", "", b"Version=1&Action=CreateRole", "POST", "/", "iam"),
        ("iam", "", b"Action=GetRole", "POST", "/", ""),
        ("cloudformation", "", b"Action=DescribeStacks", "POST", "/", "cloudformation"),
        ("lambda", "", b"{}", "POST", "/2015-03-31/functions/f/invocations", ""),
        ("lambda", "", b"{}", "POST", "/2015-03-31/functions", "lambda"),
        ("lambda", "", b"", "GET", "/2015-03-31/functions", ""),
        ("s3", "", b"", "PUT", "/bucket", "s3"),
        ("s3", "", b"", "PUT", "/bucket/key", ""),
        ("unheard-of", "A.Create", b"", "POST", "/", ""),
    ],
)
def test_a_request_names_what_it_may_have_changed(
    service: str, target: str, body: bytes, method: str, path: str, changed: str
) -> None:
    signed = f"AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/{service}/aws4_request, Signature=0"
    assert changed_by(method, path, {"authorization": signed, "x-amz-target": target}, body) == changed
