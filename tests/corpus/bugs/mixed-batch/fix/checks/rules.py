"""Rules of assets."""


def narrow(asset: dict, limit: int) -> None:
    if len(asset.get("columns") or ()) > limit:
        raise ValueError(f"{asset['name']} is too wide")
