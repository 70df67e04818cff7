"""Run by path under the engine's interpreter, with the launcher's path and the corrections that are off.

Takes a message out of a queue in each way that the emulator has, while another one is sent: prints what is left.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

Send = Callable[[], object]


class Messages(list[Any]):
    """The messages of a queue: before one is taken out, another one is sent, as by another thread."""

    def __init__(self, messages: list[Any], send: Send) -> None:
        super().__init__(messages)
        self.send = send

    def remove(self, value: Any, /) -> None:
        self.send()
        super().remove(value)


class Queue(dict[str, Any]):
    """A queue: before its messages are replaced, another one is sent, as by another thread."""

    def __init__(self, queue: dict[str, Any], send: Send) -> None:
        super().__init__(queue | {"messages": Messages(queue["messages"], send)})
        self.send = send

    def __setitem__(self, name: str, value: Any, /) -> None:
        if name == "messages":
            self.send()
        super().__setitem__(name, value)


def main(launcher: str, off: str) -> None:
    """Print the bodies that are left in the queue, by the way in which one message was taken out."""
    spec = spec_from_file_location("launcher", launcher)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.correct({*off.split(","), "journal"} - {""})
    sqs = importlib.import_module("ministack.services.sqs")

    def old(queue: Any) -> None:
        for message in queue["messages"]:
            if message["body"] == "gone":
                message["sent_at"] -= 10_000_000
        sqs._refresh_counts(queue)

    def often(queue: Any) -> None:
        for message in queue["messages"]:
            if message["body"] == "gone":
                message["receive_count"], message["visible_at"] = 9, time.time() - 1
        sqs._dlq_sweep(queue)

    ways: dict[str, Callable[[str, str, Any], object]] = {
        "delete": lambda url, handle, _: sqs._act_delete_message({"ReceiptHandle": handle}, url),
        "batch": lambda url, handle, _: sqs._act_delete_message_batch(
            {"Entries": [{"Id": "a", "ReceiptHandle": handle}]}, url
        ),
        "consumer": lambda url, handle, _: sqs._delete_messages_for_esm(url, {handle}),
        "age": lambda _url, _handle, queue: old(queue),
        "receives": lambda _url, _handle, queue: often(queue),
    }
    dead = sqs._get_q(sqs._act_create_queue({"QueueName": "dead"}, "")["QueueUrl"])["attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    left: dict[str, list[str]] = {}
    for way, take in ways.items():
        created = sqs._act_create_queue({"QueueName": way, "Attributes": {"RedrivePolicy": policy}}, "")
        url = created["QueueUrl"]
        queue = sqs._get_q(url)
        for body in ("gone", "stays"):
            sqs._act_send_message({"MessageBody": body}, url)
        queue["messages"][0]["receipt_handle"] = "handle"
        sqs._queues[url] = Queue(queue, partial(sqs._act_send_message, {"MessageBody": "late"}, url))
        take(url, "handle", sqs._get_q(url))
        queue = sqs._get_q(url)
        left[way] = [message["body"] for message in queue["messages"]]
    sys.stdout.write(json.dumps(left))


if __name__ == "__main__":
    main(*sys.argv[1:])
