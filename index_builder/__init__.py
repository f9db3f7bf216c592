"""Build versioned indexes from sources. The main entry point is `build_index`."""

from index_builder.api import build_index
from index_builder.changing import RemovalReport, add_documents, remove_documents
from index_builder.cleaning import Cleaning, clean
from index_builder.embeddings import save_embeddings
from index_builder.maintenance import Activation, activate, delete_collection, delete_version
from index_builder.options import BuildOptions
from index_builder.ray.cluster import Cluster
from index_builder.rejects import Reject
from index_builder.report import BuildReport
from index_builder.sources.base import Source
from index_builder.sources.columns import Columns
from index_builder.unfinished import discard_unfinished, unfinished_builds

__all__ = [
    "Activation",
    "BuildOptions",
    "BuildReport",
    "Cleaning",
    "Cluster",
    "Columns",
    "Reject",
    "RemovalReport",
    "Source",
    "activate",
    "add_documents",
    "build_index",
    "clean",
    "delete_collection",
    "delete_version",
    "discard_unfinished",
    "remove_documents",
    "save_embeddings",
    "unfinished_builds",
]
