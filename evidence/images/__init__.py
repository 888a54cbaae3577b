from evidence.images.base import Image, Problem, Region
from evidence.images.opening import open_image

__all__ = ["Image", "Problem", "Region", "open_image"]
