"""Calls again, as tenacity does."""

from concurrent.futures import Future


class RetryError(Exception):
    """Every attempt failed; the last one is in a future."""

    def __init__(self, last_attempt):
        self.last_attempt = last_attempt
        super().__init__(last_attempt)


def call(function, *arguments, attempts=3):
    for _ in range(attempts):
        future = Future()
        try:
            future.set_result(function(*arguments))
            return future.result()
        except Exception as error:
            future.set_exception(error)
    raise RetryError(future)
