"""Checks of what is there after a crash: each raises when AWS would do otherwise."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from interlock.local.engine.failure import EngineNotRunning
from interlock.local.engine.process import EngineSettings, engine_status, start_engine
from interlock.local.engine.stopping import is_stopping, stop_engine
from tests.local.engine.flow_checks import WAIT, callback_words, tokens_of
from tests.support.engine_cloud import VENVS, Cloud, eventually, single, task, zipped

KEYS = [("pk", "HASH"), ("sk", "RANGE")]
SLOW = """
import os, threading

def handler(event, context):
    with open(event["file"], "a") as file:
        file.write("begun\\n")
    while not os.path.exists(event["file"] + ".go"):
        threading.Event().wait(0.02)
    with open(event["file"], "a") as file:
        file.write("done\\n")
    return event
"""
LARGE = "x" * 5000


@contextmanager
def own_engine(off: tuple[str, ...]) -> Generator[tuple[Cloud, Callable[[], Cloud]]]:
    """An engine of its own, and what kills it and starts it again."""
    with tempfile.TemporaryDirectory() as folder:
        settings = EngineSettings(state_dir=Path(folder), port=0, venv_root=VENVS, corrections_off=off)
        engine = start_engine(settings)

        def killed() -> Cloud:
            os.kill(engine_pid(settings), signal.SIGKILL)
            eventually(lambda: True if engine_status(settings.state_dir).stale else None)
            return Cloud(start_engine(settings), off)

        try:
            yield Cloud(engine, off), killed
        finally:
            try:
                stop_engine(settings.state_dir)
            except EngineNotRunning:
                pass


def engine_pid(settings: EngineSettings) -> int:
    """The process of the engine that runs."""
    engine = engine_status(settings.state_dir).engine
    assert engine is not None
    return engine.pid


def journal(cloud: Cloud) -> None:
    with own_engine(cloud.off) as (first, killed):
        function = first.function({"m.py": f"WORD = {LARGE!r}\ndef handler(event, context):\n    return event\n"})
        queue = _write(first)
        over = first.start(single(task(function)), {"n": 1})
        assert first.ended(over)["status"] == "SUCCEEDED"
        paused = first.start(single(task(WAIT, Parameters=callback_words(first))), {})
        assert len(tokens_of(first, paused, 1)) == 1
        history = first.history(over)
        rows = _rows(first)
        second = killed()
        assert second.client("dynamodb").list_tables()["TableNames"] == ["rows"]
        assert _rows(second) == rows
        bodies = second.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert sorted(message["Body"] for message in bodies) == ["1", "2"]
        assert second.history(over) == history
        assert second.ended(paused)["error"] == "States.ServiceRestart"
        assert second.invoke(function, {"n": 2})[0] == {"n": 2}
        assert json.loads(second.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"]) == {"a": 1}
        assert second.client("scheduler").get_schedule(Name="later")["ScheduleExpression"] == "at(2099-01-01T00:00:00)"
        stack = second.client("cloudformation").describe_stacks()["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        pool = second.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
        assert second.client("cognito-idp").list_users(UserPoolId=pool)["Users"][0]["Username"] == "ann"
        layer = second.client("lambda").list_layers()["Layers"][0]["LatestMatchingVersion"]["LayerVersionArn"]
        assert second.client("lambda").get_layer_version_by_arn(Arn=layer)["Content"]["CodeSize"] > len(LARGE) / 100
        # What came after the first crash is there after the second.
        second.client("dynamodb").delete_item(TableName="rows", Key={"pk": {"S": "a"}, "sk": {"S": "1"}})
        assert _rows(killed()) == rows[1:]


def stopping(cloud: Cloud) -> None:
    with own_engine(cloud.off) as (first, _), tempfile.TemporaryDirectory() as folder:
        effects = Path(folder) / "effects"
        function = first.function({"m.py": SLOW}, Timeout=60)
        states = {"One": {**task(function), "Next": "Two"}, "Two": {**task(function), "End": True}}
        states["One"].pop("End", None)
        executions = [first.start({"StartAt": "One", "States": states}, {"file": str(effects)}) for _ in range(3)]
        eventually(lambda: True if _begun(effects) == 3 else None, deadline_s=60)
        with ThreadPoolExecutor(1) as pool:
            stop = pool.submit(stop_engine, first.engine.state_dir)
            eventually(lambda: True if stop.done() or is_stopping(first.engine.state_dir) else None)
            _let_go(effects)
            stop.result()
        assert sorted(effects.read_text().split()) == ["begun"] * 3 + ["done"] * 3
        second = Cloud(start_engine(EngineSettings(state_dir=first.engine.state_dir, port=0, venv_root=VENVS)))
        for execution in executions:
            types = [event["type"] for event in second.history(execution)]
            assert types.count("LambdaFunctionSucceeded") == 1, types
            assert second.ended(execution)["error"] == "States.ServiceRestart"


def line(cloud: Cloud) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = EngineSettings(Path(folder), 0, VENVS, steps_at_once=2, corrections_off=cloud.off)
        own = Cloud(start_engine(settings), cloud.off)
        try:
            item = single(task(own.function(), TimeoutSeconds=10))
            states = {"Map": {"Type": "Map", "ItemProcessor": item, "End": True}}
            items = [{"do": "tenant-less", "n": number} for number in range(8)]
            answers = own.run({"StartAt": "Map", "States": states}, items)
            assert len({answer["pid"] for answer in answers}) <= 2
        finally:
            stop_engine(settings.state_dir)


def orphans(cloud: Cloud) -> None:
    """Before the next engine listens, whatever was at work for the one before is gone."""
    with own_engine(cloud.off) as (first, killed), tempfile.TemporaryDirectory() as folder:
        effects = Path(folder) / "effects"
        first.start(single(task(first.function({"m.py": SLOW}, Timeout=60))), {"file": str(effects)})
        eventually(lambda: True if _begun(effects) == 1 else None)
        second = killed()
        other = Path(folder) / "other"
        _let_go(effects)
        _let_go(other)
        second.run(single(task(second.function({"m.py": SLOW}))), {"file": str(other)})
        assert effects.read_text().split() == ["begun"], "it was done after the engine was gone"


def _begun(effects: Path) -> int:
    return effects.read_text().split().count("begun") if effects.exists() else 0


def _let_go(effects: Path) -> None:
    """Let the steps that write there go on."""
    effects.with_suffix(".go").touch()


def _write(cloud: Cloud) -> str:
    """Something in each store; the queue's address."""
    table = cloud.client("dynamodb")
    table.create_table(
        TableName="rows",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in KEYS],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    puts = [{"Put": {"TableName": "rows", "Item": _row(pk, sk)}} for pk in "ab" for sk in "123"]
    table.transact_write_items(TransactItems=puts)
    table.update_item(
        TableName="rows",
        Key={"pk": {"S": "a"}, "sk": {"S": "2"}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": "new"}},
    )
    table.delete_item(TableName="rows", Key={"pk": {"S": "b"}, "sk": {"S": "3"}})
    messages = cloud.client("sqs")
    queue = messages.create_queue(QueueName="events")["QueueUrl"]
    messages.send_message(QueueUrl=queue, MessageBody="0")
    (received,) = messages.receive_message(QueueUrl=queue)["Messages"]
    for body in ("1", "2"):
        messages.send_message(QueueUrl=queue, MessageBody=body)
    messages.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])
    cloud.client("secretsmanager").create_secret(Name="s", SecretString='{"a": 1}')
    cloud.client("scheduler").create_schedule(
        Name="later",
        ScheduleExpression="at(2099-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:sqs:us-east-1:000000000000:events", "RoleArn": cloud.role()},
    )
    people = cloud.client("cognito-idp")
    pool = people.create_user_pool(PoolName="people")["UserPool"]["Id"]
    people.admin_create_user(UserPoolId=pool, Username="ann")
    archive = zipped({"python/from_layer.py": f"WORD = {os.urandom(3000).hex()!r}"})
    cloud.client("lambda").publish_layer_version(LayerName="words", Content={"ZipFile": archive})
    cloud.stack({"Topic": {"Type": "AWS::SNS::Topic"}})
    return queue


def _row(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, "v": {"M": {"n": {"N": "1"}, "b": {"B": b"raw"}}}}


def _rows(cloud: Cloud) -> list[dict[str, Any]]:
    rows = cloud.client("dynamodb").scan(TableName="rows")["Items"]
    return sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))
