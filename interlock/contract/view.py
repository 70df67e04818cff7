"""A view: a page that an app brings. The app declares its data and an Adaptive Card over it; the console draws it.

https://adaptivecards.io/explorer/ has the elements of cards, https://learn.microsoft.com/adaptive-cards/templating/ how
data is put into them.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from interlock.contract.catalog import AssetType, Tag
from interlock.contract.core import limits
from interlock.contract.core.base import AppId, Document, Json, Model, Moment, Name, Semver
from interlock.contract.core.validation import shaped


class Where(StrEnum):
    """Where the console shows a view: on a page of its own, or on that of an asset, an install or a run."""

    TENANT = "tenant"
    ASSET = "asset"
    INSTALL = "install"
    RUN = "run"


class AssetQuery(Model):
    """`source = { query = { … } }`: assets of the tenant's catalog."""

    type: AssetType | None = None
    tag: Tag | None = None
    prefix: Annotated[str, StringConstraints(max_length=512)] = ""
    subject: bool = False
    """Only the asset on whose page the view is."""


class ViewSource(Model):
    """`source`: where a view's data comes from.

    A tool gives the output of the last run of its workflow that succeeded. `argument` is the field of the run's input
    that has the subject: then only runs about that asset or run count.
    """

    tool: Name | None = None
    argument: Annotated[str, shaped(r"^([A-Za-z_]\w*)?$", "the name of an argument", max_length=80)] = ""
    query: AssetQuery | None = None

    @model_validator(mode="after")
    def one_source(self) -> Self:
        """Either `tool` or `query`."""
        if (self.tool is None) == (self.query is None):
            raise ValueError("give either `tool` or `query`")
        if self.argument and self.tool is None:
            raise ValueError("`argument` is a field of the input of a `tool`")
        return self


class ViewSection(Model):
    """`[[views]]`: a page of the app in the console; `card` is a JSON file of the bundle."""

    id: Name
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    where: Where = Where.TENANT
    source: ViewSource
    card: Annotated[str, StringConstraints(min_length=1, max_length=240)]


class StoredView(Document):
    """A view's card as it was published, with the objects of its images, by their path in the bundle."""

    card: dict[str, Json]
    images: dict[str, str] = Field(default_factory=dict)


class ListedView(Document):
    """A view as a listing shows it."""

    title: str
    where: Where


class ViewRow(Document):
    """A view of an installed app."""

    install: str
    install_name: str
    app: AppId
    version: Semver
    id: Name
    title: str
    where: Where


class ViewRows(Document):
    """One page of the views of a tenant's installs; it may be short, or empty, and not the last."""

    views: tuple[ViewRow, ...]
    cursor: str | None = None


class ViewTool(Document):
    """A tool that a view's actions may start."""

    name: str
    """By which name the tenant calls it."""
    description: str = ""
    destructive: bool
    """The app may change what is there."""


class SourceSummary(Document):
    """The assets of a query whose qualified names begin with the same part."""

    source: str
    assets: int
    tagged: int = 0
    """Assets that have a tag."""
    tags: dict[str, int] = Field(default_factory=dict)
    """How many assets have each tag."""


class View(Document):
    """A view with its data. The card is as its publisher wrote it: whoever draws it holds it to docs/views.md."""

    view: ViewRow
    card: dict[str, Json]
    images: dict[str, str]
    """A URL for each image of the card, by its path in the bundle; they hold for five minutes."""
    tools: dict[str, ViewTool]
    """The tools that the card's actions may start, by the name that the app gave them."""
    refresh: str = ""
    """The tool that makes the data anew; empty for a query, and where it needs more arguments than the page has."""
    arguments: dict[str, Json] = Field(default_factory=dict)
    """What `refresh` is called with."""
    data: Json = None
    """What the card is filled with; null where no run has succeeded yet."""
    as_of: Moment | None = None
    """When the data was true: the end of the run, or now for a query."""
    run: str = ""
    """The run whose output the data is."""
    note: str = ""
    """Why there is no data, or not all of it; empty otherwise."""


def view_row(install: str, install_name: str, app: str, version: str, section: ViewSection) -> ViewRow:
    """A view of an install, as lists have it."""
    return ViewRow(
        install=install,
        install_name=install_name,
        app=app,
        version=version,
        id=section.id,
        title=section.title,
        where=section.where,
    )


Views = Annotated[tuple[ViewSection, ...], Field(max_length=limits.VIEWS)]
