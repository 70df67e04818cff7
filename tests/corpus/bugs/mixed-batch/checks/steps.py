"""Checks a batch."""

from checks.rules import narrow
from interlock import step


@step
def check(value: dict) -> dict:
    errors = []
    for asset in value["assets"]:
        try:
            narrow(asset, value["limit"])
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} assets are wrong", errors)
    return {"checked": len(value["assets"])}
