"""AWS: FilterLogEvents answers a token where more lines match than a call may answer.

The emulator: it answers the first lines and no token, so that the rest is never read.
"""

from __future__ import annotations

from .edit import Correction, Edit

LOG_PAGES = Correction(
    name="log_pages",
    aws="nextToken leads to the lines beyond the limit",
    emulator="the lines beyond the limit are lost",
    edits=(
        Edit(
            "ministack.services.cloudwatch_logs",
            """        if pattern_fn(event.get("message", "")):
            events.append({**event, "logStreamName": sn})
            if len(events) >= limit:
                break
    logger.debug("FilterLogEvents""",
            """        if pattern_fn(event.get("message", "")):
            if skipped:
                skipped -= 1
                continue
            events.append({**event, "logStreamName": sn})
            if len(events) > limit:
                break
    if len(events) > limit:
        following = int(data.get("nextToken") or 0) + limit
        return json_response({"events": events[:limit], "searchedLogStreams": [], "nextToken": str(following)})
    logger.debug("FilterLogEvents""",
        ),
        Edit(
            "ministack.services.cloudwatch_logs",
            """    scanned = 0
    for event, sn in heapq.merge(*ranges, key=lambda entry: (entry[0]["timestamp"], entry[0].get("ingestionTime", 0))):
        if len(events) >= limit:
            break
        scanned += 1
""",
            """    scanned = 0
    skipped = int(data.get("nextToken") or 0)
    for event, sn in heapq.merge(*ranges, key=lambda entry: (entry[0]["timestamp"], entry[0].get("ingestionTime", 0))):
        scanned += 1
""",
        ),
    ),
)
