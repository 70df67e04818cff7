"""Profiles."""

from interlock import step
from warehouse.connection import Connection


@step
def profile(value: dict) -> dict:
    connection = Connection(value["dsn"])
    try:
        connection.open()
        return {"rows": connection.count(value["table"])}
    finally:
        connection.close()
