"""Checks of how processes start: each raises when AWS would do otherwise."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from interlock.local.engine.failure import EngineWillNotStop
from interlock.local.engine.process import EngineSettings, start_engine
from interlock.local.engine.stopping import stop_engine
from tests.local.engine.flow_checks import WAIT, callback_words, tokens_of
from tests.support.engine_cloud import VENVS, Cloud, eventually, single, task, unique, zipped

WHERE = """
import from_layer

def handler(event, context):
    return [from_layer.__file__, __file__]
"""
SLOW_TO_START = """
import os, time

end = time.process_time() + 0.2
while time.process_time() < end:
    pass

def handler(event, context):
    return os.getpid()
"""
CALLS = 12
STOP_SECONDS = 10.0


def shared_files(cloud: Cloud) -> None:
    content = {"ZipFile": zipped({"python/from_layer.py": "WORD = 1"})}
    layer = cloud.client("lambda").publish_layer_version(LayerName=unique("l"), Content=content)["LayerVersionArn"]
    places = {tuple(cloud.invoke(cloud.function({"m.py": WHERE}, Layers=[layer]), {})[0]) for _ in range(2)}
    assert len(places) == 1
    assert all(Path(place).is_relative_to(cloud.engine.state_dir) for place in places.pop())


def start_slots(cloud: Cloud) -> None:
    function = cloud.function({"m.py": SLOW_TO_START})
    with ThreadPoolExecutor(CALLS) as pool:
        calls = [pool.submit(cloud.invoke, function, {}) for _ in range(CALLS)]
        processes = {call.result()[0] for call in calls}
    assert len(processes) <= 2 * (os.cpu_count() or 1)


def schedule_words(cloud: Cloud) -> None:
    queues = cloud.client("sqs")
    url = queues.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    at = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    zone = "Asia/Tokyo"
    cloud.client("scheduler").create_schedule(
        Name=unique("s"),
        ScheduleExpression=f"at({at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone=zone,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": cloud.role(), "Input": '{"at": "<aws.scheduler.scheduled-time>"}'},
    )

    def arrived() -> str | None:
        result = queues.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        return str(result[0]["Body"]) if result else None

    assert json.loads(eventually(arrived, 30))["at"] == f"{at:%Y-%m-%dT%H:%M:%SZ}"


def item_threads(cloud: Cloud) -> None:
    """An engine of its own: it is stopped while an item of a Map waits for a token."""
    with tempfile.TemporaryDirectory() as folder:
        settings = EngineSettings(state_dir=Path(folder), port=0, venv_root=VENVS, corrections_off=cloud.off)
        other = Cloud(start_engine(settings))
        waiting = task(WAIT, Parameters=callback_words(other))
        states = {"Map": {"Type": "Map", "ItemProcessor": single(waiting), "End": True}}
        execution = other.start({"StartAt": "Map", "States": states}, [1])
        assert len(tokens_of(other, execution, 1)) == 1
        try:
            stop_engine(Path(folder), STOP_SECONDS)
        except EngineWillNotStop as stuck:
            os.kill(other.engine.pid, signal.SIGKILL)
            raise AssertionError("the engine waits for the item") from stuck


def query_pages(cloud: Cloud) -> None:
    table = cloud.client("dynamodb")
    name = unique("t")
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    table.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": word, "KeyType": kind} for word, kind in keys],
        AttributeDefinitions=[{"AttributeName": word, "AttributeType": "S"} for word, _ in keys],
    )
    rows = [("few", 0), *(("many", number) for number in range(1_000))]
    puts = [{"PutRequest": {"Item": {"pk": {"S": pk}, "sk": {"S": f"S{number:04d}"}}}} for pk, number in rows]
    for at in range(0, len(puts), 25):
        table.batch_write_item(RequestItems={name: puts[at : at + 25]})

    def page(pk: str, **more: Any) -> list[str]:
        values = {":p": {"S": pk}, ":s": {"S": "S"}}
        fields = {"KeyConditionExpression": "pk = :p AND begins_with(sk, :s)", "ExpressionAttributeValues": values}
        return [row["sk"]["S"] for row in table.query(TableName=name, Limit=2, **fields, **more)["Items"]]

    def seconds(pk: str) -> float:
        began = time.perf_counter()
        page(pk)
        return time.perf_counter() - began

    assert page("many", ExclusiveStartKey={"pk": {"S": "many"}, "sk": {"S": "S0500"}}) == ["S0501", "S0502"]
    assert page("many", ScanIndexForward=False) == ["S0999", "S0998"]
    took = {pk: min(seconds(pk) for _ in range(8)) for pk in ("few", "many")}
    assert took["many"] < 5 * took["few"], took
