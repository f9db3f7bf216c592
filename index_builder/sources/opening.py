"""Open a source by its path or dataset name, with a given or detected format."""

from __future__ import annotations

from pathlib import Path

from index_builder.sources.base import ReadOptions, Source
from index_builder.sources.beir import beir_source
from index_builder.sources.columns import Columns
from index_builder.sources.folder import READERS, FolderSource
from index_builder.sources.formats import FORMATS, guess_format, inner_suffix, make_source
from index_builder.sources.hf import HubSource
from index_builder.sources.squad import SquadSource
from searchapp.errors import InputError, UnreadableFileError
from searchapp.files.encodings import known_encoding, open_text
from searchapp.files.json_array import HEAD, begins_data
from searchapp.files.opening import regular_file
from searchapp.files.squad import is_squad_name


def open_source(
    path: str,
    *,
    format: str | None = None,  # noqa: A002
    columns: Columns | None = None,
    encoding: str | None = None,
    language_path: str | None = None,
) -> Source:
    """Open a source.

    Args:
        path: A file, a folder, or with format `hf` a dataset's name.
        format: One of FORMATS; None to detect it from name and content.
        columns: Field names, for formats that have fields.
        encoding: Encoding of text files, such as `cp1252`; None to detect it.
        language_path: Pattern of paths in a folder that name a language, such as `pages.{language}/`.

    Raises:
        InputError: The path does not exist, is neither a file nor a folder, or its format is unknown.
        ConfigurationError: The encoding is unknown, or the pattern does not contain `{language}`.
    """
    if format is not None and format not in FORMATS:
        raise InputError(f"unknown format {format!r}; use one of {', '.join(FORMATS)}", path=path)
    options = ReadOptions(
        columns or Columns(),
        encoding=None if encoding is None else known_encoding(encoding),
        language_path=language_path,
    )
    if format == "hf":
        return HubSource(path, options)
    where = Path(path).expanduser()
    try:
        there = where.exists()
    except (OSError, ValueError) as error:  # the name is too long or contains NUL
        raise InputError(f"no such file or folder ({error})", path=path[:200]) from error
    if not there:
        raise InputError("no such file or folder (a dataset's name needs --format hf)", path=path)
    if where.is_dir():
        return _folder(format or _format_of_folder(where), where, options)
    regular_file(where)
    if format == "folder" or (format is None and inner_suffix(where.name) in (*READERS, ".zip")):
        return FolderSource(where, options)
    if format == "beir":
        raise InputError("a file, expected a BEIR folder", path=path)
    return make_source(format or guess_format(where), where, options)


def _folder(kind: str, where: Path, options: ReadOptions) -> Source:
    if kind == "beir":
        return beir_source(where, options)
    if kind == "squad":
        return SquadSource(where, options)
    if kind == "hf":
        return HubSource(str(where), options)
    if kind == "folder":
        return FolderSource(where, options)
    raise InputError(f"a folder, expected a file of format {kind}; for all files in it use --format folder", path=where)


def _format_of_folder(path: Path) -> str:
    """Detect what a folder is: BEIR, a saved dataset, only SQuAD files, or any files."""
    try:
        files = sorted(path.iterdir())
    except OSError as error:
        raise InputError(f"this folder cannot be looked into ({error.strerror})", path=path) from error
    names = [file.name for file in files if not file.name.startswith(".")]
    if any(name.startswith("corpus.jsonl") for name in names):
        return "beir"
    if "dataset_info.json" in names or "dataset_dict.json" in names:
        return "hf"
    json_files = [file for file in files if is_squad_name(file) and file.is_file()]
    others = [name for name in names if inner_suffix(name) in READERS]
    return "squad" if json_files and not others and _looks_like_squad(json_files[0]) else "folder"


def _looks_like_squad(path: Path) -> bool:
    try:
        with open_text(path) as text:
            return begins_data(text.file.stream.peek(HEAD)[:HEAD])
    except UnreadableFileError:
        return False
