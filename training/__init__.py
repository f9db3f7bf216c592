"""Fine-tuning and distilling encoders."""
