"""Use a sentence-transformers CrossEncoder as the re-ranker, with a warning if it reads English only."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from searchapp.encoders.hub import probe_hub
from searchapp.errors import EncoderError, MissingExtraError

logger = logging.getLogger(__name__)

SAMPLES = {
    "ru": "который человек",
    "ar": "الذين الحكومة",
    "hi": "लेकिन सरकार",
    "el": "είναι κυβέρνηση",
    "ko": "그러나 사람들",
}
"""Frequent words in non-Latin scripts. The vocabulary of a model trained on their languages contains them or long parts."""

SPELT_OUT = 0.75
"""Tokens per letter above which a word counts as spelt out, because the vocabulary contains little more than letters."""


class CrossEncoderReranker:
    """A CrossEncoder by Hub name or folder, loaded on first use. Thread-safe.

    Args:
        name: A Hub name or a folder; with `model`, only a display name.
        model: A `sentence_transformers.CrossEncoder` that is already loaded.
        trust_remote_code: Allow a Hub model to run code from its own repository.
        batch_size: Pairs per forward pass.
    """

    def __init__(self, name: str, *, model: Any = None, trust_remote_code: bool = False, batch_size: int = 32) -> None:
        self.name = name
        self._loaded = model
        self._trust_remote_code = trust_remote_code
        self._batch_size = batch_size
        self._offline = True
        self._warning: str | None = None
        self._lock = Lock()  # fast tokenizers cannot be used by two threads at once

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Score each text for the query.

        Args:
            query: Text of the query.
            texts: Texts of the passages.

        Returns:
            One score per text.

        Raises:
            EncoderError: The model cannot be loaded, or returns several numbers per pair.
            MissingExtraError: sentence-transformers is not installed.
        """
        with self._lock:
            model = self._model()
            try:
                scores = model.predict(
                    [(_clean(query), _clean(text)) for text in texts],
                    batch_size=self._batch_size,
                    show_progress_bar=False,
                )
            except (RuntimeError, ValueError) as error:
                raise EncoderError(f"re-ranker {self.name}: scoring {len(texts)} passages failed: {error}") from error
        if scores.ndim != 1:
            raise EncoderError(
                f"re-ranker {self.name} gives {scores.shape[1]} numbers per passage, expected 1: it is a classifier, "
                "use a model made for ranking"
            )
        return [float(score) for score in scores]

    @property
    def warning(self) -> str:
        """Return why the model should not re-rank passages in many languages; empty if there is no reason."""
        with self._lock:
            if self._warning is None:
                reason = english_only(self._model(), card=_card(self.name, offline=self._offline))
                self._warning = reason and f"the re-ranker {self.name} reads English only: {reason}"
            return self._warning

    def _model(self) -> Any:
        if self._loaded is None:
            path = Path(self.name).expanduser()
            local = path.is_dir() or self.name.startswith((".", "/", "~")) or self.name.count("/") > 1
            if local and not any((path / file).is_file() for file in ("config.json", "modules.json")):
                raise EncoderError(
                    f"re-ranker {self.name}: no model in such a folder, expected the folder or Hub name of a CrossEncoder"
                )
            try:
                from sentence_transformers import CrossEncoder
            except ImportError as error:
                raise MissingExtraError(feature=f"the re-ranker {self.name!r}", extra="transformers") from error
            self._offline = local or probe_hub(self.name, revision=None) is not None
            try:
                self._loaded = CrossEncoder(
                    str(path) if local else self.name,
                    trust_remote_code=self._trust_remote_code,
                    local_files_only=self._offline,
                )
            except Exception as error:  # libraries raise OSError, ValueError, RuntimeError and bare Exception here
                raise EncoderError(
                    f"re-ranker {self.name} cannot be loaded ({error}); expected the folder or Hub name of a CrossEncoder"
                ) from error
        return self._loaded


def english_only(model: Any, *, card: str = "") -> str:
    """Return why a CrossEncoder reads English only; empty if it seems to read more.

    The language tags of its model card decide. Without them the vocabulary does: it must contain words of five languages in
    other scripts, rather than unknown tokens, letters or bytes.

    Args:
        model: The loaded CrossEncoder.
        card: Text of the model card, or an empty string.
    """
    tagged = _tagged_languages(card)
    if tagged:
        return "its model card names no other language" if tagged == {"en"} else ""
    tokenizer = model.tokenizer
    for words in SAMPLES.values():
        tokens = [token for word in words.split() for token in tokenizer.tokenize(word)]
        letters = sum(map(len, words.split()))
        if tokenizer.unk_token not in tokens and 0 < len(tokens) <= SPELT_OUT * letters:
            return ""
    return f"its vocabulary has no words of {', '.join(SAMPLES)}"


def _card(name: str, *, offline: bool) -> str:
    """Read the model card from the folder or the Hub; empty if there is none, as the model works without it."""
    from huggingface_hub import hf_hub_download

    try:
        path = Path(name).expanduser() / "README.md"
        if not path.parent.is_dir():
            path = Path(hf_hub_download(name, "README.md", local_files_only=offline))
        return path.read_text(encoding="utf-8")
    except Exception as error:  # depends on the HTTP library in use
        logger.debug("no model card of %s: %s", name, error)
        return ""


def _tagged_languages(card: str) -> set[str]:
    from huggingface_hub import ModelCard

    if not card:
        return set()
    try:
        languages = ModelCard(card).data.language
    except Exception as error:  # cards are free text: ignore one that cannot be parsed
        logger.debug("the model card cannot be read: %s", error)
        return set()
    return {languages} if isinstance(languages, str) else {str(code) for code in languages or ()}


def _clean(text: str) -> str:
    """Replace lone surrogates, which damaged sources contain and tokenizers reject."""
    return text.encode("utf-8", "replace").decode("utf-8")
