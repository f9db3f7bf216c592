"""Render a job's progress and the result of a build."""

from __future__ import annotations

from html import escape

from index_builder import BuildReport
from searchapp.text.languages import english_name
from ui.jobs import Job
from ui.views.parts import hue, listed, message_view


def job_view(job: Job | None) -> str:
    """Render a progress bar while the job runs, and its result afterwards.

    Args:
        job: Job to show; None renders nothing.
    """
    if job is None:
        return ""
    if job.state == "failed":
        return message_view(f"{job.title}: this did not work.", job.error, kind="error")
    if job.state == "done":
        return build_view(job.result) if isinstance(job.result, BuildReport) else ""
    fraction = job.progress.fraction
    value = "" if fraction is None else f' aria-valuenow="{100 * fraction:.0f}"'
    width = "" if fraction is None else f' style="width:{100 * fraction:.1f}%"'
    return (
        f'<section class="job" role="status"><div class="line"><b>{escape(job.title)}</b>'
        f'<span class="quiet">{escape(job.progress.stage)} · {job.elapsed:.0f} s</span></div>'
        f'<div class="progress{"" if width else " unknown"}" role="progressbar" aria-label="{escape(job.title)}" '
        f'aria-valuemin="0" aria-valuemax="100"{value}><i{width}></i></div>'
        f'<p class="quiet">{escape(job.progress.detail)}</p></section>'
    )


def build_view(outcome: BuildReport) -> str:
    """Render the result of a build.

    Args:
        outcome: Report of the finished build.
    """
    rejected = ""
    if outcome.rejected:
        reasons = listed([f"{count}× {reason}" for reason, count in outcome.reasons.items()])
        rejected = (
            f'<p class="note">{outcome.rejected:,} {"row was" if outcome.rejected == 1 else "rows were"} set aside '
            f"({escape(reasons)}); download them below, mend them, and build again.</p>"
        )
    reused = f" {outcome.reused:,} embeddings were reused." if outcome.reused else ""
    return (
        f'<section class="job done" role="status"><h2>✓ {escape(outcome.collection)} is live</h2>'
        f"<p>{outcome.passages:,} passages of {outcome.documents:,} documents in {len(outcome.languages)} languages, "
        f"{outcome.seconds:.1f} s.{reused} Version <code>{escape(outcome.version)}</code>.</p>"
        f"{spectrum(outcome.languages)}{rejected}</section>"
    )


def spectrum(languages: object) -> str:
    """Render the shares of languages as one strip, widest first.

    Args:
        languages: Dictionary of BCP 47 codes and numbers of passages, largest first; anything else counts as empty.
    """
    counts = dict(languages) if isinstance(languages, dict) else {}
    total = sum(counts.values()) or 1
    parts = "".join(
        f'<i style="width:{100 * count / total:.2f}%;--hue:{hue(code)}" title="{escape(english_name(code))} '
        f'{count / total:.0%}"></i>'
        for code, count in counts.items()
    )
    said = listed([f"{english_name(code)} {count / total:.0%}" for code, count in counts.items()], most=3)
    return f'<div class="spectrum" role="img" aria-label="{escape(said)}">{parts}</div>'
