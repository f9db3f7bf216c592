"""Open and read the files that people have: packed or plain, in any encoding, with bounds on what they may cost."""
