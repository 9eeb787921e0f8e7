"""The same layers with and without skips, in training: the loss, and the gradient of every block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib.nn.functional as F
from nnlib import nn, optim
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import scientific, significant
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.data import DataLoader, TensorDataset, load_digits_split

WIDTH, BATCH, RATE, STRIDE, LAST = 32, 32, 0.02, 5, 200
SHALLOWEST, DEEPEST = 5, 40
SCALES = {"one": "1", "root": "1/√L"}
LOSSES, NORMS = (0.03, 30.0), (1e-4, 1e4)  # what the panels show


def network(blocks: int, scale: float | None) -> nn.Sequential:
    """h = W₀ x, then so many blocks h + s W relu(h), or W relu(h) where the scale is None."""
    rng = np.random.default_rng(0)

    def linear(outputs: int, inputs: int, s: float = 1.0) -> nn.Linear:
        layer = nn.Linear(inputs, outputs, bias=False).double()
        nn.init.normal_(layer.weight, std=s * (2 / inputs) ** 0.5, generator=rng)
        return layer

    layers: list[nn.Module] = [linear(WIDTH, 64)]
    for _ in range(blocks):
        branch = nn.Sequential(nn.ReLU(), linear(WIDTH, WIDTH, 1.0 if scale is None else scale))
        layers.append(branch if scale is None else nn.Residual(branch))
    return nn.Sequential(*layers, nn.ReLU(), linear(10, WIDTH))


class Run(runs.Run):
    """One training on batches of digits; kept are the losses and gradients, not the weights."""

    every = STRIDE

    def __init__(self, blocks: int, scale: float | None) -> None:
        X, y, _, _ = load_digits_split(dtype=np.float64)
        self.losses: list[float] = []  # of every batch, before its step
        self.norms: list[Floats] = []  # ‖dW‖ of the blocks, at every snapshot
        model, order = network(blocks, scale), np.random.default_rng(1)
        batches = DataLoader(TensorDataset(X, y), BATCH, shuffle=True, generator=order)
        sgd = optim.SGD(model.parameters(), lr=RATE)
        super().__init__(model, sgd, self.noted, runs.epochs(batches))

    def noted(self, z: Any, y: Any) -> Any:
        loss = F.cross_entropy(z, y)
        self.losses.append(loss.item())
        return loss

    def keep(self) -> None:
        if not self.weights:  # before the first step there is no gradient yet
            self.gradients()
        self.weights.append({})  # counted, not kept: forty blocks are large
        blocks = self.parameters[1:-1]
        self.norms.append(np.array([np.linalg.norm(np.asarray(W.grad)) for W in blocks]))

    def curve(self, step: int) -> Floats:
        """The mean loss of every five steps so far, the first at step 0: (points, 2)."""
        self.upto(step)
        seen = self.losses[: step + 1]  # the first is that of the untrained network
        means = [np.mean(seen[a:b]) for a, b in pairwise(range(1, step + 2, STRIDE))]
        return np.column_stack([np.arange(0.0, step + 1, STRIDE), np.array([seen[0], *means])])


@lru_cache(maxsize=32)
def run(blocks: int, scale: str) -> Run:
    """Each training once, "plain" or with skips."""
    return Run(blocks, {"plain": None, "one": 1.0}.get(scale, blocks**-0.5))


@dataclass(frozen=True)
class PlainOrResidual(Model):
    """Blocks of 32 ReLU units learn digits by SGD, η = 0.02, in batches of 32: W relu(h) against
    h + s W relu(h), from the same weights.

    `scale` is the s by which the weights of the branches begin smaller: "one", or "root" for 1/√L.
    """

    title = "The same layers, without and with skips"
    goal = "40 blocks: bring the loss below 0.5"
    on_page = ("blocks", "scale", "step", "restart", "train")
    on_every_page = (
        {"blocks": 40, "scale": "root", "step": LAST},
        {"blocks": 40, "scale": "root", "step": 0},
        {"blocks": 40, "scale": "one", "step": 0},
        {"blocks": 40, "scale": "one", "step": 20},
        {"blocks": 5, "scale": "root", "step": LAST},
    )

    blocks: int = slider("Blocks L", SHALLOWEST, DEEPEST, 5, at=10)
    scale: str = choice("Scale s of the branches", SCALES, at="one")
    step: int = steps(
        LAST,
        Button("restart", "To the start", by=-LAST),
        Button("train", "Train", plays=True, interval=60, by=STRIDE),
        each=STRIDE,
    )

    def changed(self, **settings: Any) -> PlainOrResidual:
        """Another network begins at its start."""
        if settings.keys() & {"blocks", "scale"} and "step" not in settings:
            settings = settings | {"step": 0}
        return super().changed(**settings)

    @property
    def plain(self) -> Run:
        return run(self.blocks, "plain")

    @property
    def residual(self) -> Run:
        return run(self.blocks, self.scale)

    def losses(self) -> tuple[float, float]:
        """Without and with skips: the mean over the last five batches."""
        without, with_skips = (each.curve(self.step)[-1, 1] for each in (self.plain, self.residual))
        return float(without), float(with_skips)

    def reached(self) -> bool:
        return self.blocks == DEEPEST and min(self.losses()) < 0.5

    def scene(self) -> Scene:
        return Scene((self.loss_panel(), self.norms_panel()), self.words(), columns=2)

    def loss_panel(self) -> Panel:
        guessing = np.array([[0, np.log(10)], [LAST, np.log(10)]])
        items: tuple[Item, ...] = (
            Line(guessing, "gray", style="dotted", label="guessing"),
            Line(within(self.plain.curve(self.step), LOSSES), "orange", True, "without skips",
                 marker="square"),
            Line(within(self.residual.curve(self.step), LOSSES), "blue", label="with skips",
                 marker="circle"),
        )  # fmt: skip
        title = "training loss"
        return Panel((0, LAST), LOSSES, "step", "", items, 0.8, title=title, ylog=True)

    def norms_panel(self) -> Panel:
        blocks = np.arange(1, self.blocks + 1)
        at = self.plain.upto(self.step)
        self.residual.upto(self.step)
        without, with_skips = (
            np.column_stack([blocks, each.norms[at]]) for each in (self.plain, self.residual)
        )
        items: list[Item] = [
            Line(within(without, NORMS), "orange", True, marker="square"),
            Line(within(with_skips, NORMS), "blue", marker="circle"),
        ]
        if with_skips[0, 1] > NORMS[1]:
            items.append(Label((self.blocks / 2, NORMS[1] / 8), "↑ off the panel", "blue", True))
        xlim, title = (0.5, self.blocks + 0.5), "‖∂L/∂W‖ of each block"
        return Panel(xlim, NORMS, "block", "", tuple(items), 0.8, True, title, ylog=True)

    def words(self) -> str:
        at = self.plain.upto(self.step)
        told = [
            f"{name} the loss is {told_loss(loss)}, and block 1 gets {told_ratio(each.norms[at])} "
            f"the gradient of block {self.blocks}"
            for name, loss, each in zip(
                ("without skips", "with them"),
                self.losses(),
                (self.plain, self.residual),
                strict=True,
            )
        ]
        return (
            f"{self.blocks} blocks, s = {SCALES[self.scale]}, after {self.step} steps: "
            f"{'; '.join(told)}."
        )


def told_loss(loss: float) -> str:
    return significant(loss) if loss < 1000 else "beyond all bounds"


def told_ratio(norms: Floats) -> str:
    ratio = float(norms[0] / norms[-1]) if norms[-1] > 0 else np.nan
    return f"{scientific(ratio)} times" if np.isfinite(ratio) else "no measurable part of"


def within(xy: Floats, limits: tuple[float, float]) -> Floats:
    """What leaves the panel runs along its edge."""
    heights = np.nan_to_num(xy[:, 1], nan=limits[1], posinf=limits[1])
    return np.column_stack([xy[:, 0], np.clip(heights, *limits)])


plain_or_residual = widget(PlainOrResidual)
