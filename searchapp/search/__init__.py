"""Search: what one query goes through, from the live collection to the reported answer."""
