"""The readable twins of the fused ops, by the ops' names."""

from nnlib import lecture

TWINS = {name: getattr(lecture, name) for name in lecture.__all__}
