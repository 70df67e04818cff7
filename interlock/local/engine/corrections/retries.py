"""AWS: a Retry's MaxDelaySeconds caps its delay and JitterStrategy FULL spreads it.

The emulator: ignores both, and caps every delay at 60 s.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

RETRY_DELAY = Correction(
    name="retry_delay",
    aws="MaxDelaySeconds and JitterStrategy are honoured",
    emulator="both are ignored; every delay is at most 60 s",
    edits=(
        Edit(
            _STATES,
            """                _scaled_sleep(min(sleep_sec, 60))
""",
            """                _scaled_sleep(_interlock_delay(retrier, sleep_sec))
""",
        ),
        Edit(
            _STATES,
            """                _scaled_sleep(min(interval * (retrier.get("BackoffRate", 2.0) ** count), 60))
""",
            """                backoff = retrier.get("BackoffRate", 2.0)
                _scaled_sleep(_interlock_delay(retrier, interval * (backoff ** count)))
""",
        ),
        Edit(
            _STATES,
            """def _find_matching_retrier(retriers, error, retry_counts):
""",
            """def _interlock_delay(retrier, seconds):
    if "MaxDelaySeconds" in retrier:
        seconds = min(seconds, retrier["MaxDelaySeconds"])
    if retrier.get("JitterStrategy") == "FULL":
        import random
        seconds = random.uniform(0, seconds)
    return seconds


def _find_matching_retrier(retriers, error, retry_counts):
""",
        ),
    ),
)
