"""Add and remove documents of a collection, for the REST routes and the MCP tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, Field

from searchapp.datatypes import Document
from ui.building import Builds
from ui.pool import Pool
from ui.safety import public_text
from ui.schema import SOMETHING, Body, Code

MOST_DOCUMENTS = 1_000
"""Maximum number of documents per request; larger sources are built from files."""
Id = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f\ufeff]*$")]


class NewDocument(Body):
    """A document to add, or to put in the place of the one with the same id."""

    id: Id = Field(description="Id, unique within the collection.", examples=["tea-en"])
    text: str = Field(min_length=1, pattern=SOMETHING, description="The whole text.", examples=["Tea grows in Assam."])
    title: str = Field("", max_length=1_000, description="Title, shown with the hits.")
    language: Code | None = Field(None, description="BCP 47 code; null to detect the language of each passage.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Other fields, usable in filters.")

    def document(self) -> Document:
        """Convert to the document that is indexed."""
        return Document(self.id, self.text, self.title, self.language, metadata=self.metadata)


class AdditionAnswer(BaseModel):
    """What an addition did."""

    collection: str
    version: str = Field(description="The version that is live now.")
    documents: int = Field(description="Documents that were added or replaced.")
    passages: int = Field(description="Passages of these documents.")
    rejected: int = Field(description="Documents that cannot be indexed.")
    reasons: dict[str, int] = Field(description="Number of rejected documents by reason.")
    languages: dict[str, int] = Field(description="Number of these documents' passages by language.")
    notes: list[str]


class RemovalAnswer(BaseModel):
    """What a removal did."""

    collection: str
    version: str = Field(description="The version that is live now.")
    documents: int = Field(description="Documents that were removed.")
    passages: int = Field(description="Passages that were removed.")
    missing: list[str] = Field(description="Ids of which the collection holds no document.")


def add(pool: Pool, builds: Builds, documents: Sequence[NewDocument], *, collection: str) -> AdditionAnswer:
    """Add documents to a collection, or replace those with the same ids.

    Args:
        pool: Provides the clients of the collections.
        builds: Changes the collections.
        documents: Documents to add, each with its id; an id may occur only once.
        collection: Name of the collection; empty for the default one.

    Raises:
        SearchAppError: Nothing was changed; the message gives the reason.
    """
    client = pool.client(collection)
    report = builds.add([one.document() for one in documents], client.collection, encoder=client.encoder)
    return AdditionAnswer(
        collection=report.collection,
        version=report.version,
        documents=report.documents,
        passages=report.passages,
        rejected=report.rejected,
        reasons=dict(report.reasons),
        languages=dict(report.languages),
        notes=[public_text(note) for note in report.notes],
    )


def remove(pool: Pool, builds: Builds, ids: Sequence[str], *, collection: str) -> RemovalAnswer:
    """Remove documents from a collection.

    Args:
        pool: Provides the clients of the collections.
        builds: Changes the collections.
        ids: Ids of the documents.
        collection: Name of the collection; empty for the default one.

    Raises:
        SearchAppError: Nothing was changed; the message gives the reason.
    """
    report = asdict(builds.remove(ids, pool.client(collection).collection))
    return RemovalAnswer(**{**report, "missing": list(report["missing"])})
