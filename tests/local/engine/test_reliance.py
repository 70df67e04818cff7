"""What the platform relies on and the engine does by itself, so that an upgrade that breaks it is seen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.busy import in_time
from tests.support.engine_cloud import CODE, Cloud, single, task, unique, zipped


def _bucket(cloud: Cloud) -> str:
    objects = cloud.client("s3")
    bucket = unique("b")
    objects.create_bucket(Bucket=bucket)
    objects.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def _function(cloud: Cloud, code: dict[str, Any], **more: Any) -> dict[str, Any]:
    properties = {
        "Runtime": "python3.11",
        "Handler": "m.handler",
        "Role": cloud.role(),
        "Code": code,
        "Timeout": 10,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties | more}


def test_a_stacks_function_has_the_named_code_and_layer(cloud: Cloud) -> None:
    objects = cloud.client("s3")
    bucket = _bucket(cloud)
    first = objects.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"m.py": CODE}))["VersionId"]
    objects.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"m.py": "def handler(e, c): return 'new'"}))
    layer = zipped({"python/from_layer.py": "WORD = 'layered'"})
    objects.put_object(Bucket=bucket, Key="layer.zip", Body=layer)
    subject = cloud.stack(
        {
            "Layer": {
                "Type": "AWS::Lambda::LayerVersion",
                "Properties": {
                    "LayerName": unique("l"),
                    "Content": {"S3Bucket": bucket, "S3Key": "layer.zip"},
                },
            },
            "Function": _function(
                cloud,
                {"S3Bucket": bucket, "S3Key": "code.zip", "S3ObjectVersion": first},
                Layers=[{"Ref": "Layer"}],
            ),
        }
    )
    assert cloud.invoke(subject["Function"], {"do": "layer"})[0] == "layered"


def test_a_stacks_machine_has_the_named_definition(cloud: Cloud) -> None:
    objects, states = cloud.client("s3"), cloud.client("stepfunctions")
    bucket = _bucket(cloud)
    right = json.dumps(single({"Type": "Pass", "Result": "${word}", "End": True}))
    version = objects.put_object(Bucket=bucket, Key="m.json", Body=right.encode())["VersionId"]
    objects.put_object(Bucket=bucket, Key="m.json", Body=b"{}")
    subject = cloud.stack(
        {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": cloud.role(),
                    "DefinitionS3Location": {"Bucket": bucket, "Key": "m.json", "Version": version},
                    "DefinitionSubstitutions": {"word": "put in"},
                },
            }
        }
    )
    execution = states.start_execution(stateMachineArn=subject["Machine"])["executionArn"]
    assert json.loads(cloud.ended(execution)["output"]) == "put in"


def test_a_task_and_a_function_time_out_by_their_aws_names(cloud: Cloud) -> None:
    function = cloud.function(Timeout=1)
    seen = cloud.ended(cloud.start(single(task(function)), {"do": "slow", "seconds": 5}), 6)
    assert seen["error"] == "Sandbox.Timedout"
    patient = cloud.function()
    seen = cloud.ended(cloud.start(single(task(patient, TimeoutSeconds=1)), {"do": "slow", "seconds": 2}), 6)
    assert seen["error"] == "States.Timeout"


def test_parallel_invocations_have_their_own_environments(cloud: Cloud) -> None:
    function = cloud.function()

    def together() -> set[int]:
        with ThreadPoolExecutor(6) as pool:
            calls = [pool.submit(cloud.invoke, function, {"do": "slow", "seconds": 1}) for _ in range(6)]
        return {call.result()[0]["pid"] for call in calls}

    assert len(in_time(5, together)) == 6


def test_the_context_object_is_the_same_in_both_languages(cloud: Cloud) -> None:
    fields = {
        "state": "State.Name",
        "entered": "State.EnteredTime",
        "retry": "State.RetryCount",
        "index": "Map.Item.Index",
        "run": "Execution.Id",
        "redrive": "Execution.RedriveCount",
    }
    path = {"Parameters": {f"{name}.$": f"$$.{field}" for name, field in fields.items()}}
    expression = {
        "QueryLanguage": "JSONata",
        "Arguments": {name: f"{{% $states.context.{field} %}}" for name, field in fields.items()},
    }
    function = cloud.function()
    for speech in (path, expression):
        branch = single(task(function, **speech))
        both = single({"Type": "Parallel", "Branches": [branch], "End": True})
        each = single({"Type": "Map", "ItemsPath": "$", "ItemProcessor": both, "End": True})
        execution = cloud.start(each, [7, 8])
        seen = json.loads(cloud.ended(execution)["output"])
        for index, ((answer,),) in enumerate([[entry] for entry in seen]):
            event = answer["event"]
            assert event["state"] == "Only"
            assert (event["retry"], event["index"], event["redrive"]) == (0, index, 0)
            assert event["run"] == execution
            assert len(event["entered"]) == len("2026-01-01T00:00:00.000Z")
