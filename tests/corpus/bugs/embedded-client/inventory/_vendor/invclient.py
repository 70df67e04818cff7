"""The inventory's client, as its makers ship it."""

ANSWERS = {"us": ["raw_a", "mart_b"]}


class ClientError(Exception):
    pass


class Client:
    def __init__(self, region):
        self.region = region

    def tables(self, prefix):
        try:
            return [name for name in ANSWERS[self.region] if name.startswith(prefix)]
        except KeyError as error:
            raise ClientError(f"no answer for {self.region}") from error
