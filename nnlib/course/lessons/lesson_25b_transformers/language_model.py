"""A small transformer that writes sentences of the tiny grammar, with parts that can be taken out.

Its trained weights and the way of its variants' trainings lie in `trained.npz`. To make it again:

    python -m nnlib.course.lessons.lesson_25b_transformers.language_model
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nnlib.nn.functional as F
from nnlib import Tensor, nn, no_grad, optim
from nnlib.course.grammar import sentences
from nnlib.course.kit.scene import Floats

Ints = NDArray[np.int64]
STORE = Path(__file__).with_name("trained.npz")
ALPHABET = "".join(sorted(set("".join(sentences()))))
LENGTH, WIDTH, HEADS = 48, 32, 2
NOTHING = -100  # the target where a sentence has ended
STEPS, BATCH, EVERY = 600, 16, 25
SEEN = 768  # sentences to train on
TEMPERATURES = tuple(round(0.1 * tenths, 1) for tenths in range(3, 21))
DRAWN = 200  # sentences at each of them


@dataclass(frozen=True)
class Parts:
    """What a transformer is made of."""

    blocks: int = 2
    mlp: bool = True
    positions: bool = True
    residual: bool = True
    norm: bool = True


VARIANTS = {
    "whole": Parts(),
    "positions": Parts(positions=False),
    "residual": Parts(residual=False),
    "norm": Parts(norm=False),
    "mlp": Parts(mlp=False),
    "block": Parts(blocks=1),
    "block_mlp": Parts(blocks=1, mlp=False),
}


class Block(nn.Module):
    """h + attention(norm(h)), and then h + MLP(norm(h))"""

    def __init__(self, parts: Parts, generator: np.random.Generator) -> None:
        norms = [nn.LayerNorm(WIDTH) if parts.norm else nn.Identity() for _ in range(2)]
        self.norm1, self.norm2 = norms
        self.residual = parts.residual
        self.look = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, generator=generator)
        self.mlp = None
        if parts.mlp:
            widen = nn.Linear(WIDTH, 4 * WIDTH, generator=generator)
            narrow = nn.Linear(4 * WIDTH, WIDTH, generator=generator)
            self.mlp = nn.Sequential(widen, nn.ReLU(), narrow)

    def forward(self, h: Tensor, hidden: NDArray[np.bool_]) -> Any:
        x = self.norm1(h)
        found, _ = self.look(x, x, x, attn_mask=hidden, need_weights=False)
        h = h + found if self.residual else found
        if self.mlp is None:
            return h
        thought = self.mlp(self.norm2(h))
        return h + thought if self.residual else thought


class Transformer(nn.Module):
    """Scores of the next character, at every place of a text (N, T): (N, T, 25)."""

    def __init__(self, parts: Parts, generator: np.random.Generator) -> None:
        self.character = nn.Embedding(len(ALPHABET), WIDTH, generator=generator)
        self.place = nn.Embedding(LENGTH, WIDTH, generator=generator) if parts.positions else None
        for table in (self.character, self.place):
            if table is not None:
                table.weight.data = 0.1 * table.weight.data
        self.blocks = nn.ModuleList([Block(parts, generator) for _ in range(parts.blocks)])
        self.norm = nn.LayerNorm(WIDTH) if parts.norm else nn.Identity()
        self.read = nn.Linear(WIDTH, len(ALPHABET), bias=False, generator=generator)

    def forward(self, ids: Ints) -> Any:
        T = ids.shape[1]
        h = self.character(ids)
        if self.place is not None:
            h = h + self.place(np.arange(T))
        for block in self.blocks:
            h = block(h, ~np.tri(T, dtype=bool))
        return self.read(self.norm(h))


def encoded(texts: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Characters as numbers (N, 48), and beside each the one that follows; NOTHING behind the end."""
    X = np.full((len(texts), LENGTH), ALPHABET.index("\n"))
    Y = np.full(X.shape, NOTHING)
    for x, y, text in zip(X, Y, texts, strict=True):
        ids = [ALPHABET.index(c) for c in text]
        x[1 : len(ids)], y[: len(ids)] = ids[:-1], ids
    return X, Y


def loss(model: nn.Module, X: Ints, Y: Ints) -> Any:
    """Mean cross-entropy in nats, over all characters."""
    scores = model(X)
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), Y.reshape(-1))


def bits(model: nn.Module, X: Ints, Y: Ints) -> float:
    """Bits a character over whole sentences."""
    with no_grad():
        parts = [(loss(model, X[i::8], Y[i::8]).item(), (Y[i::8] >= 0).sum()) for i in range(8)]
    return float(sum(nats * n for nats, n in parts) / sum(n for _, n in parts) / np.log(2))


def train(parts: Parts, seed: int = 0, steps: int = STEPS) -> tuple[Transformer, Floats, Ints]:
    """The trained model, its bits a character after every EVERY steps, and what it was trained on."""
    rng = np.random.default_rng(seed)
    seen = rng.permutation(len(sentences()))[:SEEN]
    X, Y = encoded(sentences())
    model = Transformer(parts, rng)
    adam = optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.99))
    slower = optim.lr_scheduler.LambdaLR(adam, lambda t: rate(t, steps))
    way = [bits(model, X, Y)]
    for step in range(1, steps + 1):
        some = rng.choice(seen, BATCH)
        adam.zero_grad()
        loss(model, X[some], Y[some]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        slower.step()
        if step % EVERY == 0:
            way.append(bits(model, X, Y))
    return model, np.array(way), seen


def rate(t: int, steps: int) -> float:
    """It grows for 50 steps, then sinks along half a cosine, to a tenth."""
    return float(min(1, (t + 1) / 50) * (0.55 + 0.45 * np.cos(np.pi * t / steps)))


def make() -> None:
    """Train every variant, and store their ways and the whole one's weights."""
    stored: dict[str, Any] = {}
    for name, parts in VARIANTS.items():
        model, way, seen = train(parts)
        size = sum(p.data.size for p in model.parameters())
        print(f"{name:10} {size:6} parameters, {way[-1]:.4f} bits a character", flush=True)
        stored |= {f"way/{name}": way, f"size/{name}": size}
        if name == "whole":
            stored |= {f"weight/{key}": value for key, value in model.state_dict().items()}
            stored["seen"] = seen
            stored["drawn"] = np.array(
                [draw(model, DRAWN, T, np.random.default_rng(0)) for T in TEMPERATURES], np.uint8
            )
    np.savez_compressed(STORE, **stored)


@lru_cache
def store() -> dict[str, Any]:
    with np.load(STORE) as file:
        return dict(file)


@lru_cache
def trained() -> Transformer:
    """The whole model, with its stored weights."""
    model = Transformer(VARIANTS["whole"], np.random.default_rng(0))
    named = {k.removeprefix("weight/"): v for k, v in store().items() if k.startswith("weight/")}
    model.load_state_dict(named)
    return model


def draw(model: Transformer, n: int, T: float, generator: np.random.Generator) -> Ints:
    """n texts of 48 characters (n, 48), each character drawn from softmax(scores / T)."""
    ids = np.full((n, 1), ALPHABET.index("\n"))
    chances = generator.random((n, LENGTH))
    for place in range(LENGTH):
        with no_grad():
            z = model(ids).data[:, -1].astype(float)
        sums = np.cumsum(F.softmax(z / T, 1).data, axis=1)
        drawn = (sums <= chances[:, place, None]).sum(axis=1)
        ids = np.column_stack([ids, np.minimum(drawn, len(ALPHABET) - 1)])
    return ids[:, 1:]


def written(ids: Ints) -> list[str]:
    """The texts, each up to its first line end, if it has one."""
    texts = ["".join(ALPHABET[i] for i in row) for row in ids]
    return [text[: text.find("\n") + 1 or None] for text in texts]


if __name__ == "__main__":
    make()
