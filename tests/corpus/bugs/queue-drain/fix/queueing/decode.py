"""A message: its id, a colon, its body."""


def decode(text: str) -> dict:
    head, _, body = text.partition(":")
    return {"id": int(head.strip("x")), "body": body}
