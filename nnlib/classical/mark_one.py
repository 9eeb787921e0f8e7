"""Rosenblatt's machine: a retina, random wiring, and perceptrons that learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nnlib import random
from nnlib.classical.linear_model import Floats, Labels
from nnlib.classical.perceptron import Perceptron

__all__ = ["MarkIPerceptron"]


class MarkIPerceptron:
    """S-units → A-units → R-units: Rosenblatt's machine of 1960, in miniature.

    - Sensory units, the retina: photocell i is on where its pixel is brighter than 0.5.
    - Association units: each is wired, once and at random, to ``fan_in`` photocells with weights
      +1 or −1, and fires when its sum reaches 1. This wiring (``wiring``) never learns.
    - Response units, one per class: perceptrons (``responses``) on the A-units' outputs. Only these
      weights learn. The class whose unit has the largest z is the answer.

    The hardware had 400 photocells, 512 A-units and 8 R-units, its learned weights were
    potentiometers turned by motors. The original proposal also had links among A- and R-units and
    feedback, left out here. Cornell Aeronautical Laboratory, *Mark I Perceptron Operators' Manual*
    (1960).

    >>> bar, row = np.zeros((5, 5)), np.zeros((5, 5))
    >>> bar[:, 2], row[2, :] = 1, 1
    >>> machine = MarkIPerceptron(25, generator=np.random.default_rng(0))
    >>> machine.fit([bar, row], [0, 1]).predict([row, bar])
    array([1, 0])
    """

    def __init__(
        self,
        n_pixels: int,
        n_association: int = 512,
        fan_in: int = 8,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not 1 <= fan_in <= n_pixels:
            raise ValueError(f"fan_in must be between 1 and n_pixels = {n_pixels}, not {fan_in}")
        if n_association < 1:
            raise ValueError(f"n_association must be at least 1, not {n_association}")
        rng = random.generator(generator)
        every_pixel = np.tile(np.arange(n_pixels), (n_association, 1))
        chosen = rng.permuted(every_pixel, axis=1)[:, :fan_in]
        self.wiring = np.zeros((n_association, n_pixels))
        np.put_along_axis(self.wiring, chosen, rng.choice([-1.0, 1.0], chosen.shape), axis=1)
        self.responses: list[Perceptron] = []

    def association(self, images: ArrayLike) -> Floats:
        """What the A-units say: images (N, n_pixels) or (N, height, width) → (N, n_association)."""
        images = np.asarray(images, dtype=float)
        retina = images.reshape(len(images), -1) if images.ndim in (2, 3) else images
        if retina.ndim != 2 or retina.shape[1] != self.wiring.shape[1]:
            raise ValueError(
                f"images must be (N, {self.wiring.shape[1]}) or (N, height, width) with as many "
                f"pixels, not {images.shape}"
            )
        if not ((retina >= 0) & (retina <= 1)).all():
            raise ValueError("images must have pixels between 0 (dark) and 1 (bright)")
        return ((retina > 0.5) @ self.wiring.T >= 1).astype(float)

    def fit(self, images: ArrayLike, labels: ArrayLike, epochs: int = 100) -> MarkIPerceptron:
        """Train one response unit per class, labels being 0, 1, …; returns the machine itself."""
        features, labels = self.association(images), np.asarray(labels)
        if labels.shape != (len(features),) or labels.dtype.kind not in "iu" or labels.min() < 0:
            raise ValueError(f"labels must be {len(features)} whole numbers from 0 on")
        self.responses = [
            Perceptron().fit(features, labels == k, epochs) for k in range(labels.max() + 1)
        ]
        return self

    def predict(self, images: ArrayLike) -> Labels:
        """The class of each image (N,): that of the response unit with the largest z."""
        if not self.responses:
            raise ValueError("this machine has not learned yet: call fit(images, labels) first")
        features = self.association(images)
        answers: Labels = np.argmax([u.preactivation(features) for u in self.responses], axis=0)
        return answers
