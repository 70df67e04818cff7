"""What a crawl gives."""

from pydantic import BaseModel


class Column(BaseModel):
    name: str
    data_type: str


class Crawl(BaseModel):
    source: str
    columns: list[Column]
