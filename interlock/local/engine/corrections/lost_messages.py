"""AWS: a message that a queue took stays in it until it is deleted, moved or too old, whatever happens beside it.

The emulator: whoever deletes a message copies all others and puts the copy in the place of the queue's messages, so one
that is sent meanwhile, from another thread, is gone. Now messages are taken out, and nothing is put in their place.
"""

from __future__ import annotations

from .edit import Correction, Edit

_SQS = "ministack.services.sqs"
_HELPERS = '''
class _Staying(list):
    """The messages that stay, of those that are in a queue now; what is sent from here on is not touched."""

    def __init__(self, q: dict) -> None:
        super().__init__()
        self.seen = list(q["messages"])

    def take_others_out(self, q: dict) -> None:
        stay = {id(m) for m in self}
        for m in self.seen:
            if id(m) not in stay:
                try:
                    q["messages"].remove(m)
                except ValueError:
                    pass  # Another thread was first.


def _refresh_counts(q: dict) -> None:
'''

LOST_MESSAGES = Correction(
    name="lost_messages",
    aws="a message that is sent while another one is deleted is delivered",
    emulator="it is lost where both are done by different threads",
    edits=(
        Edit(_SQS, "\ndef _refresh_counts(q: dict) -> None:\n", _HELPERS),
        Edit(
            _SQS,
            """    found = False
    kept = []
    for m in q["messages"]:
""",
            """    found = False
    kept = _Staying(q)
    for m in kept.seen:
""",
        ),
        Edit(
            _SQS,
            """        raise _Err("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    q["messages"] = kept
""",
            """        raise _Err("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    kept.take_others_out(q)
""",
        ),
        Edit(
            _SQS,
            """        before = len(q["messages"])
        kept = []
        for m in q["messages"]:
""",
            """        kept = _Staying(q)
        for m in kept.seen:
""",
        ),
        Edit(
            _SQS,
            """        q["messages"] = kept
        if len(q["messages"]) < before:
""",
            """        kept.take_others_out(q)
        if len(kept) < len(kept.seen):
""",
        ),
        Edit(
            _SQS,
            """        q = _get_q(queue_url)
        kept = []
        for m in q["messages"]:
""",
            """        q = _get_q(queue_url)
        kept = _Staying(q)
        for m in kept.seen:
""",
        ),
        Edit(
            _SQS,
            """                kept.append(m)
        q["messages"] = kept
""",
            """                kept.append(m)
        kept.take_others_out(q)
""",
        ),
        Edit(
            _SQS,
            """        q["messages"] = [m for m in q["messages"] if enqueued(m) > cutoff]
""",
            """        kept = _Staying(q)
        kept.extend(m for m in kept.seen if enqueued(m) > cutoff)
        kept.take_others_out(q)
""",
        ),
        Edit(
            _SQS,
            """    keep: list = []
    for m in q["messages"]:
""",
            """    keep = _Staying(q)
    for m in keep.seen:
""",
        ),
        Edit(
            _SQS,
            """    q["messages"] = keep
""",
            """    keep.take_others_out(q)
""",
        ),
        # A loop over the messages themselves passes one over where another thread takes one out.
        Edit(
            _SQS,
            """    vt = int(data.get("VisibilityTimeout", 30))
    found = False
    for m in q["messages"]:
""",
            """    vt = int(data.get("VisibilityTimeout", 30))
    found = False
    for m in list(q["messages"]):
""",
        ),
        Edit(
            _SQS,
            """        vt = int(e.get("VisibilityTimeout", 30))
        found = False
        for m in q["messages"]:
""",
            """        vt = int(e.get("VisibilityTimeout", 30))
        found = False
        for m in list(q["messages"]):
""",
        ),
        Edit(_SQS, '    visible = [m for m in q["messages"] if', '    visible = [m for m in list(q["messages"]) if'),
        Edit(
            "ministack.services.eventbridge",
            """    queue["messages"].append(msg)
    if hasattr(_sqs, "_ensure_msg_fields"):
        _sqs._ensure_msg_fields(queue["messages"][-1])
""",
            """    # Before: it may be received, and another one be the last, as soon as it is there.
    _sqs._ensure_msg_fields(msg)
    queue["messages"].append(msg)
""",
        ),
    ),
)
