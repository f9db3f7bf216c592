"""Check a finished version before it goes live."""

from __future__ import annotations

from collections.abc import Sequence

from index_builder.rejects import RejectsWriter
from index_builder.report import Totals
from searchapp.errors import BuildError
from searchapp.stores.base import Point, Store

TOLERANCE = 1e-3
"""Loss of cosine allowed for storage precision and approximate search."""


def validate(store: Store, *, points: int, samples: Sequence[Point]) -> None:
    """Count the points and search for some of them by their own vectors.

    Args:
        store: The version, optimised and flushed.
        points: Expected number of points.
        samples: Points that were written to it.

    Raises:
        BuildError: The version is wrong and must not go live.
    """
    found = store.count()
    if found != points:
        raise BuildError(f"validation failed: the new version has {found:,} points, expected {points:,}")
    for sample in samples:
        hits = store.query_dense(sample.dense, limit=1, with_payload=False)
        own = float(sample.dense @ sample.dense)
        if not hits or hits[0].score < own - TOLERANCE:
            score = f"{hits[0].score:.4f}" if hits else "no hit"
            raise BuildError(f"validation failed: point {sample.id} does not find itself (best {score}, own {own:.4f})")
        if sample.sparse and not store.query_sparse(sample.sparse, limit=1, with_payload=False):
            raise BuildError(f"validation failed: the lexical leg finds nothing for point {sample.id}")


def check_rows(totals: Totals, rejects: RejectsWriter, *, source: str) -> None:
    """Check that each row that was read is indexed or rejected, and that something is indexed.

    Args:
        totals: Counts of the build.
        rejects: Rejected rows.
        source: Name of the source in messages.

    Raises:
        BuildError: The counts do not fit, or nothing is indexed.
    """
    if totals.rows != totals.documents + totals.rejected:
        raise BuildError(
            f"{source}: {totals.rows:,} rows were read, but {totals.documents:,} were indexed and "
            f"{totals.rejected:,} rejected; the new version is not complete and does not go live"
        )
    if not totals.points:
        raise BuildError(_nothing(totals, rejects, source=source))


def _nothing(totals: Totals, rejects: RejectsWriter, *, source: str) -> str:
    if not totals.rejected:
        return f"{source} contains no documents; nothing was indexed and the live version is unchanged"
    reasons = ", ".join(f"{count}× {reason}" for reason, count in rejects.reasons.items())
    return (
        f"{source}: all {totals.rejected:,} rows were rejected ({reasons}); nothing was indexed and the live "
        f"version is unchanged. The rows are in {rejects.path}"
    )
