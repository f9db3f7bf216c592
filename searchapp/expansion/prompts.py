"""Write the prompts for a language model and clean up its answers.

Prompts for short queries contain no examples and those for long ones two (arXiv 2511.19325 found that zero-shot prompts suit
short queries and few-shot prompts long ones). They do not ask for reasoning, and any reasoning that a model writes is
removed, because its words would otherwise be searched for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from searchapp.errors import WriterError
from searchapp.text.languages import english_name

LONG_QUERY = 12
"""Number of words from which a query is long."""

LONGEST = 2_000
"""Maximum characters kept of an answer: a passage is wanted, not an essay."""

_EXAMPLES = (
    (
        "Which organ of the body makes the hormone that lowers the level of sugar in the blood after a meal?",
        "Insulin, the hormone that lowers blood sugar after a meal, is made by the beta cells of the pancreas.",
    ),
    (
        "¿En qué año y en qué ciudad se firmó el tratado que creó la Comunidad Económica Europea?",
        "El Tratado constitutivo de la Comunidad Económica Europea se firmó en Roma el 25 de marzo de 1957.",
    ),
)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^```\w*\s*|\s*```$")
_LABEL = re.compile(
    r"^\W*(?:(?:sure|certainly|of course|okay|here(?: is| are|['’]s))\b[^\n:]{0,80}:|(?:passage|answer|translation)\s*:)\W*",
    re.IGNORECASE,
)


def passage_messages(query: str, languages: Sequence[str]) -> list[dict[str, str]]:
    """Write the chat messages that ask for a passage that could answer a query.

    Args:
        query: The user's query. Examples are added if it has at least `LONG_QUERY` words.
        languages: Languages to write in; if there is none besides `und`, the model is told to use the query's own.

    Returns:
        Messages with `role` and `content`, in order.
    """
    spoken = " and ".join(english_name(code) for code in languages if code != "und")
    where = f"in {spoken}" if spoken else "in the language of the question"
    system = (
        f"Write a passage of two or three sentences, {where}, as it could stand in an encyclopaedia and that answers what "
        "the user searches for. Give the passage alone: no introduction, no explanation, no reasoning."
    )
    messages = [{"role": "system", "content": system}]
    if _words(query) >= LONG_QUERY:
        for question, answer in _EXAMPLES:
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return [*messages, {"role": "user", "content": query}]


def translation_messages(text: str, source: str, target: str) -> list[dict[str, str]]:
    """Write the chat messages that ask for a translation.

    Args:
        text: Text to translate.
        source: BCP 47 primary subtag, or `und`; then the source is not named.
        target: BCP 47 primary subtag.

    Returns:
        Messages with `role` and `content`, in order.
    """
    origin = "" if source == "und" else f" from {english_name(source)}"
    system = (
        f"Translate what the user writes{origin} to {english_name(target)}. Do not answer it. Give the translation alone: "
        "no introduction, no explanation, no quotation marks."
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def kept(answer: str) -> str:
    """Remove reasoning, introductions, labels, code fences and quotation marks from an answer.

    Args:
        answer: What the model wrote.

    Returns:
        The rest, truncated to `LONGEST` characters.

    Raises:
        WriterError: Nothing remains.
    """
    text = _THOUGHT.sub(" ", answer)
    if "</think>" in text:  # some models open the thought in the prompt
        text = text.rpartition("</think>")[2]
    text = _FENCE.sub("", text.strip())
    text = _LABEL.sub("", text).strip()
    for opening, closing in ('""', "“”", "«»", "「」", "''"):
        if len(text) > 1 and text[0] == opening and text[-1] == closing and closing not in text[1:-1]:
            text = text[1:-1].strip()
    if not text:
        raise WriterError("the language model's answer is empty, expected a text; try another model")
    return text[:LONGEST]


def _words(text: str) -> int:
    """Count words, or half the characters if words are not separated."""
    return max(len(text.split()), 0 if text.isascii() or " " in text.strip() else len(text) // 2)
