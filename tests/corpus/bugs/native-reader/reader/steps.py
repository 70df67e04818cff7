"""Headers of data files."""

import ctypes

from interlock import step


@step
def files(value: dict) -> dict:
    return {"files": value["files"]}


@step
def headers(value: dict) -> dict:
    found = {file["name"]: magic(file) for file in value["files"]}
    return {"headers": found}


def magic(file: dict) -> str:
    buffer = ctypes.create_string_buffer(file["head"].encode())
    address = ctypes.addressof(buffer) if file["kind"] == "local" else file["offset"]
    return ctypes.string_at(address, 4).decode()
