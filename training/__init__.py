"""Fine-tune and distil encoders."""
