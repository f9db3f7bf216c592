"""Keep a page safe: logins, readable files, and error messages without internal details."""

from __future__ import annotations

import hmac
import logging
import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from searchapp.errors import ConfigurationError, InputError, SearchAppError, redacted

logger = logging.getLogger(__name__)

AUTH_VARIABLE = "SEARCHAPP_AUTH"
UPLOAD_SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv", ".json", ".parquet", ".gz", ".zst")
MAX_UPLOAD = 64 * 2**20
"""Maximum size of an uploaded file in bytes."""

_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_ABSOLUTE = re.compile(
    r"(?:\bfile:/{0,2}|(?<![\w/.…~*-])~?)(?:/[^\s/'\":;,()<>]+){2,}/?|(?<!\w)[A-Za-z]:(?:\\[^\s\\'\":;,()<>]+)+"
)
_SEPARATOR = re.compile(r"[/\\]")
Answer = TypeVar("Answer")


def read_users(path: Path | None) -> dict[str, str] | None:
    """Read the users: `name:password` lines of a file, else of `$SEARCHAPP_AUTH`; None if neither is given.

    Args:
        path: File with the users; None to read `$SEARCHAPP_AUTH`. Others should not be able to read it.

    Raises:
        ConfigurationError: A line is invalid, or the file contains no users.
    """
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: cannot be read ({error}); expected lines of name:password") from error
        if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            logger.warning("%s can be read by others on this machine; chmod 600 it", path)
        origin = str(path)
    elif os.environ.get(AUTH_VARIABLE):
        text, origin = os.environ[AUTH_VARIABLE], f"${AUTH_VARIABLE}"
    else:
        return None
    users: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, password = line.partition(":")
        if not sign or not name.strip() or not password:
            raise ConfigurationError(f"{origin}, line {number}: expected name:password")
        users[name.strip()] = password
    if not users:
        raise ConfigurationError(f"{origin}: contains no users; expected lines of name:password")
    return users


def login_check(users: Mapping[str, str]) -> Callable[[str, str], bool]:
    """Create the check of a name and a password, which takes the same time for every name and password.

    Args:
        users: Passwords by user name.
    """
    key = secrets.token_bytes(32)

    def digest(text: str) -> bytes:
        return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")

    known = {name: digest(password) for name, password in users.items()}
    nobody = secrets.token_bytes(32)  # differs from the digest of every password

    def check(name: str, password: str) -> bool:
        right = hmac.compare_digest(known.get(name, nobody), digest(password))
        if not right:
            logger.warning("a login as %.60r was refused", name)
        return right

    return check


def public_text(text: str) -> str:
    """Remove internal details from a message: credentials in addresses, and paths.

    Args:
        text: A message or a note. Of an absolute path the last part is kept. Lone surrogates, which cannot be sent, are
            escaped.
    """
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    clean = redacted(text)
    return _ABSOLUTE.sub(lambda found: f"…/{re.split(_SEPARATOR, found[0].rstrip('/'))[-1]}", clean)


def public_name(name: str) -> str:
    """Leave the place out of an encoder's name: of a folder on the server, or of the address of an endpoint.

    Args:
        name: The name in a manifest.
    """
    if name.startswith("openai:"):
        return f"openai:…#{name.partition('#')[2]}"
    return f"…/{Path(name).name}" if Path(name).is_absolute() or name.startswith(("~", ".")) else name


def allowed_path(path: str, folders: Sequence[Path]) -> Path:
    """Resolve a file or folder on the server that the page may read.

    Args:
        path: Path of the file or folder; a relative one is inside the first allowed folder.
        folders: Allowed folders; none allows nothing.

    Raises:
        InputError: The path does not exist, or is outside the allowed folders after resolving links.
    """
    roots = [folder.expanduser().resolve() for folder in folders]
    if not roots:
        raise InputError("no folder of this server is open to the page; upload the file instead")
    found = Path(path).expanduser()
    found = (found if found.is_absolute() else roots[0] / found).resolve()
    if not any(found.is_relative_to(root) for root in roots):
        logger.warning("refused to read %s: outside the allowed folders", found)
        raise InputError(f"{path} is outside the folders that the page may read; choose one of the files listed")
    if not found.exists():
        raise InputError("no such file or folder in the allowed folders", path=path)
    return found


def allowed_encoder(name: str, *, offered: Sequence[str], others: bool, folders: Sequence[Path]) -> str:
    """Check that the page may build with an encoder, and return its name.

    Args:
        name: Name or path given by the user.
        offered: Names that are always allowed.
        others: Whether names on the Hub and model folders within `folders` are also allowed.
        folders: Folders that the page may read.

    Raises:
        InputError: The encoder is not allowed, or is neither a Hub name nor a folder that the page may read.
    """
    name = name.strip()
    if name in offered:
        return name
    if not others:
        raise InputError(f"encoder {name!r} is not offered here; choose one of {', '.join(offered)}")
    for folder in folders:
        if name and (folder.expanduser() / name).is_dir():
            return str(allowed_path(str(folder.expanduser() / name), folders))
    if _HUB_NAME.fullmatch(name) and not Path(name).exists():  # a folder where the server runs is not open to the page
        return name
    raise InputError(
        f"encoder {name!r}: expected {', '.join(offered)}, a Hub name such as org/model, or a model's folder within the "
        "folders that the page may read"
    )


def listed_files(folders: Sequence[Path], *, suffixes: Sequence[str] = UPLOAD_SUFFIXES, most: int = 200) -> list[str]:
    """List the files of the allowed folders that can be chosen, without hidden ones.

    Args:
        folders: Allowed folders, read with their subfolders; links to files outside them are left out.
        suffixes: Suffixes of the files to list, in lower case with their dot.
        most: Maximum number of files.
    """
    found: list[str] = []
    for folder in folders:
        root = folder.expanduser().resolve()
        for parent, inner, names in os.walk(root):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(names):
                path = Path(parent, name)
                fits = not name.startswith(".") and path.suffix.lower() in suffixes
                if fits and path.resolve().is_relative_to(root):
                    found.append(str(path))
                if len(found) >= most:
                    return found
    return found


def checked_upload(path: str | None, *, suffixes: Sequence[str] = UPLOAD_SUFFIXES, most: int = MAX_UPLOAD) -> Path:
    """Check the type and size of an uploaded file, and return its path.

    Args:
        path: Path of the uploaded file on the server; None if nothing was uploaded.
        suffixes: Allowed suffixes, in lower case with their dot.
        most: Maximum size in bytes.

    Raises:
        InputError: There is no file, or its type or size is not allowed.
    """
    if not path:
        raise InputError("no file was uploaded; choose one first")
    found = Path(path)
    if found.suffix.lower() not in suffixes:
        raise InputError(f"{found.name} is of another type; expected one of {', '.join(suffixes)}")
    size = found.stat().st_size
    if size > most:
        raise InputError(f"{found.name} has {size / 2**20:.0f} MiB, at most {most / 2**20:.0f} MiB are allowed")
    return found


def guarded(
    work: Callable[[], Answer], *, said: Callable[[str, str], Answer], headline: str = "This did not work."
) -> Answer:
    """Do the work. Turn an error into a message for people and log its details.

    Args:
        work: The work to do.
        said: Creates the result from a headline and an advice.
        headline: First line of the message if the work fails.
    """
    try:
        return work()
    except SearchAppError as error:
        logger.warning("%s %s", headline, error)
        return said(headline, public_text(str(error)))
    except Exception:
        logger.exception("unexpected error")
        return said(headline, "Something unexpected happened here; the details are in the server's log.")
