"""Render a job's progress and the result of a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index_builder import BuildReport
from searchapp.text.languages import english_name
from ui.jobs import Job
from ui.views.message import message_view
from ui.views.parts import listed
from ui.views.templates import draw


@dataclass(frozen=True, slots=True)
class Stretch:
    """A language's part of the strip, as a share between 0 and 1."""

    language: str
    share: float


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The shares of languages as one strip, widest first, and the same in words."""

    parts: tuple[Stretch, ...]
    said: str


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
    return draw("job", job=job, percent_done=None if fraction is None else 100 * fraction)


def build_view(outcome: BuildReport) -> str:
    """Render the result of a build.

    Args:
        outcome: Report of the finished build.
    """
    reasons = listed([f"{count}× {reason}" for reason, count in outcome.reasons.items()])
    return draw("build", outcome=outcome, reasons=reasons, strip=spectrum(outcome.languages))


def spectrum(counts: Mapping[str, int]) -> Spectrum:
    """Prepare the shares of languages for one strip.

    Args:
        counts: BCP 47 codes and numbers of passages, largest first.
    """
    total = sum(counts.values()) or 1
    parts = tuple(Stretch(code, count / total) for code, count in counts.items())
    said = listed([f"{english_name(part.language)} {part.share:.0%}" for part in parts], most=3)
    return Spectrum(parts, said)
