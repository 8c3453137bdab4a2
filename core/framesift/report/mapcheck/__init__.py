"""Is the pixel score meaningful for this detector? A look at its maps over a few frames."""

from framesift.report.mapcheck.checking import MapCheck, check_maps
from framesift.report.mapcheck.pictures import check_picture

__all__ = ["MapCheck", "check_maps", "check_picture"]
