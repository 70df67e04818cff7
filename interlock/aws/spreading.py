"""Calls that name what was made a moment ago: AWS spreads it, and answers for a while as if it were not there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

Result = TypeVar("Result")
WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)
"""What is waited before each further try: about eight seconds, within the API's and each task's time."""


def until_spread(
    call: Callable[[], Result], is_unspread: Callable[[str, str], bool], wait: Callable[[float], None] = time.sleep
) -> Result:
    """Make a call again while AWS does not know yet what it names.

    Args:
        call: may be made several times.
        is_unspread: tells by code and message whether an error may be that.
        wait: waits so many seconds.
    """
    for seconds in WAITS:
        try:
            return call()
        except ClientError as error:
            row: dict[str, Any] = dict(error.response.get("Error", {}))
            if not is_unspread(str(row.get("Code", "")), str(row.get("Message", ""))):
                raise
        wait(seconds)
    return call()
