"""Distil a teacher's embeddings into a student for every language."""

from training.distillation.rows import Teacher, distillation_rows

__all__ = ["Teacher", "distillation_rows"]
