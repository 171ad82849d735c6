"""The section on why biologic and clinical effects need not go together."""

from typing import Any

from page_text import table

STATED = ("study", "marker", "went with it", "judged on", "in the words of the base")


def surrogacy_lines(published: dict[str, Any], runs: dict[str, Any]) -> list[str]:
    """Return the section: published trials first, then virtual patients, then what would refute the answer."""
    first = runs["studies"][0]
    return [
        "## Why do biologic and clinical effects not go together?",
        "",
        *_answer(first),
        "### Over published trials",
        "",
        f"{published['over_trials']} The others:",
        "",
        *(f"- {name}: {why}" for name, why in published["without"]),
        "",
        "![Effect on NK cells and on leukaemia-free survival](evidence-surrogacy.svg)",
        "",
        "### What papers say of their patients",
        "",
        *(line for statement in published["statements"] for line in (statement, "")),
        *table(
            ["study", "marker", "went with it", "judged on", "in the words of the base"], published["rows"], numeric=5
        ),
        "### Within virtual patients",
        "",
        f"{runs['patients']:,} patients of {first['title']}, each followed with and",
        "without treatment. Rise: highest count in the first 28 days of treatment over that before. R2 in the treated:",
        "explained randomness of Cox's model with the rise (95 %), which a correlative study sees. Correlation: of the",
        "rise with the patient's own gain, which no study can see. Patients are taken who are free of leukaemia",
        "at the end of these days under both arms.",
        *table(
            ["structure", "cells", "rise: median (5 to 95 %)", "R2 in the treated", "correlation with own gain"],
            [row for each in first["structures"] for row in _within(each)],
            numeric=2,
        ),
        "### Through which cells",
        "",
        "Months of leukaemia-free time up to 60 months, with each path from blood to the leukaemia open or closed; ±",
        "Monte Carlo error. *Part* is the mean over all orders of opening, so that parts and other ways add up.",
        "",
        "![Months through each kind of cell](evidence-paths.svg)",
        "",
        *(line for each in runs["studies"] for line in _paths(each)),
        *_over_draws(runs["over_draws"]),
        "### What would refute this",
        "",
        "Each line is a trial that could be done; spans are over the four structures, which it would tell apart where",
        f"they are wide. {first['title']}:",
        "",
        *(f"- {line}" for line in first["refutation"]),
        "",
    ]


def _answer(first: dict[str, Any]) -> list[str]:
    numbered = (f"{place}. {line}" for place, line in enumerate(first["answer"], start=1))
    return ["In the model, under every structure that data leave open:", "", *numbered, ""]


def _within(found: dict[str, Any]) -> list[list[str]]:
    rows = []
    for each in found["within"]:
        rise, r2, own = each["rise"], each["r2_in_treated"], each["correlation_with_own_gain"]
        rows.append(
            [
                found["structure"],
                each["cells"],
                f"{rise[0]:.1f} ({rise[1]:.1f} to {rise[2]:.1f})",
                "–" if r2 is None else f"{r2[0]:.3f} ({r2[1]:.3f} to {r2[2]:.3f})",
                "–" if own is None else f"{own[0]:.2f} ({own[1]:.2f} to {own[2]:.2f})",
            ]
        )
    return rows


def _paths(study: dict[str, Any]) -> list[str]:
    rows = []
    for each in study["structures"]:
        whole = each["mediation"]
        for path in whole["paths"]:
            cells = (_months(path[key]) for key in ("alone", "lost_if_closed", "part"))
            rows.append([each["structure"], path["through"], *cells])
        rows.append([each["structure"], "other ways", "", "", _months(whole["others"])])
        rows.append([each["structure"], "**all**", "", "", f"**{_months(whole['total'])}**"])
    head = ["structure", "through", "alone", "lost if closed", "part"]
    return [f"{study['title']}:", *table(head, rows, numeric=2)]


def _over_draws(found: dict[str, Any]) -> list[str]:
    words = [f"{each['through']} {_limits(each['part'])}" for each in found["paths"]]
    return [
        f"Over {found['draws']} draws of what is not known of the parameters ({found['structure']},",
        f"{found['patients']} patients each; 95 % of draws, their Monte Carlo error in it): {', '.join(words)},",
        f"other ways {_limits(found['others'])}, together {_limits(found['total'])} months.",
        "",
    ]


def _months(found: dict[str, Any]) -> str:
    return f"{found['value']:+.2f} ± {found['monte_carlo_error']:.2f}"


def _limits(found: dict[str, Any]) -> str:
    low, high = found["limits"]
    return f"{found['value']:+.1f} ({low:+.1f} to {high:+.1f})"
