"""Create the controls of a search, with one-line explanations, and hide those that a collection cannot use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from searchapp.client import SearchClient
from searchapp.errors import SearchAppError
from searchapp.text.languages import english_name, native_name
from ui.labels import label
from ui.pool import Pool
from ui.state import CONTROLS, DEFAULTS, HITS, PER_LANGUAGE, Settings, checked, limits

LABELS = {
    "mode": [("Hybrid", "hybrid"), ("Meaning", "dense"), ("Words", "lexical")],
    "balance_by": [
        ("Fair", "fair"),
        ("Z-score", "zscore"),
        ("Reciprocal ranks", "rrf"),
        ("Quota", "quota"),
        ("Turns", "turns"),
    ],
    "debias": [("As built", "default"), ("On", "on"), ("Off", "off")],
    "expansion": [("Off", "off"), ("Passage", "passage"), ("Translate", "translate"), ("Both", "both")],
    "fusion": [
        ("Interleaved", "interleaved"),
        ("Convex", "convex"),
        ("Ranks", "rrf"),
        ("Weighted ranks", "wrrf"),
        ("Distribution", "dbsf"),
    ],
    "collapse": [
        ("A document that fills the page", "auto"),
        ("Nothing", "none"),
        ("Same document", "document"),
        ("Translations", "translations"),
    ],
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a client can do with its collection. Unavailable controls are hidden, and `missing` gives the reasons."""

    languages: tuple[str, ...] = ()
    debias: bool = False
    rerank: bool = False
    expansion: bool = False

    @property
    def missing(self) -> str:
        """Return one line about the hidden controls; empty if none is hidden."""
        reasons = []
        if not self.debias:
            reasons.append("debias: the collection has no transform (searchapp debias fit)")
        if not self.rerank:
            reasons.append("re-rank: no cross-encoder is set (SEARCHAPP_RERANKER)")
        if not self.expansion:
            reasons.append("expansion: no language model is set (SEARCHAPP_WRITER_MODEL)")
        return f"Not available here — {'; '.join(reasons)}." if reasons else ""


def abilities(client: SearchClient) -> Abilities:
    """Determine the abilities of a client.

    Args:
        client: Open client of the collection.
    """
    manifest = client.manifest()
    return Abilities(
        languages=tuple(manifest.languages),
        debias=manifest.debias is not None,
        rerank=client.can_rerank,
        expansion=client.can_expand,
    )


def abilities_of(pool: Pool, collection: str) -> Abilities:
    """Determine the abilities of a collection's client.

    Args:
        pool: Provides the client.
        collection: Name of the collection; empty for the default one. One that cannot be opened has no abilities.
    """
    try:
        return abilities(pool.client(collection))
    except SearchAppError:
        return Abilities()


@dataclass(frozen=True, slots=True)
class Controls:
    """The components of one search, in the order of `CONTROLS`."""

    parts: dict[str, Any]
    missing: Any

    def __iter__(self) -> Iterator[Any]:
        return (self.parts[name] for name in CONTROLS)

    @property
    def inputs(self) -> list[Any]:
        """Return all components that determine the search."""
        return list(self)

    def updates(self, settings: Settings, able: Abilities) -> list[Any]:
        """Return new values and the visibility of the controls; `missing` comes last.

        Args:
            settings: Source of the new values.
            able: Abilities of the collection; controls that it cannot use are hidden.
        """
        changes = []
        for name in CONTROLS:
            change: dict[str, Any] = {"value": _value(settings, name)}
            if name == "languages":
                change |= {"choices": language_choices(able.languages)}
            if name in ("debias", "rerank", "expansion"):
                change["visible"] = bool(getattr(able, name))
            changes.append(gr.update(**change))
        return [*changes, gr.update(value=able.missing, visible=bool(able.missing))]


def make_main(prefix: str, able: Abilities) -> dict[str, Any]:
    """Create the controls that are always visible: mode and languages.

    Args:
        prefix: Beginning of the controls' HTML ids, unique on the page.
        able: Abilities of the collection, with the languages to offer.
    """
    return {
        "mode": gr.Radio(
            LABELS["mode"],
            value="hybrid",
            label=label("by"),
            info=label("by.info"),
            elem_id=f"{prefix}-mode",
            elem_classes="segments",
        ),
        "languages": gr.Dropdown(
            language_choices(able.languages),
            value=[],
            multiselect=True,
            label=label("languages"),
            info=label("languages.info"),
            elem_id=f"{prefix}-languages",
        ),
    }


def make_balance(prefix: str, *, value: float = 0.0) -> dict[str, Any]:
    """Create the slider that mixes the languages, below the finding.

    Args:
        prefix: Beginning of the slider's HTML id, unique on the page.
        value: Start value: 0 ranks by relevance alone, 1 gives each language its share of the places.
    """
    return {
        "balance": gr.Slider(
            *limits("balance"),
            value=value,
            step=0.05,
            label=label("mix"),
            elem_id=f"{prefix}-balance",
            info=label("mix.info"),
        ),
    }


def make_more(prefix: str, able: Abilities) -> dict[str, Any]:
    """Create the other controls, each with a one-line explanation.

    Args:
        prefix: Beginning of the controls' HTML ids, unique on the page.
        able: Abilities of the collection; controls that it cannot use are hidden.
    """
    hits, most = HITS, PER_LANGUAGE[1]
    return {
        "limit": gr.Slider(
            *hits,
            value=DEFAULTS.limit,
            step=5,
            label="Hits",
            info="More hits give more reliable language figures.",
            elem_id=f"{prefix}-limit",
        ),
        "per_language": gr.Slider(
            0,
            most,
            value=0,
            step=1,
            label="Hits per language",
            info="Maximum number of hits in each language; 0 sets no limit.",
            elem_id=f"{prefix}-per-language",
        ),
        "balance_by": gr.Dropdown(
            LABELS["balance_by"],
            value=DEFAULTS.balance_by,
            label="How to mix",
            info="Fair shares, scores on one scale, ranks by language, quotas, or languages taking turns.",
            elem_id=f"{prefix}-balance-by",
        ),
        "debias": gr.Radio(
            LABELS["debias"],
            value="default",
            label="Debias",
            info="Search vectors from which the transform has removed the language.",
            visible=able.debias,
            elem_id=f"{prefix}-debias",
            elem_classes="segments",
        ),
        "rerank": gr.Checkbox(
            False,
            label="Re-rank",
            info="A cross-encoder re-scores the first candidates: slower but better.",
            visible=able.rerank,
            elem_id=f"{prefix}-rerank",
        ),
        "expansion": gr.Dropdown(
            LABELS["expansion"],
            value="off",
            label="Expansion",
            info="A language model writes a likely passage, or translates the query.",
            visible=able.expansion,
            elem_id=f"{prefix}-expansion",
        ),
        "spans": gr.Checkbox(
            False,
            label="Search each language of a mixed query",
            info="In addition to the whole query, search its parts.",
            elem_id=f"{prefix}-spans",
        ),
        "collapse": gr.Dropdown(
            LABELS["collapse"],
            value="auto",
            label="Show once",
            info="Show only the best passage of a document, or of translations of each other.",
            elem_id=f"{prefix}-collapse",
        ),
        "diversity": gr.Slider(
            *limits("diversity"),
            value=0,
            step=0.1,
            label="Diversity",
            info="Above 0, hits unlike those above them move up.",
            elem_id=f"{prefix}-diversity",
        ),
        "fusion": gr.Dropdown(
            LABELS["fusion"],
            value=DEFAULTS.fusion,
            label="Fusion",
            info="How hybrid search combines meaning and words.",
            elem_id=f"{prefix}-fusion",
        ),
    }


def collect(parts: dict[str, Any], able: Abilities, *, prefix: str) -> Controls:
    """Collect the components of a search. Called inside the layout, because it draws the line about hidden controls.

    Args:
        parts: Components by the name of their setting, one for each of `CONTROLS`.
        able: Abilities of the collection.
        prefix: Beginning of the line's HTML id, unique on the page.
    """
    missing = gr.Markdown(able.missing, visible=bool(able.missing), elem_id=f"{prefix}-missing", elem_classes="missing")
    return Controls(parts=parts, missing=missing)


def settings_of(query: str, collection: str, values: Sequence[Any]) -> Settings:
    """Convert the components' values to settings.

    Args:
        query: Text of the query; may be blank.
        collection: Name of the collection; empty for the default one.
        values: Values of the components in the order of `CONTROLS`; an invalid one becomes the default.
    """
    settings = checked(dict(zip(CONTROLS, values, strict=True)))
    return replace(settings, query=query or "", collection=collection or "")


def language_choices(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs of own and English names with codes, sorted by code.

    Args:
        codes: BCP 47 codes of the languages, in any order.
    """
    return [(f"{native_name(code)} · {english_name(code)}", code) for code in sorted(codes)]


def _value(settings: Settings, name: str) -> Any:
    value = getattr(settings, name)
    return list(value) if isinstance(value, tuple) else value
