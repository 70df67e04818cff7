"""AWS: EventBridge Scheduler puts the time, the schedule and the attempt into a target's input.

The emulator: sends `<aws.scheduler.scheduled-time>` as it stands.
"""

from __future__ import annotations

from .edit import Correction, Edit

SCHEDULE_WORDS = Correction(
    name="schedule_words",
    aws="`<aws.scheduler.…>` in the input is replaced by what it names",
    emulator="the words are sent as they stand",
    edits=(
        Edit(
            "ministack.services.scheduler",
            """            target = sched.get("Target") or {}
            if not target.get("Arn"):
                continue
""",
            """            target = sched.get("Target") or {}
            if not target.get("Arn"):
                continue
            if "<aws.scheduler." in (target.get("Input") or ""):
                words = {
                    "scheduled-time": now_dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "schedule-arn": sched.get("Arn", ""),
                    "execution-id": new_uuid(),
                    "attempt-number": "1",
                }
                filled = target["Input"]
                for word, value in words.items():
                    filled = filled.replace(f"<aws.scheduler.{word}>", value)
                target = {**target, "Input": filled}
""",
        ),
    ),
)
