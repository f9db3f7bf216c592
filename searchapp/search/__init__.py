"""Search the live collection: retrieve, fuse and rank candidates, and report their languages."""
