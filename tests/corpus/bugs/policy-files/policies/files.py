"""A policy's file."""

import minimark


def policy(text: str) -> dict:
    return minimark.parse(text)
