"""ISO 639-3 codes with a script, such as `deu-Latn`, which MTEB, FLORES and Tatoeba name languages by."""

from __future__ import annotations

from searchapp.languages.codes import canonical

_TABLE = (
    "af:afr-Latn am:amh-Ethi ar:ara-Arab az:aze-Latn be:bel-Cyrl bg:bul-Cyrl bn:ben-Beng ca:cat-Latn cs:ces-Latn "
    "da:dan-Latn de:deu-Latn el:ell-Grek en:eng-Latn es:spa-Latn et:est-Latn eu:eus-Latn fa:fas-Arab fi:fin-Latn "
    "fr:fra-Latn he:heb-Hebr hi:hin-Deva hr:hrv-Latn hu:hun-Latn hy:hye-Armn id:ind-Latn is:isl-Latn it:ita-Latn "
    "ja:jpn-Jpan ka:kat-Geor kk:kaz-Cyrl km:khm-Khmr ko:kor-Hang lo:lao-Laoo lt:lit-Latn lv:lav-Latn mr:mar-Deva "
    "ms:msa-Latn my:mya-Mymr ne:nep-Deva nl:nld-Latn no:nor-Latn pl:pol-Latn pt:por-Latn ro:ron-Latn ru:rus-Cyrl "
    "sk:slk-Latn sl:slv-Latn sr:srp-Cyrl sv:swe-Latn sw:swa-Latn ta:tam-Taml te:tel-Telu th:tha-Thai tr:tur-Latn "
    "uk:ukr-Cyrl ur:urd-Arab vi:vie-Latn yi:yid-Hebr yo:yor-Latn zh:zho-Hans"
)
TAGGED: dict[str, str] = dict(pair.split(":") for pair in _TABLE.split())
"""BCP 47 primary subtag -> ISO 639-3 code and script."""

_NARROWER = {"cmn": "zh", "lvs": "lv", "nob": "no", "pes": "fa", "swh": "sw", "zsm": "ms"}
_PRIMARY = {tagged[:3]: code for code, tagged in TAGGED.items()} | _NARROWER


def to_tagged(code: str) -> str:
    """`deu-Latn` for `de`; `und-Zyyy` for a language that is not in the table."""
    return TAGGED.get(code, "und-Zyyy")


def from_iso639(code: str) -> str:
    """`de` for `deu` or `deu-Latn`; other codes are canonicalised as anywhere else."""
    return _PRIMARY.get(code.strip().lower()[:3] if len(code.partition("-")[0]) == 3 else code, canonical(code))
