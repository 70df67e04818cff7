"""A session with the warehouse."""

from interlock import Context, step


@step
def address(value: dict) -> dict:
    return {"url": f"db://{value['host']}:{value.get('port', 5432)}/{value['database']}"}


@step
def login(value: dict, ctx: Context) -> dict:
    return {"url": value["url"], "as": "crawler", "length": len(credentials(ctx))}


def credentials(ctx: Context) -> str:
    return ctx.secrets["warehouse_password"]
