"""The task token of a paused run is in its pause's item, and nowhere else that a person or a program can read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from interlock.aws.tables.runs import run_key
from tests.support.kit import Installed, Kit, bundle, single, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    print(value)\n    return value\n"
READS = ("", "/steps?whole=true", "/pauses", "/outlines", "/history", "/logs", "/explain", "/debug", "/breakpoints")
MIN_TOKEN_CHARS = 20


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    return kit.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}))


def test_task_token_is_in_the_pauses_item_alone(kit: Kit, installed: Installed) -> None:
    run = kit.start(installed, "main", {"n": 1}, stop=(("Only", "before"),))
    kit.paused(installed, run)
    items = items_of(kit, run)
    (token,) = {row["token"]["S"] for row in items if "token" in row}
    assert len(token) >= MIN_TOKEN_CHARS
    texts = {"history in flight": history(kit, installed, run)}
    assert "waitForTaskToken" in texts["history in flight"]
    kit.decide(installed, run, kit.paused(installed, run)["id"])
    kit.ended(installed, run)
    texts |= {f"item {row['sk']['S']}": row["doc"]["S"] for row in items if "doc" in row}
    texts |= {f"GET {path}": answer(kit, installed, run, path) for path in READS}
    texts |= dict(objects_of(kit, installed, run)) | dict(logs_of(kit))
    assert [place for place, text in texts.items() if token in text] == []
    assert len(texts) > len(READS) + 3


def items_of(kit: Kit, run: str) -> list[dict[str, dict[str, str]]]:
    """Every item of a run."""
    key = run_key(kit.tenant, run)
    return kit.client("dynamodb").query(
        TableName=kit.platform.record.runs_table,
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": key.pk}},
    )["Items"]


def answer(kit: Kit, installed: Installed, run: str, path: str) -> str:
    """What the API answers about a run, whatever it is."""
    route, _, query = path.partition("?")
    parameters = dict(pair.split("=") for pair in query.split("&")) if query else {}
    try:
        return json.dumps(
            kit.tenants[installed.tenant].get(f"/v1/tenants/{installed.tenant}/runs/{run}{route}", **parameters)
        )
    except Exception as error:
        return str(error)


def history(kit: Kit, installed: Installed, run: str) -> str:
    """The history as it is stored for people."""
    ref = json.loads(answer(kit, installed, run, "/history"))
    body = kit.client("s3").get_object(Bucket=kit.platform.record.data_bucket, Key=ref["key"])["Body"]
    return body.read().decode()


def objects_of(kit: Kit, installed: Installed, run: str) -> Iterator[tuple[str, str]]:
    """Every object of a run."""
    s3, bucket = kit.client("s3"), kit.platform.record.data_bucket
    for row in s3.list_objects_v2(Bucket=bucket, Prefix=f"runs/{installed.tenant}/{run}/").get("Contents", []):
        yield row["Key"], s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read().decode()


def logs_of(kit: Kit) -> Iterator[tuple[str, str]]:
    """What every function has logged."""
    logs = kit.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            yield f"log {name} {len(page['events'])}", json.dumps([event["message"] for event in page["events"]])
