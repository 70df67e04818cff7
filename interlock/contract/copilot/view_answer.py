"""What the tools of copilots take and answer of the pages that apps bring."""

from interlock.contract.copilot.answer import Answer, Arguments, Untrusted, Word
from interlock.contract.core.base import Document
from interlock.contract.view import ViewRow, Where


class ViewRead(Arguments):
    """Arguments of `read_view`."""

    install: Word
    """The install's id, from `list_views`."""
    view: Word
    """The view's id."""
    subject: Word = ""
    """For a view of an asset its qualified name, for a view of a run the run's id."""


class ViewLine(Document):
    """A view of an installed app; its title is in `untrusted`."""

    install: str
    install_name: str
    app: str
    version: str
    id: str
    where: Where


def view_line(row: ViewRow) -> ViewLine:
    """A view as a line of a list."""
    return ViewLine(**row.model_dump(exclude={"title"}))


class ViewsAnswer(Answer):
    """Answer of `list_views`."""

    views: tuple[ViewLine, ...]
    cursor: str | None = None
    untrusted: Untrusted

    def said(self) -> str:
        """How many."""
        return f"{len(self.views)} views on this page{'; more with the cursor' if self.cursor else ''}."


class ViewAnswer(Answer):
    """Answer of `read_view`: the same data that the console draws."""

    view: ViewLine
    as_of: str | None = None
    """Since when it is so."""
    run: str = ""
    """The run whose output it is; empty for a query of the catalog."""
    note: str = ""
    refresh: str = ""
    """The tool that makes the data anew."""
    untrusted: Untrusted

    def said(self) -> str:
        """Which, and as of when."""
        return f"The view {self.view.id} of {self.view.app}, as of {self.as_of or 'never'}. {self.note}".rstrip()
