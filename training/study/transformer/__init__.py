"""Compare batch strategies, SimCSE and sizes on a pre-trained multilingual transformer."""
