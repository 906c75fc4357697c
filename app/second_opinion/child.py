"""Answers statistical questions with pingouin: JSON on stdin, JSON on stdout. Imports nothing of ours.

Run as a program of its own by ``app.second_opinion.ask``, and only when a reader asks for a second opinion: pingouin is
GPL-3 and takes seconds to import, so it is imported only where this file is the program that runs.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Question = dict[str, Any]
Numbers = dict[str, Any]


def mann_whitney(question: Question) -> Numbers:
    """U of the first sample, two-sided p, rank-biserial correlation."""
    import pingouin

    row = pingouin.mwu(np.array(question["x"]), np.array(question["y"])).iloc[0]
    return {"statistic": row["U_val"], "p_value": row["p_val"], "effect_size": row["RBC"]}


def welch(question: Question) -> Numbers:
    """Welch's t, its degrees of freedom and p; Cohen's d with its sign, which ``ttest`` loses."""
    import pingouin

    x, y = np.array(question["x"]), np.array(question["y"])
    row = pingouin.ttest(x, y, correction=True).iloc[0]
    d = pingouin.compute_effsize(x, y, eftype="cohen")
    return {"statistic": row["T"], "df": row["dof"], "p_value": row["p_val"], "effect_size": d}


def linear(question: Question) -> Numbers:
    """Last coefficient of an ordinary linear model; its classical error is not what is compared."""
    import pandas as pd
    import pingouin

    columns = np.column_stack(question["columns"])
    names = [f"x{i}" for i in range(columns.shape[1])]
    table = pingouin.linear_regression(pd.DataFrame(columns, columns=names), np.array(question["outcome"]))
    return {"effect_size": table.set_index("names").loc[names[-1], "coef"]}


def shapiro(question: Question) -> Numbers:
    """Shapiro-Wilk W and p."""
    import pingouin

    row = pingouin.normality(np.array(question["x"])).iloc[0]
    return {"statistic": row["W"], "p_value": row["pval"]}


def correlation(question: Question) -> Numbers:
    """A correlation and its p; with covariates the partial one."""
    import pandas as pd
    import pingouin

    data = pd.DataFrame(question["data"])
    if data.shape[1] == 2:
        row = pingouin.corr(data.iloc[:, 0], data.iloc[:, 1], method=question["method"]).iloc[0]
    else:
        names = list(data.columns)
        row = pingouin.partial_corr(data, *names[:2], names[2:], method=question["method"]).iloc[0]
    return {"r": row["r"], "p_value": row["p_val"]}


def adjust(question: Question) -> Numbers:
    """P values adjusted for their family."""
    import pingouin

    p = [np.nan if value is None else value for value in question["p_values"]]
    return {"p_adjusted": pingouin.multicomp(p, method=question["method"])[1].tolist()}


KINDS: dict[str, Callable[[Question], Numbers]] = {
    f.__name__: f for f in (mann_whitney, welch, linear, shapiro, correlation, adjust)
}


def main() -> None:
    """Answer every question of the list; one that fails is answered with its error."""
    import pingouin

    answers: list[dict[str, Any]] = []
    for question in json.load(sys.stdin):
        try:
            numbers = KINDS[question["kind"]](question)
        except Exception as error:
            answers.append({"error": f"{type(error).__name__}: {error}"})
            continue
        answers.append({k: v if isinstance(v, list) else float(v) for k, v in numbers.items()})
    json.dump({"version": pingouin.__version__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
