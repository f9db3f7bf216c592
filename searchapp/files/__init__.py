"""Open and read files, compressed or plain and in any encoding, within limits on size and memory."""
