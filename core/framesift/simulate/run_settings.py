"""How an experiment is run, which its results do not depend on."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.cluster import Where
from framesift.errors import InputError
from framesift.records.settings import check, setting
from framesift.simulate.keys import FILE_ONLY

ABSENT = {
    "window": FILE_ONLY["window"],
    "simulate": "the file says what an experiment is, not how it is run",
}
NOUN = "simulation"


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """How an experiment is run; the table says what each setting does."""

    device: tuple[str, ...] = setting(
        (),
        title="Compute on",
        help="where runs go; several, as cuda:0,cuda:1 or in options of their own, run side by "
        "side",
        empty="every graphics card, else the processor's cores",
        metavar="NAME",
        in_recipe=False,
        absent=ABSENT,
    )
    cluster: str | None = setting(
        None,
        title="Workers",
        help="do the runs past one process: local:N, ray or ray://HOST:PORT, slurm:N; see the "
        "page Past one machine",
        empty="this machine alone",
        metavar="WHERE",
        in_recipe=False,
        absent=ABSENT,
    )
    only: tuple[str, ...] = setting(
        (),
        title="Variants",
        help="of the experiment's variants these alone, as a list or in options of their own",
        empty="all",
        metavar="VARIANT",
        in_recipe=False,
        absent=ABSENT,
    )
    seeds: int | None = setting(
        None,
        title="Seeds",
        help="repeats of each variant",
        low=1,
        empty="the experiment's",
        metavar="N",
        in_recipe=False,
        absent=ABSENT,
    )

    def __post_init__(self) -> None:
        check(self, NOUN)
        if self.cluster is not None:
            if len(self.device) > 1:
                raise InputError(
                    "--cluster says how many workers there are; name one --device for all."
                )
            Where.of(self.cluster)
