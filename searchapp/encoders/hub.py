"""Check whether the Hugging Face Hub is reachable and has a model."""

from __future__ import annotations

import logging

from searchapp.errors import EncoderError

logger = logging.getLogger(__name__)

HUB_TIMEOUT = 10.0
"""Seconds to wait for the Hub's first response before the local cache is used."""


def probe_hub(name: str, *, revision: str | None) -> Exception | None:
    """Contact the Hub once, because without a connection the loaders retry every file for a minute.

    Args:
        name: Name of the model, such as `org/model`; without an owner it is looked up under `sentence-transformers`.
        revision: Branch, tag or commit; None for the default branch.

    Returns:
        None if the Hub has the model; the error if it cannot be reached, so that the local cache is used.

    Raises:
        EncoderError: The Hub has no such model or revision, or grants access only after a log-in.
    """
    import huggingface_hub
    from huggingface_hub import errors

    # sentence-transformers looks for names without an owner under its own account.
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
    except Exception as error:  # depends on the HTTP library: no connection, proxy, timeout, offline mode
        logger.info("the Hub cannot be reached (%s): using the local cache", error)
        return error
    return None
