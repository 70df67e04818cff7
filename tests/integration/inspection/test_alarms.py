"""The alarms of a deployment, as CloudWatch has them."""

from __future__ import annotations

from interlock.aws.clients import client
from interlock.control.inspection.alarms import list_alarms
from tests.support.cloud import Cloud


def _put(name: str, state: str) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription="what it watches",
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"it is {state}")


def test_alarms_that_ring_come_first(cloud: Cloud) -> None:
    _put("interlock: a step fails", "OK")
    _put("interlock: starts wait", "ALARM")
    _put("interlock: nobody knows", "INSUFFICIENT_DATA")
    _put("another's", "ALARM")
    alarms = list_alarms().alarms
    assert [(one.name, one.state) for one in alarms] == [
        ("starts wait", "ringing"),
        ("a step fails", "ok"),
        ("nobody knows", "no-data"),
    ]
    assert (alarms[0].reason, alarms[0].about) == ("it is ALARM", "what it watches")


def test_a_deployment_without_alarms_has_none(cloud: Cloud) -> None:
    assert list_alarms().alarms == ()


def test_more_alarms_than_a_page_are_listed(cloud: Cloud) -> None:
    for number in range(105):
        _put(f"interlock: {number:03}", "OK")
    assert len(list_alarms().alarms) == 105
