"""Which studies of the base a reader asks for: words in any spelling, disease, setting, route, schedule and design."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from urllib.parse import urlencode

from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.published_study import PublishedArm, PublishedStudy
from trialeukin.evidence.vocabulary import Design, Setting
from trialeukin.model.whole import model
from trialeukin.regimen.administration import Route
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.schedule import ScheduleKind, schedule_kinds
from trialeukin.web.asked import word_of
from trialeukin.web.search import matches

MODEL_OF_IL2 = "il2-products"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFilter:
    """What is asked for; None and empty words take all.

    Attributes
    ----------
    q : str
        Words that the study holds somewhere.
    disease, setting, route, schedule, design : NamedDisease, Setting, Route, ScheduleKind, Design or None
        Route and schedule are those of IL-2 in an arm.
    """

    q: str
    disease: NamedDisease | None
    setting: Setting | None
    route: Route | None
    schedule: ScheduleKind | None
    design: Design | None

    def chosen(self, studies: Iterable[PublishedStudy]) -> tuple[PublishedStudy, ...]:
        """Return the studies that are asked for, in their order."""
        return tuple(study for study in studies if self._takes(study))

    def address(self, path: str) -> str:
        """Return the address at which a page shows the same."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: value.value if isinstance(value, Enum) else value for name, value in values.items() if value}
        return f"{path}?{urlencode(given)}" if given else path

    def _takes(self, study: PublishedStudy) -> bool:
        about = study.study
        return (
            (self.setting is None or self.setting in about.settings)
            and (self.design is None or self.design is about.design)
            and (self.route is None or self.route in routes_of(study))
            and (self.schedule is None or self.schedule in schedules_of(study))
            and (self.disease is None or self.disease.is_named_in(about.disease))
            and matches(self.q, words_of(study))
        )


def filter_of(*, q: str, disease: str, setting: str, route: str, schedule: str, design: str) -> StudyFilter:
    """Return what the fields of a form ask for.

    Raises
    ------
    InputError
        When a field holds a word that is none of its own; the message has those there are.
    """
    return StudyFilter(
        q=q.strip(),
        disease=word_of(NamedDisease, "disease", disease),
        setting=word_of(Setting, "setting", setting),
        route=word_of(Route, "route", route),
        schedule=word_of(ScheduleKind, "schedule", schedule),
        design=word_of(Design, "design", design),
    )


def routes_of(study: PublishedStudy) -> tuple[Route, ...]:
    """Return the routes of IL-2 in a study's arms."""
    return tuple(dict.fromkeys(route for arm in study.arms if arm.role.has_il2 for route in arm.routes))


def schedules_of(study: PublishedStudy) -> tuple[ScheduleKind, ...]:
    """Return what the schedules of IL-2 in a study's arms are called, as far as their regimens are written."""
    return _schedules(tuple(arm.regimen for arm in study.arms if arm.role.has_il2 and arm.regimen is not None))


def computed_arms(study: PublishedStudy) -> tuple[tuple[PublishedArm, ...], tuple[PublishedArm, ...]]:
    """Return the arms with IL-2 whose regimen can be computed, and all of them."""
    arms = tuple(arm for arm in study.arms if arm.role.has_il2)
    return tuple(arm for arm in arms if arm.not_known() is None), arms


@cache
def _schedules(regimens: tuple[str, ...]) -> tuple[ScheduleKind, ...]:
    drugs = {entry.drug for entry in model(MODEL_OF_IL2).inputs}
    found = {
        kind
        for text in regimens
        for kind in schedule_kinds(dose for dose in expand(regimen_of(text)) if dose.drug in drugs)
    }
    return tuple(kind for kind in ScheduleKind if kind in found)


def words_of(study: PublishedStudy) -> str:
    """Return the words in which a search looks."""
    about = study.study
    parts = [
        about.id, about.authors, about.journal, str(about.year or ""), about.disease, about.setting_as_published,
        about.design.value, about.design_as_published, about.registration,
        *(word for each in about.settings for word in (each.value, each.label)),
        *(part for arm in study.arms for part in (arm.treatment, arm.product, arm.schedule_as_published, arm.beside)),
        *(row.endpoint for row in study.outcomes),
        *(row.marker for row in study.markers),
        *(row.item for row in study.toxicities),
    ]  # fmt: skip
    return " ".join(part for part in parts if part)
