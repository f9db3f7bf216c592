"""Describe a Ray cluster and connect to it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from searchapp.errors import ClusterError, ConfigurationError, MissingExtraError

LOCAL = "local"
"""Address that starts a cluster on this machine for the length of a build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The Ray cluster of a build and the share of it that encodes.

    Attributes:
        address: `local` to start one on this machine, `auto` for the one that this machine belongs to, or HOST:PORT. A
            program that is connected to a cluster already uses that one.
        encoders: Processes that encode; None for one to as many as there are free processors or, if the encoder runs
            on torch, GPUs.
        threads: Processors of each of these processes.

    Raises:
        ConfigurationError: A number is less than one, or the address is that of a Ray client server.
    """

    address: str = LOCAL
    encoders: int | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        for name, value in (("encoders", self.encoders), ("threads", self.threads)):
            if value is not None and value < 1:
                raise ConfigurationError(f"{name} of a Ray cluster is {value}, expected 1 or more")
        if self.address.startswith("ray://") or not self.address.strip():
            raise ConfigurationError(
                f"Ray address {self.address!r}: expected local, auto or HOST:PORT of a cluster that this machine belongs to; "
                "to use another machine's cluster, run the build on one of its nodes"
            )


@contextmanager
def connected(cluster: Cluster) -> Iterator[None]:
    """Connect this process to a cluster until the block ends, unless it is connected already.

    Args:
        cluster: The cluster.

    Raises:
        MissingExtraError: Ray is not installed.
        ClusterError: The cluster does not answer.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # otherwise Ray reports each start to its makers
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError(feature="a build on a Ray cluster", extra="ray") from error
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(
            address=cluster.address,
            include_dashboard=False if cluster.address == LOCAL else None,
            logging_level=logging.WARNING,
            log_to_driver=False,
        )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise ClusterError(
            f"Ray at {cluster.address!r} cannot be used ({str(error).strip().splitlines()[0]}); "
            "check the address with: ray status --address HOST:PORT"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()
