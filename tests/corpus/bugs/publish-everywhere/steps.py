"""A data product, published to two places."""

from interlock import Context, step


@step
def render(value: dict) -> dict:
    return {"product": value["product"], "page": f"# {value['product']['title']}"}


@step
def to_portal(value: dict, ctx: Context) -> dict:
    ctx.state.put(f"portal/{value['product']['id']}", value["page"])
    return {"url": f"https://portal.example.com/{value['product']['id']}"}


@step
def tokens(value: dict) -> dict:
    return value | {"tokens": sorted(set(value["product"]["title"].lower().split()))}


@step
def to_index(value: dict) -> dict:
    product = value["product"]
    weight = sum(metric["value"] for metric in product["usage"]["metrics"]) / 100
    return {"id": product["id"], "tokens": value["tokens"], "weight": weight}


@step
def take_back(value: dict) -> dict:
    return {"taken_back": value["product"]["id"]}
