"""Tries one after the other."""


class AllFailed(Exception):
    """No mirror answered; `errors` has why."""

    def __init__(self, errors):
        super().__init__(f"{len(errors)} mirrors failed")
        self.errors = errors


def first_good(function, mirrors):
    errors = []
    for mirror in mirrors:
        try:
            return function(mirror)
        except LookupError as error:
            errors.append(error)
    raise AllFailed(errors)
