"""Texts of a manifest that have a form of their own."""

from typing import Annotated

from interlock.contract.core.validation import shaped

Egress = Annotated[
    str,
    shaped(
        r"^(\*|(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?):([0-9]{1,5}|\*)$",
        "HOST:PORT, such as api.example.com:443 or *.example.com:443",
    ),
]
"""`host:port`, `*.host:port`, or `*:port` (any host: shown to tenants as such)."""
EventName = Annotated[
    str,
    shaped(
        r"^[a-z][a-z0-9_]{0,30}(\.[a-z][a-z0-9_]{0,30}){1,3}$",
        "two to four words with dots between them, such as order.placed",
    ),
]
Rule = Annotated[
    str, shaped(r"^(\*|[^.*\s]{1,80})(\.(\*|[^.*\s]{1,80})){0,7}$", "a path such as customer.email or *.token")
]
"""A field's path with dots, such as `customer.email` or `*.ssn`: it matches the end of a path, at any depth."""
Handler = Annotated[
    str, shaped(r"^[A-Za-z_][\w]*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$", "MODULE:FUNCTION, such as orders.steps:load")
]
