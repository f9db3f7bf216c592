"""Choose the stages for languages, documents and diversity that a `Ranking` asks for."""

from __future__ import annotations

from searchapp.options import Ranking
from searchapp.ranking.balance import BalanceStage
from searchapp.ranking.collapse import DocumentCollapse, TranslationCollapse
from searchapp.ranking.diversity import DiversityStage
from searchapp.ranking.per_language import PerLanguageStage
from searchapp.ranking.stages import Stage
from searchapp.stores.manifest import Manifest


def language_stages(ranking: Ranking, manifest: Manifest) -> list[Stage]:
    """Create the requested stages in this order: collapse, balance, diversify, cap.

    Collapsing comes first, so that shares refer to the visible candidates. The cap comes last, so that it is never
    exceeded.

    Args:
        ranking: Options of the search.
        manifest: Manifest of the collection, which names the field that translations share, if any.
    """
    stages: list[Stage] = []
    if ranking.collapse == "document":
        stages.append(DocumentCollapse())
    elif ranking.collapse == "translations":
        stages.append(TranslationCollapse(by=manifest.configuration.translations_by))
    if ranking.balance > 0:
        stages.append(BalanceStage(ranking.balance_by, strength=ranking.balance, places=ranking.depth))
    if ranking.diversity > 0:
        stages.append(DiversityStage(ranking.diversity, places=ranking.depth))
    if ranking.per_language is not None:
        stages.append(PerLanguageStage(ranking.per_language))
    return stages
