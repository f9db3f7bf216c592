"""Whether the Hugging Face Hub can be reached, and has a model."""

from __future__ import annotations

import logging

from searchapp.errors import EncoderError

logger = logging.getLogger(__name__)

HUB_TIMEOUT = 10.0
"""Seconds to wait for the Hub's first answer; after it the local cache is used."""


def probe_hub(name: str, *, revision: str | None) -> Exception | None:
    """Ask the Hub once: the loaders retry every file for a minute when there is no connection."""
    import huggingface_hub
    from huggingface_hub import errors

    # sentence-transformers looks for names without an owner under its own.
    full_name = name if "/" in name else f"sentence-transformers/{name}"
    try:
        huggingface_hub.HfApi().model_info(full_name, revision=revision, timeout=HUB_TIMEOUT)
    except errors.GatedRepoError as error:
        raise EncoderError(
            f"{name}: the Hub grants access only after a log-in: accept its terms there, then set HF_TOKEN"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise EncoderError(
            f"{name}: neither a folder nor a model on the Hub; check the spelling, or give a folder"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise EncoderError(f"{name}: the Hub has no revision {revision!r} of it") from error
    except Exception as error:  # whichever HTTP library is below: no connection, proxy, time-out, offline mode
        logger.info("the Hub cannot be reached (%s): using the local cache", error)
        return error
    return None
