"""AWS: EventBridge Scheduler reads cron and at in the schedule's time zone, and puts the time into a target's input.

The emulator: reads them in UTC, and sends `<aws.scheduler.scheduled-time>` as it stands. It has no flexible window.
"""

from __future__ import annotations

from .edit import Correction, Edit

SCHEDULE_WORDS = Correction(
    name="schedule_words",
    aws="cron and at are in the schedule's zone; `<aws.scheduler.…>` in the input is replaced by what it names",
    emulator="both are in UTC; the words are sent as they stand",
    edits=(
        Edit(
            "ministack.services.scheduler",
            """            at_epoch = _at_time_epoch(expr)
            if at_epoch is not None:
""",
            """            from zoneinfo import ZoneInfo

            zone = ZoneInfo(sched.get("ScheduleExpressionTimezone") or "UTC")
            due_dt = now_dt
            at_epoch = _at_time_epoch(expr)
            if at_epoch is not None:
                plain = datetime.fromtimestamp(at_epoch, tz=timezone.utc).replace(tzinfo=zone)
                at_epoch = plain.timestamp()
                due_dt = plain.astimezone(timezone.utc)
""",
        ),
        Edit(
            "ministack.services.scheduler",
            """                    last_dt = datetime.fromtimestamp(_schedule_last_fired[state_key], tz=timezone.utc)
                    next_fire = _eb._cron_next_fire(fields, last_dt)
                    if next_fire is None or now_dt < next_fire:
                        continue
""",
            """                    last_dt = datetime.fromtimestamp(_schedule_last_fired[state_key], tz=zone)
                    next_fire = _eb._cron_next_fire(fields, last_dt)
                    if next_fire is None or now_dt < next_fire:
                        continue
                    due_dt = next_fire.astimezone(timezone.utc)
""",
        ),
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
                    "scheduled-time": due_dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
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
