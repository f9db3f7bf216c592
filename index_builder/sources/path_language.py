"""Find the language in a file's path, by a pattern or in the common layouts of translated sites."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from searchapp.errors import ConfigurationError
from searchapp.text.languages import NAMES, canonical

ROOTS = frozenset({
    "_i18n", "content", "docs", "i18n", "intl", "l10n", "lang", "langs", "language", "languages", "locale", "locales",
    "pages", "posts", "site", "src", "translated", "translations", "www",
})  # fmt: skip
"""Folders whose subfolders are languages if they are named by codes."""

_TAG = r"(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)"
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SUFFIXED = re.compile(rf"(?P<base>.+?)(?P<sign>[._-]){_TAG}")


class PathLanguages:
    """Finds the language in the paths of a source.

    Without a pattern these layouts are recognised: `i18n/de/…` and similar (folders named by codes below one of ROOTS, or
    next to two others), `pages.de/…` next to `pages/` or `pages.fr/`, `name.de.md`, and `name_de.md` or `name-de.md`
    next to `name.md`.

    Args:
        places: All paths, with `/`.
        pattern: Pattern such as `pages.{language}/`; `*` matches anything inside one name.

    Raises:
        ConfigurationError: The pattern does not contain `{language}` exactly once.
    """

    def __init__(self, places: Iterable[str], *, pattern: str | None = None) -> None:
        self._pattern = None if pattern is None else _compiled(pattern)
        self._folders: dict[PurePosixPath, set[str]] = {}
        self._files: dict[PurePosixPath, set[str]] = {}
        for place in places if self._pattern is None else ():
            path = PurePosixPath(place)
            self._files.setdefault(path.parent, set()).add(path.name.partition(".")[0])
            for folder in path.parents:
                if folder.name:
                    self._folders.setdefault(folder.parent, set()).add(folder.name)

    @property
    def asked(self) -> bool:
        """Return whether a pattern reads the languages from the paths; it overrides the languages in the files."""
        return self._pattern is not None

    def of(self, place: str) -> str | None:
        """Find the language of one path.

        Args:
            place: One of the paths.

        Returns:
            The code of the language, or None.
        """
        if self._pattern is not None:
            match = self._pattern.search(place)
            return _known(match["language"]) if match else None
        path = PurePosixPath(place)
        for folder in path.parents:  # the innermost first
            if folder.name and (code := self._of_folder(folder)):
                return code
        return self._of_file(path)

    def _of_folder(self, folder: PurePosixPath) -> str | None:
        beside = self._folders.get(folder.parent, set())
        if _CODE.fullmatch(folder.name):
            code = _known(folder.name)
            codes = [name for name in beside if _CODE.fullmatch(name) and _known(name)]
            named = folder.parent.name.lower() in ROOTS
            return code if named or (len(codes) > 2 and 2 * len(codes) > len(beside)) else None
        match = _SUFFIXED.fullmatch(folder.name)
        if match is None:
            return None
        base, sign = match["base"], match["sign"]
        others = [name for name in beside if name != folder.name and (name == base or name.startswith(base + sign))]
        return _known(match["language"]) if others else None

    def _of_file(self, path: PurePosixPath) -> str | None:
        name = path.name
        for suffix in reversed(path.suffixes):
            name = name.removesuffix(suffix)
            match = _SUFFIXED.fullmatch(name)
            if match is None or not (code := _known(match["language"])):
                continue
            if match["sign"] == "." or match["base"] in self._files.get(path.parent, set()):
                return code
        return None


def _known(tag: str) -> str | None:
    """Return the code if it is in the table. Rarer codes are usually words, as in `my-app`."""
    code = canonical(tag)
    return code if code in NAMES and code != "und" else None


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.count("{language}") != 1:
        raise ConfigurationError(
            f"--language-path {pattern!r} must name {{language}} once, such as 'pages.{{language}}/' or '*.{{language}}.md'"
        )
    parts = re.split(r"(\{language\}|\*)", pattern)
    spelled = {"{language}": _TAG, "*": "[^/]*"}
    expression = "".join(spelled.get(part, re.escape(part)) for part in parts)
    return re.compile("(?:^|/)" + expression.removeprefix("/") + ("" if pattern.endswith("/") else "(?=/|$)"))
