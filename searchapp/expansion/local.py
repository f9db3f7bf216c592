"""Write texts with a language model from a folder or the Hub, run locally by transformers."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from searchapp.errors import MissingExtraError, WriterError
from searchapp.expansion.openai_compatible import TIMEOUT
from searchapp.expansion.prompts import kept, passage_messages, translation_messages

MOST_TOKENS = 160


class LocalWriter:
    """Writes with a causal or a sequence-to-sequence model, loaded on first use. Thread-safe.

    Args:
        name: A folder or a Hub name.
        trust_remote_code: Allow a Hub model to run code from its own repository.
        timeout: Seconds after which generation stops; loading is not limited.
        most_tokens: Maximum tokens to generate.
    """

    def __init__(
        self, name: str, *, trust_remote_code: bool = False, timeout: float = TIMEOUT, most_tokens: int = MOST_TOKENS
    ) -> None:
        self._name = name
        self._trust_remote_code = trust_remote_code
        self._timeout = timeout
        self._most_tokens = most_tokens
        self._loaded: tuple[Any, Any] | None = None
        self._lock = Lock()

    def passage(self, query: str, languages: Sequence[str]) -> str:
        """Write a passage that could answer a query.

        Args:
            query: The user's query.
            languages: Languages of the passage, as BCP 47 primary subtags; `und` alone for the query's own.

        Raises:
            WriterError: The model fails or writes nothing.
        """
        return kept(self._complete(passage_messages(query, languages)))

    def translate(self, text: str, source: str, target: str) -> str:
        """Translate a text from one language to another.

        Args:
            text: Text in the source language.
            source: BCP 47 primary subtag, or `und`.
            target: BCP 47 primary subtag.

        Raises:
            WriterError: The model fails or writes nothing.
        """
        return kept(self._complete(translation_messages(text, source, target)))

    def _complete(self, messages: list[dict[str, str]]) -> str:
        with self._lock:
            tokenizer, model = self._load()
            try:
                if tokenizer.chat_template:
                    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
                else:
                    prompt = "\n\n".join(message["content"] for message in messages) + "\n\n"
                # a chat template already contains the special tokens
                inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=not tokenizer.chat_template)
                inputs = {key: inputs[key] for key in ("input_ids", "attention_mask")}
                output = model.generate(
                    **inputs,
                    max_new_tokens=self._most_tokens,
                    max_time=self._timeout,
                    do_sample=False,
                    pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id,
                )[0]
                start = 0 if model.config.is_encoder_decoder else inputs["input_ids"].shape[1]
                return str(tokenizer.decode(output[start:], skip_special_tokens=True))
            except (RuntimeError, ValueError, IndexError) as error:
                raise WriterError(f"the local model {self._name} failed: {error}") from error

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            try:
                from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
            except ImportError as error:
                raise MissingExtraError(feature=f"the writer {self._name!r}", extra="transformers") from error
            trust = self._trust_remote_code
            try:
                config = AutoConfig.from_pretrained(self._name, trust_remote_code=trust)
                kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
                tokenizer = AutoTokenizer.from_pretrained(self._name, trust_remote_code=trust)
                self._loaded = (tokenizer, kind.from_pretrained(self._name, trust_remote_code=trust).eval())
            except Exception as error:  # libraries raise OSError, ValueError, RuntimeError and bare Exception here
                raise WriterError(
                    f"{self._name} cannot be loaded as a language model ({error}); give a folder or a Hub name"
                ) from error
        return self._loaded
