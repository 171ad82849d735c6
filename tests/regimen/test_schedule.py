import pytest

from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.schedule import ScheduleKind, schedule_kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("none", set()),
        ("aldesleukin 1 MIU/m2/day sc days 1-14", {ScheduleKind.DAILY_SC}),
        ("aldesleukin 1 MIU/m2 sc days 1-4", set()),
        ("aldesleukin 9 MIU/m2/day civ days 1-4", {ScheduleKind.CONTINUOUS}),
        ("aldesleukin 9 MIU/m2 iv over 1 h days 1-5", {ScheduleKind.SHORT}),
        ("aldesleukin 1 MIU/m2 sc days 1, 3, 5", {ScheduleKind.BREAKS}),
        (
            "aldesleukin 5 MIU/m2/day sc days 1-5, repeat every 30 days for 3 cycles",
            {ScheduleKind.DAILY_SC, ScheduleKind.RESTS},
        ),
        (
            "aldesleukin 1 MIU/m2/day sc days 1-14; aldesleukin 2 MIU/m2/day sc days 15-17",
            {ScheduleKind.DAILY_SC, ScheduleKind.PULSES},
        ),
        (
            "aldesleukin 1 MIU/m2/day sc days 1-14; aldesleukin 1.9 MIU/m2/day sc days 15-17",
            {ScheduleKind.DAILY_SC},
        ),
    ],
)
def test_a_schedule_is_called_by_how_its_doses_lie(text: str, kinds: set[ScheduleKind]) -> None:
    assert schedule_kinds(expand(parse(text))) == kinds


@pytest.mark.parametrize(("free", "kind"), [(6, ScheduleKind.BREAKS), (7, ScheduleKind.RESTS)])
def test_a_rest_is_a_week_without_a_dose(free: int, kind: ScheduleKind) -> None:
    text = f"aldesleukin 1 MIU/m2 sc days 1, {2 + free}"

    assert schedule_kinds(expand(parse(text))) == {kind}
