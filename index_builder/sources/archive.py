"""Read zip files member by member, each unpacked into a temporary file within limits."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from index_builder.sources.walking import Found, unique_places
from searchapp.errors import UnreadableFileError
from searchapp.files.opening import MAX_RATIO, RATIO_FREE, regular_file

MAX_MEMBERS = 100_000

MAX_MEMBER = 2**30
"""Maximum unpacked size of one member, in bytes."""

MAX_TOTAL = 16 * 2**30
"""Maximum unpacked size of all members, in bytes."""

_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, struct.error,
    UnicodeDecodeError, OverflowError,
)  # fmt: skip
"""Exceptions raised by broken, encrypted or unusual zip files."""


@contextmanager
def members(archive: Path, place: str) -> Iterator[Iterator[Found]]:
    """Unpack a zip file member by member. Each member stays on disk until the next one is requested.

    Args:
        archive: Zip file to unpack.
        place: Name of the zip file, the prefix of the members' places.

    Yields:
        The members; those that cannot be read contain the reason.

    Raises:
        UnreadableFileError: The archive as a whole cannot be read.
    """
    regular_file(archive)
    try:
        opened = zipfile.ZipFile(archive)
    except _BROKEN as error:
        raise UnreadableFileError(f"damaged zip file ({error})", kind="damaged", path=archive) from error
    with opened, TemporaryDirectory(prefix="searchapp-zip-") as folder:
        infos = [info for info in opened.infolist() if not info.is_dir() and not _hidden(info.filename)]
        if len(infos) > MAX_MEMBERS:
            reason = f"{len(infos):,} files in one zip file, at most {MAX_MEMBERS:,}"
            raise UnreadableFileError(reason, kind="too large", path=archive)
        infos.sort(key=lambda info: info.filename)
        yield _unpacked(opened, infos, place=place, folder=Path(folder))


def _unpacked(opened: zipfile.ZipFile, infos: list[zipfile.ZipInfo], *, place: str, folder: Path) -> Iterator[Found]:
    names = [info.filename.replace("\x00", "") or "unnamed" for info in infos]
    total = 0
    for info, name in zip(infos, unique_places(names), strict=True):
        target = folder / ("member" + PurePosixPath(name).suffix.lower()[:10].replace("/", ""))
        where = f"{place}/{name}"
        try:
            size = _unpack(opened, info, target)
            total += size
            if total > MAX_TOTAL:
                reason = f"the archive unpacks to more than {MAX_TOTAL / 2**30:,.0f} GiB"
                raise UnreadableFileError(reason, kind="too large", path=where)
            yield Found(target, where)
        except UnreadableFileError as error:
            yield Found(target, where, error.reason, error.kind)
            if total > MAX_TOTAL:
                return
        except _BROKEN as error:
            yield Found(target, where, f"damaged inside the zip file ({str(error)[:200]})", "damaged")
        finally:
            target.unlink(missing_ok=True)


def _unpack(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> int:
    if info.flag_bits & 1:
        raise UnreadableFileError("encrypted with a password", kind="encrypted", path=info.filename)
    size = 0
    with opened.open(info) as source, target.open("wb") as out:
        while block := source.read(1 << 18):
            size += len(block)
            if size > MAX_MEMBER:
                reason = f"unpacks to more than {MAX_MEMBER / 2**20:,.0f} MiB"
                raise UnreadableFileError(reason, kind="too large", path=info.filename)
            if size > RATIO_FREE and size > MAX_RATIO * max(1, info.compress_size):
                reason = f"unpacks to more than {MAX_RATIO} times its size, as decompression bombs do"
                raise UnreadableFileError(reason, kind="decompression bomb", path=info.filename)
            out.write(block)
    return size


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part not in (".", "..") for part in PurePosixPath(name).parts)
