"""An autoencoder of digits: what noise and sparsity make of its filters and of what it gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, nn, no_grad, optim
from nnlib.course.kit import runs
from nnlib.course.kit.scene import Bars, Floats, Heat, Item, Label, Panel, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget
from nnlib.data import load_digits_split
from nnlib.nn import penalties

UNITS, BATCH, LAST, RATE = 36, 50, 200, 0.006
HOLES = 0.3  # the share of pixels that are blacked out in the test
SHOWN = 6  # test images
LAMBDAS = (0.0, 0.02, 0.05, 0.1)  # of the L1 penalty, by its amount
WINNERS = (UNITS, 12, 8, 4)
KINDS = {"l1": "L1 on activities", "winners": "k winners"}
SHADES = 24  # steps from white to the darkest: enough to see, and few to store


class Digits(NamedTuple):
    """Pixels from 0 to 1; the test images also with holes."""

    X: Floats
    X_test: Floats
    holed: Floats
    shown: Any


@lru_cache(maxsize=1)
def digits() -> Digits:
    X, _, X_test, y_test = load_digits_split(dtype=np.float64, standardize=False)
    whole = np.random.default_rng(1).random(X_test.shape) >= HOLES
    shown = np.array([np.flatnonzero(y_test == label)[0] for label in (0, 2, 3, 5, 6, 8)])
    return Digits(X, X_test, X_test * whole, shown)


class Autoencoder(nn.Module):
    """64–36–64: gives back the image, and the activities of its units."""

    def __init__(self, k: int, generator: np.random.Generator) -> None:
        self.encoder = nn.Linear(64, UNITS, generator=generator)
        self.decoder = nn.Linear(UNITS, 64, generator=generator)
        self.k = k

    def forward(self, x: Any) -> tuple[Tensor, Tensor]:
        h = F.winner_take_all(F.relu(self.encoder(x)), self.k)
        return self.decoder(h), h


class Run(runs.Run):
    """A training by Adam on spoiled images, whose aim are the clean ones."""

    every = LAST

    def __init__(self, kind: str, amount: int, noise: float) -> None:
        k = WINNERS[amount] if kind == "winners" else UNITS
        strength = LAMBDAS[amount] if kind == "l1" else 0.0
        model = Autoencoder(k, np.random.default_rng(0)).double()
        start = dict(model.named_parameters())["decoder.bias"]
        start.data = digits().X.mean(axis=0)  # or many units die in the first steps

        def loss(output: Any, clean: Floats) -> Tensor:
            rebuilt, h = output
            return F.mse_loss(rebuilt, clean) + strength / UNITS * penalties.activity_l1(h)

        optimizer = optim.Adam(model.parameters(), lr=RATE)
        super().__init__(model, optimizer, loss, spoiled(noise))


def spoiled(noise: float) -> Iterator[runs.Batch]:
    """Batches of (spoiled, clean) images, for ever; the holes are new ones each time."""
    rng, X = np.random.default_rng(2), digits().X
    while True:
        for rows in rng.permutation(len(X)).reshape(-1, BATCH):
            yield X[rows] * (rng.random((BATCH, 64)) >= noise), X[rows]


class Record(NamedTuple):
    """What is seen of a trained autoencoder, all of it on test images."""

    filters: Floats  # (36, 64), what each unit adds to an image, the busiest first
    rebuilt: Floats  # (6, 64), of images with holes
    clean: float  # squared error per pixel
    repaired: float  # the same, of images with holes
    often: Floats  # (36,), for which share of the images each unit is active, the busiest first

    def neighbors(self) -> float:
        """How alike the weights of neighboring pixels are: their correlation."""
        images = self.filters.reshape(-1, 8, 8)
        pairs = [(images[:, :, 1:], images[:, :, :-1]), (images[:, 1:], images[:, :-1])]
        here, beside = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
        return float(np.corrcoef(here, beside)[0, 1])


@lru_cache(maxsize=64)
def record(kind: str, amount: int, noise: float) -> Record:
    model, data = Run(kind, amount, noise).at(LAST), digits()
    columns = model.state_dict()["decoder.weight"].T
    with no_grad():
        same, h = model(data.X_test)
        mended, _ = model(data.holed)
    often = (h.data > 0).mean(axis=0)
    busiest = np.argsort(-often, kind="stable")
    return Record(
        columns[busiest],
        mended.data[data.shown],
        float(np.mean((same.data - data.X_test) ** 2)),
        float(np.mean((mended.data - data.X_test) ** 2)),
        often[busiest],
    )


@dataclass(frozen=True)
class AutoencoderLab(Model):
    """A 64–36–64 autoencoder after 200 steps, by the noise and the sparsity that it was trained with.

    `kind` is "l1" or "winners"; `amount` says how much of it, 0 is none; `noise` is the share of
    pixels that are blacked out while it trains.
    """

    title = "An autoencoder's units"
    goal = "repair holes to an error of 0.03 or less, with at most a third of the units active"

    kind: str = choice("Sparsity by", KINDS, at="l1")
    amount: int = slider("How much", 0, 3, 1, at=0)
    noise: float = slider("Noise in training", 0.0, 0.45, 0.15, at=0.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "noise", round(self.noise, 2))  # 0.3 however a slider adds it up

    @property
    def record(self) -> Record:
        return record(self.kind if self.amount else "l1", self.amount, self.noise)

    @property
    def active(self) -> float:
        """Which share of its units is active for an image, on average."""
        return float(self.record.often.mean())

    def reached(self) -> bool:
        return self.record.repaired <= 0.03 and self.active <= 1 / 3

    def scene(self) -> Scene:
        return Scene((self.filters(), self.images(), self.activity()), self.words(), columns=3)

    def filters(self) -> Panel:
        """What each unit adds to an image, each in a scale of its own."""
        sizes = np.abs(self.record.filters).max(axis=1, keepdims=True)
        ticks = ((-0.7, ""), (0.0, ""), (0.7, ""))
        items = tuple(
            picture(w, 9.0 * (k % 6), 9.0 * (5 - k // 6), ticks)
            for k, w in enumerate(self.record.filters / sizes)
        )
        title = "what each unit adds"
        return Panel((-0.5, 53.5), (-0.5, 53.5), "", "", items, title=title, axes=False)

    def images(self) -> Panel:
        """Rows of test images: clean, with holes, and what comes back."""
        data, ticks = digits(), ((0.0, ""), (0.3, ""), (0.6, ""))
        rows = {
            "clean": data.X_test[data.shown],
            "holes": data.holed[data.shown],
            "back": self.record.rebuilt,
        }
        items: list[Item] = []
        for place, (name, row) in enumerate(rows.items()):
            height = 18.0 * (2 - place)
            items.append(Label((25.0, height + 12.5), name, size="small"))
            items += [picture(x.clip(0, 1), 9.0 * k, height, ticks) for k, x in enumerate(row)]
        title = "test images"
        return Panel((-0.5, 53.5), (-0.5, 53.5), "", "", tuple(items), title=title, axes=False)

    def activity(self) -> Panel:
        """For how many of the test images each unit is active, the busiest first."""
        bars = Bars(self.record.often)
        title = "active for this share of images"
        return Panel((0, UNITS + 1), (0, 1), "unit", "", (bars,), 0.8, whole=True, title=title)

    def words(self) -> str:
        seen = self.record
        never = int(np.sum(seen.often == 0))
        return (
            f"{self.trained()} On clean test images its error is {seen.clean:.3f}; where 30% of the "
            f"pixels are blacked out, {seen.repaired:.3f}. For an image {self.active:.0%} of the "
            f"units are active; {never} of the {UNITS} never are. "
            f"Neighboring pixels of what a unit adds correlate by {seen.neighbors():.2f}. "
            "Orange adds ink, blue takes it away."
        )

    def trained(self) -> str:
        """With what it was trained."""
        noise = f"{self.noise:.0%} of the pixels blacked out" if self.noise else "clean images"
        if not self.amount:
            return f"Trained on {noise}, without sparsity."
        if self.kind == "l1":
            return f"Trained on {noise}, with L1 of strength {LAMBDAS[self.amount]}."
        return f"Trained on {noise}, with {WINNERS[self.amount]} winners."


def picture(pixels: Floats, x: float, y: float, ticks: tuple[tuple[float, str], ...]) -> Heat:
    """An 8×8 image whose lower left corner is (x, y)."""
    shades = np.round(pixels * SHADES) / SHADES
    return Heat(shades.reshape(8, 8)[::-1], ticks, 0.0, extent=(x, x + 8, y, y + 8))


autoencoder_lab = widget(AutoencoderLab)
