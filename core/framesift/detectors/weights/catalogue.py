"""What is published: torchvision's detectors trained on COCO.

Plain data, so that the list can be shown without torchvision, without torch and without a
network. Addresses, sizes and mean average precisions are torchvision's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from framesift.errors import InputError

COCO_CATEGORIES: tuple[str, ...] = tuple(
    """
__background__|person|bicycle|car|motorcycle|airplane|bus|train|truck|boat|traffic light|
fire hydrant|N/A|stop sign|parking meter|bench|bird|cat|dog|horse|sheep|cow|elephant|bear|zebra|
giraffe|N/A|backpack|umbrella|N/A|N/A|handbag|tie|suitcase|frisbee|skis|snowboard|sports ball|
kite|baseball bat|baseball glove|skateboard|surfboard|tennis racket|bottle|N/A|wine glass|cup|
fork|knife|spoon|bowl|banana|apple|sandwich|orange|broccoli|carrot|hot dog|pizza|donut|cake|
chair|couch|potted plant|bed|N/A|dining table|N/A|N/A|toilet|N/A|tv|laptop|mouse|remote|
keyboard|cell phone|microwave|oven|toaster|sink|refrigerator|N/A|book|clock|vase|scissors|
teddy bear|hair drier|toothbrush""".replace("\n", "").split("|")
)
"""The 91 outputs of a detector trained on COCO, by their index: the background, 80 kinds of
object, and ten numbers ("N/A") that COCO never used."""

Norm = Literal["batch", "frozen"]
_LICENCE = "BSD-3-Clause (torchvision); trained on COCO, whose terms apply to its pictures"


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """Weights that can be fetched.

    name: what `--detector` takes. architecture: a key of DETECTORS. url: where they lie; size:
    bytes, to about 1 %. sha256: the digest in hex, or its beginning (torchvision gives eight
    digits). outputs: the class of each output of the network, the background included.
    precision: COCO's mean average precision in percent, at the publisher's picture size.
    norm, norm_eps, trainable_layers: how the network is built (its normalisation, and how many
    stages of the backbone learn in fine-tuning). recommended: for whom, where it is.
    """

    name: str
    title: str
    architecture: str
    url: str
    size: int
    sha256: str
    precision: float
    norm: Norm = "batch"
    norm_eps: float | None = None
    trainable_layers: int | None = None
    outputs: tuple[str, ...] = COCO_CATEGORIES
    licence: str = _LICENCE
    recommended: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The kinds of object that it knows."""
        return tuple(name for name in self.outputs if name not in ("__background__", "N/A"))

    @property
    def file(self) -> str:
        """The file's name, also in the cache folder."""
        return self.url.rsplit("/", 1)[-1]


def _coco(
    architecture: str,
    title: str,
    file: str,
    megabytes: float,
    precision: float,
    norm: Norm = "batch",
    norm_eps: float | None = None,
    trainable_layers: int | None = None,
    recommended: str = "",
) -> WeightsEntry:
    digest = file.removesuffix(".pth").rsplit("-", 1)[1]
    return WeightsEntry(
        f"{architecture}:coco",
        title,
        architecture,
        f"https://download.pytorch.org/models/{file}",
        round(megabytes * (1 << 20)),
        digest,
        precision,
        norm,
        norm_eps,
        trainable_layers,
        recommended=recommended,
    )


CATALOGUE: dict[str, WeightsEntry] = {
    entry.name: entry
    for entry in (
        _coco(
            "fcos_resnet50_fpn",
            "FCOS, ResNet-50, trained on COCO",
            "fcos_resnet50_fpn_coco-99b0c9b7.pth",
            123.608,
            39.2,
            "frozen",
            None,
            3,
            "the best maps for the score; wants a graphics card",
        ),
        _coco(
            "retinanet_resnet50_fpn",
            "RetinaNet, ResNet-50, trained on COCO",
            "retinanet_resnet50_fpn_coco-eeacb38b.pth",
            130.267,
            36.4,
            "frozen",
            0.0,
            3,
        ),
        _coco(
            "retinanet_resnet50_fpn_v2",
            "RetinaNet v2, ResNet-50, trained on COCO",
            "retinanet_resnet50_fpn_v2_coco-5905b1c5.pth",
            146.037,
            41.5,
            "batch",
            None,
            3,
        ),
        _coco(
            "ssdlite320_mobilenet_v3_large",
            "SSDlite, MobileNet v3, trained on COCO",
            "ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
            13.418,
            21.3,
        ),
        _coco(
            "fasterrcnn_resnet50_fpn",
            "Faster R-CNN, ResNet-50, trained on COCO",
            "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",
            159.743,
            37.0,
            "frozen",
            0.0,
            3,
        ),
        _coco(
            "fasterrcnn_resnet50_fpn_v2",
            "Faster R-CNN v2, ResNet-50, trained on COCO",
            "fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",
            167.104,
            46.7,
            "batch",
            None,
            3,
        ),
        _coco(
            "fasterrcnn_mobilenet_v3_large_fpn",
            "Faster R-CNN, MobileNet v3, trained on COCO",
            "fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",
            74.239,
            32.8,
            "frozen",
            None,
            3,
            "quick enough for a processor",
        ),
        _coco(
            "fasterrcnn_mobilenet_v3_large_320_fpn",
            "Faster R-CNN, MobileNet v3, small pictures, trained on COCO",
            "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
            74.239,
            22.8,
            "frozen",
            None,
            3,
        ),
    )
}
"""What can be fetched, by the name that `--detector` takes."""


def entry(name: str) -> WeightsEntry:
    """The entry of this name; InputError for an unknown one."""
    if name not in CATALOGUE:
        raise InputError(
            f"There are no weights {name!r}; `framesift weights list` names what there is."
        )
    return CATALOGUE[name]
