"""Rules of assets."""


def narrow(asset: dict, limit: int) -> None:
    if len(asset["columns"]) > limit:
        raise ValueError(f"{asset['name']} is too wide")
