"""Sentence-transformers models in the ONNX format, run by ONNX Runtime: no torch, no transformers."""
