"""A digest of the day's changes."""

from interlock import Context, RetryableError, step


@step
def changes(value: dict) -> dict:
    return {"day": value["day"], "channel": value["channel"], "changes": value["changes"]}


@step
def post(value: dict, ctx: Context) -> dict:
    key = f"digest/{value['day']}"
    held = ctx.state.get(key)
    if held and held["run"] == ctx.run:
        raise RetryableError(f"the digest of {value['day']} is being sent", name="Digest.Busy")
    ctx.state.put(key, {"run": ctx.run})
    lines = [line_of(change) for change in value["changes"]]
    ctx.state.delete(key)
    return {"channel": value["channel"], "lines": lines}


def line_of(change: dict) -> str:
    return f"{change['by'].get('name') or change['by']['service']} changed {change['asset']}"
