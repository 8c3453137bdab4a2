"""Libraries for tables and plots, imported where one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framesift.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes


def data_frame(columns: Mapping[str, Any]) -> Any:
    """A pandas.DataFrame of columns by name. Raises EnvironmentProblem without pandas."""
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise EnvironmentProblem(
            "Tables are made with pandas, which is not installed; install it, or Framesift "
            "with `pip install 'framesift[notebook]'`."
        ) from error
    return pd.DataFrame(dict(columns))


def axes_or_new(axes: Axes | None, size: tuple[float, float] = (8.0, 3.0)) -> Axes:
    """The axes to draw into: those given, or new ones of pyplot's, `size` in inches. Raises
    InputError for what are none, EnvironmentProblem without matplotlib."""
    if axes is not None:
        if not hasattr(axes, "plot"):
            raise InputError(
                "Give matplotlib axes, as plt.subplots() makes them, or leave them out; a "
                f"value of type {type(axes).__name__} is none."
            )
        return axes
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError as error:
        raise EnvironmentProblem(
            "Plots are made with matplotlib, which is not installed; install it with "
            "`pip install matplotlib`."
        ) from error

    _, made = pyplot.subplots(figsize=size, layout="constrained")
    return made
