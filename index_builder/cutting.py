"""Make the cutter that the options of a build ask for."""

from __future__ import annotations

from index_builder.options import BuildOptions
from searchapp.text.detection import load_detector
from searchapp.text.passages import PassageCutter


def cutter_for(options: BuildOptions) -> PassageCutter:
    """Create the cutter of passages that the options ask for.

    Args:
        options: Name the detector, and the tokens and the overlap of a passage.
    """
    return PassageCutter(load_detector(options.detector), budget=options.passage_tokens, overlap=options.overlap_tokens)
