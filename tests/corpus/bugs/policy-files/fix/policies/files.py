"""A policy's file."""

import minimark


def policy(text: str) -> dict:
    return minimark.parse("\n".join(row for row in text.splitlines() if ":" in row))
