"""AWS: a standard queue is fair by message group: the messages of quiet groups are received before those of noisy ones.

A group is noisy when it has more than a tenth of the messages in flight and at least 30 of its own, or more than a
tenth of the consumers' recent time. Of several noisy ones the one with the fewest messages in flight comes first.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html

The emulator: hands messages out in the order in which they came, and drops the group that a rule's target names.
AWS does not say what recent is; here it is a minute.
"""

from __future__ import annotations

from .edit import Correction, Edit

_SQS = "ministack.services.sqs"
_HELPERS = """
_FAIR_SHARE = 0.1
_FAIR_IN_FLIGHT = 30
_FAIR_RECENT_SECONDS = 60


def _fair_note(q: dict, m: dict) -> None:
    \"\"\"Note how long a message that is deleted was with its consumer.\"\"\"
    now = time.time()
    over = q.setdefault("_fair_over", [])
    over.append((now, m.get("group_id"), now - m.get("received_at", now)))
    while over and over[0][0] < now - _FAIR_RECENT_SECONDS:
        over.pop(0)


def _fair_pick(q: dict, visible: list, max_n: int, now: float) -> list:
    groups: dict = {}
    for m in visible:
        groups.setdefault(m.get("group_id") or m["id"], []).append(m)
    if len(groups) < 2:
        return visible[:max_n]
    flying: dict = {}
    spent: dict = {}
    for m in q["messages"]:
        if m["visible_at"] > now and m["receive_count"] > 0:
            group = m.get("group_id") or m["id"]
            flying[group] = flying.get(group, 0) + 1
            spent[group] = spent.get(group, 0.0) + now - m.get("received_at", now)
    for at, group, seconds in q.get("_fair_over", ()):
        if at >= now - _FAIR_RECENT_SECONDS and group is not None:
            spent[group] = spent.get(group, 0.0) + seconds
    place = {id(m): number for number, m in enumerate(visible)}
    time_of_all = sum(spent.values())
    result: list = []
    while groups and len(result) < max_n:
        in_flight = sum(flying.values())

        def rank(group):
            mine = flying.get(group, 0)
            many = mine >= _FAIR_IN_FLIGHT and mine > _FAIR_SHARE * in_flight
            noisy = many or spent.get(group, 0.0) > _FAIR_SHARE * time_of_all
            return (noisy, mine if noisy else 0, place[id(groups[group][0])])

        group = min(groups, key=rank)
        result.append(groups[group].pop(0))
        flying[group] = flying.get(group, 0) + 1
        if not groups[group]:
            del groups[group]
    return result


def _collect_msgs(q: dict, max_n: int, vis_timeout: int) -> list:
"""

FAIR_QUEUES = Correction(
    name="fair_queues",
    aws="a quiet group's message is received before a noisy group's backlog",
    emulator="messages are received in the order in which they came",
    edits=(
        Edit(
            _SQS,
            "def _collect_msgs(q: dict, max_n: int, vis_timeout: int) -> list:\n",
            _HELPERS.lstrip("\n"),
        ),
        Edit(
            _SQS,
            """    result = visible[:max_n]
    for m in result:
""",
            """    result = _fair_pick(q, visible, max_n, now)
    for m in result:
        m["received_at"] = now
""",
        ),
        Edit(
            _SQS,
            """        if m["receipt_handle"] is not None and m["receipt_handle"] == rh:
            found = True
""",
            """        if m["receipt_handle"] is not None and m["receipt_handle"] == rh:
            found = True
            _fair_note(q, m)
""",
        ),
        Edit(
            _SQS,
            """            if m.get("receipt_handle") is not None and m.get("receipt_handle") in receipt_handles:
""",
            """            if m.get("receipt_handle") is not None and m.get("receipt_handle") in receipt_handles:
                _fair_note(q, m)
""",
        ),
        Edit(
            "ministack.services.eventbridge",
            """    if queue.get("is_fifo"):
        group_id = sqs_parameters""",
            """    if sqs_parameters.get("MessageGroupId"):
        msg["group_id"] = sqs_parameters["MessageGroupId"]
    if queue.get("is_fifo"):
        group_id = sqs_parameters""",
        ),
    ),
)
