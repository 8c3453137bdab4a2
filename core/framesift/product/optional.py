"""Libraries for tables and plots, imported where one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framesift.errors import EnvironmentProblem

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
    """The axes to draw into: those given, or new ones of pyplot's, `size` in inches."""
    if axes is not None:
        return axes
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=size, layout="constrained")
    return made
