"""Languages: codes and names, scripts, detection of texts and of spans."""

from searchapp.languages.codes import direction, english_name, native_name
from searchapp.languages.detection import Detector, FastDetector, LangdetectDetector, load_detector
from searchapp.languages.scripts import script_of
from searchapp.languages.spans import detect_spans

__all__ = [
    "Detector",
    "FastDetector",
    "LangdetectDetector",
    "detect_spans",
    "direction",
    "english_name",
    "load_detector",
    "native_name",
    "script_of",
]
