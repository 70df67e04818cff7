from interlock import step

LIMIT = int("ten")  # stop: broken


@step
def broken(value: dict) -> dict:
    return value
