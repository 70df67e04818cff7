"""CloudWatch's alarms."""

from collections.abc import Iterator
from typing import Any

from interlock.aws.clients import client

PER_CALL = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""


def describe_alarms(prefix: str) -> Iterator[dict[str, Any]]:
    """The alarms of metrics whose names begin so; the platform has no others."""
    fields: dict[str, str] = {}
    while True:
        answer = client("cloudwatch").describe_alarms(AlarmNamePrefix=prefix, MaxRecords=PER_CALL, **fields)
        yield from answer.get("MetricAlarms", [])
        if not answer.get("NextToken"):
            return
        fields = {"NextToken": answer["NextToken"]}
