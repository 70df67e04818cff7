"""Fills `{name}` in a text, each value through a filter."""

import re


class TemplateError(Exception):
    pass


def render(template, values, shown):
    def fill(match):
        try:
            return shown(values[match[1]])
        except Exception as error:
            raise TemplateError(match[0]) from error

    return re.sub(r"\{(\w+)\}", fill, template)
