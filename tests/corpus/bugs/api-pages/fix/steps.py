"""An inventory by pages."""

from interlock import Context, RetryableError, step


@step
def fetch(value: dict, ctx: Context) -> dict:
    if ctx.attempt == 0:
        raise RetryableError("429: slow down", name="Inventory.RateLimited")
    pages = value["pages"]
    assets = [asset for page in pages for asset in page["assets"]]
    last = pages[-1]["next"] or pages[-1]["cursor"]
    return {"assets": assets, "cursor": last}


@step
def tell(value: dict) -> dict:
    return {"told": value["error"]["Error"]}
