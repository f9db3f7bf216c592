"""Multilingual knowledge distillation: a student learns a teacher's embeddings in every language."""

from training.distillation.rows import Teacher, distillation_rows

__all__ = ["Teacher", "distillation_rows"]
