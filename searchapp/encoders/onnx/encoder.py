"""Encode texts with a sentence-transformers model in the ONNX format, run by ONNX Runtime."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from searchapp.datatypes import FloatArray
from searchapp.encoders.calibration import Calibration, read_calibration
from searchapp.encoders.onnx.configuration import EmbeddingConfiguration, read_configuration
from searchapp.encoders.onnx.files import NEEDED, file_fingerprint, onnx_in
from searchapp.encoders.onnx.pooling import pool
from searchapp.encoders.onnx.session import inputs_of, open_session, output_of, padding_id
from searchapp.encoders.onnx.texts import Window, batches, padded, windows
from searchapp.errors import EncoderError
from searchapp.statistics.vectors import unit

logger = logging.getLogger(__name__)

SLICE = 4096
"""Texts that are tokenized and sorted by length together. Limits the memory of a call with millions of texts."""

BATCH_TOKENS = 2048
"""Tokens per batch, including padding. Larger batches are no faster on a CPU and need more memory."""


TITLE_END = ". "
"""Between a title and its passage; a space alone finds less on the demo corpus."""


class OnnxEncoder:
    """Embeds texts with a model in the ONNX format. Thread-safe.

    Pooling, prompts, normalisation and maximum length are those of the model's configuration files. A text longer than
    the model's maximum is split into windows whose embeddings are averaged, weighted by their tokens, so nothing is lost.

    A context of up to `title_characters` is put before its passage. A longer one is embedded separately and added with
    weight `context_weight`, unless that is 0.

    Args:
        session: An `onnxruntime.InferenceSession`.
        tokenizer: The model's tokenizer.
        configuration: How token embeddings become one embedding.
        pad: Id of the padding token.
        name: Name given by the user.
        fingerprint: Hash of weights, tokenizer and configuration.
        calibration: Search settings that suit the encoder.

    Attributes:
        name: Name by which it was loaded.
        dimension: Length of an embedding.
        fingerprint: Hash of weights, tokenizer, prompts, pooling and maximum length.
        calibration: Search settings that suit the encoder.
    """

    def __init__(
        self,
        session: Any,
        *,
        tokenizer: Tokenizer,
        configuration: EmbeddingConfiguration,
        pad: int,
        name: str,
        fingerprint: str,
        calibration: Calibration,
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._configuration = configuration
        self._pad = pad
        self.name = name
        self.fingerprint = fingerprint
        self.calibration = calibration
        self._inputs = inputs_of(session, name=name)
        self._output, self._pooled = output_of(session, name=name)
        self.dimension = int(self._encode(["dimension"], prompt="").shape[1])

    @classmethod
    def load(cls, folder: Path, *, name: str | None = None, threads: int | None = None) -> OnnxEncoder:
        """Load a model from a folder.

        Args:
            folder: Folder with the ONNX file, `tokenizer.json` and the configuration files.
            name: Name given by the user; default: the folder.
            threads: Processor threads of the model; None for all available to the process.

        Raises:
            EncoderError: A file is missing or damaged, or the model needs a feature that only torch has.
        """
        name = name or str(folder)
        model = onnx_in(folder)
        if model is None or not (folder / NEEDED).is_file():
            missing = "no ONNX file" if model is None else f"no {NEEDED}"
            raise EncoderError(
                f"{folder} contains {missing}; export the model: searchapp encoder export MODEL {folder}"
            )
        configuration = read_configuration(folder, name=name)
        for note in configuration.notes:
            logger.warning("%s", note)
        # Reading the tokenizer takes as long as reading the weights; neither holds Python's lock.
        with ThreadPoolExecutor(max_workers=2) as workers:
            opening = workers.submit(open_session, model, threads=threads)
            hashing = workers.submit(file_fingerprint, model, folder, configuration)
            try:
                tokenizer = Tokenizer.from_file(str(folder / NEEDED))
                session = opening.result()
            except Exception as error:  # both libraries raise errors of their own, and bare exceptions
                raise EncoderError(
                    f"{model}: cannot be loaded ({error}); download or export the model again"
                ) from error
            fingerprint = hashing.result()
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(
            session,
            tokenizer=tokenizer,
            configuration=configuration,
            pad=padding_id(folder, tokenizer),
            name=name,
            fingerprint=fingerprint,
            calibration=read_calibration(folder),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Assumptions made where the model's folder gives no information."""
        return self._configuration.notes

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text, without special ones.

        Args:
            text: Text of any length; it is not truncated.
        """
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def reads(self, text: str, context: str) -> str:
        """Return what the embedding of a passage depends on, without a context that has no effect.

        Args:
            text: Text of the passage.
            context: Its surrounding text, or an empty string.
        """
        if context and len(context) <= self._configuration.title_characters:
            return f"{context}{TITLE_END}{text}"
        return f"{context}\0{text}" if context and self._configuration.context_weight else text

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries with the model's query prompt: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the queries. A text longer than the model's maximum is split into windows.
        """
        return unit(self._encode(texts, prompt=self._configuration.query_prompt))

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages with the model's passage prompt and their contexts, if given: (n, dimension), unit length.

        Args:
            texts: Texts of the passages. A text longer than the model's maximum is split into windows.
            contexts: Context of each passage, or an empty string; None for no contexts.
        """
        prompt = self._configuration.passage_prompt
        if contexts is None or not any(contexts):
            return unit(self._encode(texts, prompt=prompt))
        longest, weight = self._configuration.title_characters, self._configuration.context_weight
        own = [
            self.reads(text, context if len(context) <= longest else "")
            for text, context in zip(texts, contexts, strict=True)
        ]
        around = {context: 0 for context in contexts if len(context) > longest} if weight else {}
        rows = {context: row for row, context in enumerate(around, start=len(own))}
        each = unit(self._encode([*own, *rows], prompt=prompt))
        embeddings = each[: len(own)]
        if not rows:
            return embeddings
        for row, context in enumerate(contexts):
            if context in rows:
                embeddings[row] += weight * each[rows[context]]
        return unit(embeddings)

    def close(self) -> None:
        """Release the model. Encoding afterwards is an error."""
        self._session = None

    def _encode(self, texts: Sequence[str], *, prompt: str) -> FloatArray:
        """Embed texts without normalising: (n, dimension)."""
        session = self._session
        if session is None:
            raise EncoderError(f"the encoder {self.name!r} is closed: load it again")
        if not len(texts):
            return np.zeros((0, self.dimension), dtype=np.float32)
        # Damaged sources contain lone surrogates, which tokenizers reject.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        if self._configuration.lower_case:
            clean = [text.lower() for text in clean]
        parts = [self._encode_slice(session, part, prompt) for part in _slices(clean)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _encode_slice(self, session: Any, texts: Sequence[str], prompt: str) -> FloatArray:
        found = windows(self._tokenizer, texts, prompt=prompt, max_length=self._configuration.max_length)
        sums: FloatArray | None = None
        for places in batches(found, tokens=BATCH_TOKENS):
            chosen = [found[place] for place in places]
            embeddings = self._run(session, chosen)
            self._check(embeddings, chosen, texts)
            if sums is None:
                sums = np.zeros((len(texts), embeddings.shape[1]), dtype=np.float32)
            weights = np.array([len(window.ids) for window in chosen], dtype=np.float32)
            np.add.at(sums, [window.row for window in chosen], embeddings * weights[:, None])
        if sums is None:
            raise EncoderError(f"{self.name}: {len(texts)} texts gave no tokens")
        return sums

    def _run(self, session: Any, chosen: Sequence[Window]) -> FloatArray:
        ids, mask = padded([window.ids for window in chosen], pad=self._pad)
        values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            (states,) = session.run([self._output], {name: values[name] for name in self._inputs})
        except Exception as error:  # onnxruntime's errors have no base class of their own
            raise EncoderError(
                f"{self.name}: encoding {ids.shape[0]} × {ids.shape[1]} tokens failed: {error}"
            ) from error
        if self._pooled:
            return np.asarray(states, dtype=np.float32)
        return pool(np.asarray(states, dtype=np.float32), mask, self._configuration.pooling)

    def _check(self, embeddings: FloatArray, chosen: Sequence[Window], texts: Sequence[str]) -> None:
        finite = np.isfinite(embeddings).all(axis=1)
        if not finite.all():
            first = texts[chosen[int(np.flatnonzero(~finite)[0])].row]
            raise EncoderError(
                f"{self.name}: {int((~finite).sum())} of {len(chosen)} embeddings contain NaN or infinity, the first for "
                f"{first[:80]!r}; check the weights, or take the float32 file"
            )


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), SLICE):
        yield texts[start : start + SLICE]
