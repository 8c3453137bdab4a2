"""What torchvision's detectors do beyond the contract: the same boxes as torchvision itself,
maps as defined, ignore regions, classes, settings."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from framesift.boxes import Box, Prediction
from framesift.detectors import DETECTORS
from framesift.detectors.double import averaged
from framesift.detectors.fcos import both
from framesift.detectors.torchvision_labels import read_labels, touched
from framesift.detectors.loss_settings import LossSettings
from framesift.errors import InputError
from framesift.maps import SHARED

pytest.importorskip("torchvision")

CHEAP = ("ssdlite320_mobilenet_v3_large", "fasterrcnn_mobilenet_v3_large_fpn")
ONE_OF_EACH = ("fcos_resnet50_fpn", "retinanet_resnet50_fpn", *CHEAP)
