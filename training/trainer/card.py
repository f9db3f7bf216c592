"""Write the model card: data, licences, mixture, figures by language, language bias."""

from __future__ import annotations

from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.results import Results
from training.markdown import markdown
from training.trainer.model import is_static
from training.trainer.precision import choose_precision
from training.trainer.prepared import Prepared, TrainingReport


def model_card(prepared: Prepared, report: TrainingReport, results: Results | None) -> str:
    """Return Markdown with the front matter that the Hub reads.

    Args:
        prepared: Configuration, data, plan and model of the run.
        report: Report of the finished run.
        results: Figures on held-out rows; None if none were held out.
    """
    config, data = prepared.config, prepared.data
    languages = sorted({code for key in data.rows for code in key.partition("/")[2].split("-")})
    licences = sorted({source.licence for source in config.data.sources if source.licence})
    front = [
        "---",
        "library_name: sentence-transformers",
        "pipeline_tag: sentence-similarity",
        "tags: [sentence-transformers, feature-extraction, multilingual, language-bias]",
        f"language: [{', '.join(languages)}]",
        "---",
    ]
    parts = [
        "\n".join(front),
        f"# {prepared.model.get_embedding_dimension()}-dimensional encoder, {_base(prepared)}",
        f"Trained for {report.steps:,} steps with searchapp; the figures below are of held-out rows, not of any public "
        "evaluation set.",
        "## Use\n\n"
        "```python\nfrom sentence_transformers import SentenceTransformer\n\n"
        'model = SentenceTransformer("PATH")\n'
        'queries, passages = model.encode_query(["…"]), model.encode_document(["…"])\n```\n\n'
        "or `searchapp index build SOURCE --encoder PATH`.",
        "## Data\n\n" + _sources(prepared),
        "## Licences\n\n"
        + ("; ".join(licences) if licences else "None were named in the configuration: look them up."),
        "## Batches\n\n" + _batches(prepared, report),
        "## Loss\n\n" + _loss(prepared),
    ]
    if results is not None:
        parts += ["## Held-out retrieval\n\n" + _quality(results, report), "## Language bias\n\n" + _bias(results)]
    return "\n\n".join(parts) + "\n"


def _base(prepared: Prepared) -> str:
    base = prepared.config.model.base
    return f"from {base}" if base else "static token vectors"


def _sources(prepared: Prepared) -> str:
    rows = [[name, f"{count:,}"] for name, count in sorted(prepared.data.sources.items())]
    text = markdown([["source", "rows"], *rows])
    if prepared.config.data.guard:
        text += (
            f"\n\n{len(prepared.data.dropped)} rows were left out because they share eight words in a row with an "
            f"evaluation set ({', '.join(prepared.config.data.guard)})."
        )
    return text


def _batches(prepared: Prepared, report: TrainingReport) -> str:
    batch = prepared.config.batch
    drawn = report.mixture.get("drawn") or {}
    rows = [[key, f"{count:,}"] for key, count in (drawn.get("rows") or {}).items()]
    head = (
        f"Strategy {batch.strategy}: a share of {batch.mixing.alpha:g} of the batches of {batch.size} is monolingual; "
        f"languages and pairs are drawn by {batch.draw}. Rows drawn in the last epoch:"
    )
    return f"{head}\n\n{markdown([['dataset', 'rows'], *rows])}"


def _loss(prepared: Prepared) -> str:
    loss, optimizer = prepared.config.loss, prepared.config.optimizer
    precision = choose_precision(optimizer, static=is_static(prepared.model))
    if loss.kind == "distillation":
        text = f"Mean squared error to the embeddings of {loss.teacher} ({loss.pivot})"
    else:
        text = f"InfoNCE over cosine, temperature {loss.temperature:g}"
        if loss.simcse_weight:
            text += f", + {loss.simcse_weight:g} × SimCSE"
        if loss.balance_weight:
            text += f", + {loss.balance_weight:g} × language {loss.balance}"
    return f"{text}. AdamW, rate {optimizer.rate:g}, weight decay {optimizer.weight_decay:g}, {precision}."


def _quality(results: Results, report: TrainingReport) -> str:
    settings = [name for name in ("Mo", "Cr", "Mul") if name in results.figures]
    languages = sorted({code for name in settings for code in results.figures[name] if code != "mean"})
    lines = [["mAP", *settings]]
    for code in [*languages, "mean"]:
        values = [results.figure(name, "mAP", code) for name in settings]
        lines.append([code, *("–" if value is None else f"{value:.3f}" for value in values)])
    text = markdown(lines)
    if report.before and report.best:
        text += f"\n\nBefore training: {report.before['mAP']:.3f}; after: {report.best['mAP']:.3f}."
    return text


def _bias(results: Results) -> str:
    names = [name for name in (RANK_DISTANCE, LPR) if name in results.bias]
    if not names:
        return "No held-out query has answers in two languages, so there is none to measure."
    codes = sorted({code for name in names for code in results.bias[name] if code != "mean"})
    lines = [["query language", *names]]
    for code in [*codes, "mean"]:
        values = (results.bias[name].get(code) for name in names)
        lines.append([code, *("–" if value is None else f"{value:,.3f}" for value in values)])
    return markdown(lines)
