"""Set shards and replicas, so that the collections of a cluster survive the loss of a node."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from searchapp.errors import ConfigurationError, StoreError
from searchapp.stores.base import Replication
from searchapp.stores.server_errors import mapped

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

logger = logging.getLogger(__name__)

COPIES = 2
"""Default replicas of each shard on a cluster, so that one dead node stops no search."""


def peers_of(client: QdrantClient, *, place: str) -> list[int]:
    """List the ids of the cluster's nodes; empty on a single server, in memory, or if the key lacks permission.

    Args:
        client: The connection.
        place: Name of the server in messages.
    """
    try:
        status: Any = mapped(place, client.cluster_status)
    except (StoreError, NotImplementedError) as error:
        logger.debug("%s: no cluster status (%s)", place, error)
        return []
    return sorted(int(peer) for peer in getattr(status, "peers", None) or {})


def placement(client: QdrantClient, asked: Replication, *, place: str) -> dict[str, Any]:
    """Choose the arguments for creating a collection on this server.

    Args:
        client: The connection.
        asked: The user's choice; None values are decided here.
        place: Name of the server in messages.

    Returns:
        Any of `shard_number`, `replication_factor` and `write_consistency_factor`; empty on a single server.

    Raises:
        ConfigurationError: There are fewer nodes than replicas, or writes must reach more replicas than there are.
    """
    peers = len(peers_of(client, place=place))
    wanted: dict[str, Any] = {}
    replicas = asked.replicas or (min(COPIES, peers) if peers > 1 else None)
    if replicas is not None and replicas > max(peers, 1):
        raise ConfigurationError(
            f"{place}: {replicas} replicas need as many nodes, and the server has {max(peers, 1)}; "
            "start more nodes or ask for fewer replicas"
        )
    if asked.write_consistency is not None and asked.write_consistency > (replicas or 1):
        raise ConfigurationError(
            f"{place}: a write cannot wait for {asked.write_consistency} of {replicas or 1} replicas; "
            "lower --write-consistency or raise --replicas"
        )
    if asked.shards is not None:
        wanted["shard_number"] = asked.shards
    if replicas is not None:
        wanted["replication_factor"] = replicas
    if asked.write_consistency is not None:
        wanted["write_consistency_factor"] = asked.write_consistency
    return wanted


def raise_replicas(client: QdrantClient, name: str, *, place: str) -> int:
    """Copy the shards of a collection to further nodes until each has `COPIES` replicas, if there are enough nodes.

    A collection created while the server had one node gets its second replica here once a node has joined.

    Args:
        client: The connection.
        name: Name of the physical collection.
        place: Name of the server in messages.

    Returns:
        Number of copies started; the server makes them in the background.
    """
    from qdrant_client import models

    peers = peers_of(client, place=place)
    if len(peers) < 2:
        return 0
    info: Any = mapped(place, lambda: client.collection_cluster_info(name))
    holders: dict[int, set[int]] = {shard.shard_id: {info.peer_id} for shard in info.local_shards}
    for shard in info.remote_shards:
        holders.setdefault(shard.shard_id, set()).add(shard.peer_id)
    started = 0
    for shard_id, having in sorted(holders.items()):
        free = [peer for peer in peers if peer not in having]
        for target in free[: max(0, min(COPIES, len(peers)) - len(having))]:
            move = models.ReplicateShardOperation(
                replicate_shard=models.ReplicateShard(shard_id=shard_id, from_peer_id=min(having), to_peer_id=target)
            )
            mapped(place, lambda move=move: client.cluster_collection_update(name, move))  # type: ignore[misc]
            started += 1
    return started
