"""How a step stays quick: small parameters are gathered into one flat array, the rule runs once.

A step costs more in Python than in arithmetic when a network has many small parameters. A large
parameter is updated where it stands. Both go in blocks that fit the processor's cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib.engine import Array, Tensor

if TYPE_CHECKING:
    from nnlib.optim.optimizer import Group, Optimizer

BLOCK = 16384  # entries: a few such float32 arrays fit a second-level cache


def arranged(
    optimizer: Optimizer, number: int, active: list[Tensor], start: dict[str, float]
) -> list[Run]:
    """The runs of a group's parameters; those of the last step, if they are the same parameters."""
    key = [start.keys(), *[(id(p), p._data.dtype) for p in active]]
    before, runs = optimizer._runs.get(number, (None, []))
    if key != before:
        runs = _arrange(optimizer, active, start)
        optimizer._runs[number] = key, runs
    return runs


def _arrange(optimizer: Optimizer, params: list[Tensor], start: dict[str, float]) -> list[Run]:
    """Parameters that can share a run: small ones of one dtype that have come equally far."""
    together: dict[Any, list[Tensor]] = {}
    for p in params:
        state = optimizer.state.setdefault(p, dict(optimizer.state_numbers))
        alone = id(p) if p.data.size >= BLOCK else None
        numbers = tuple(state[name] for name in optimizer.state_numbers)
        together.setdefault((alone, p.dtype, numbers), []).append(p)
    return [Run(ps, optimizer, start) for ps in together.values()]


class Run:
    """Parameters that are updated as one flat array, and their state in flat arrays.

    What ``Optimizer.state`` holds of a parameter are views into these.
    """

    def __init__(self, params: list[Tensor], optimizer: Optimizer, start: dict[str, float]) -> None:
        ends = np.cumsum([p.data.size for p in params]).tolist()
        size, dtype = ends[-1], params[0].dtype

        def parts(flat: Array) -> list[Array]:
            places = zip(params, ends, strict=True)
            return [flat[end - p.data.size : end].reshape(p.shape) for p, end in places]

        self.params, self.states = params, [optimizer.state[p] for p in params]
        self.numbers = {name: self.states[0][name] for name in optimizer.state_numbers}
        arrays = {name: np.empty(size, dtype) for name in start}
        for name, flat in arrays.items():
            for state, view in zip(self.states, parts(flat), strict=True):
                view[...] = state.get(name, start[name])
                state[name] = view
        cuts = [slice(begin, begin + BLOCK) for begin in range(0, size, BLOCK)]
        self.blocks = [(cut, {name: flat[cut] for name, flat in arrays.items()}) for cut in cuts]
        self.gathered: list[tuple[Tensor, Array, Array]] = []
        if len(params) > 1:
            self.w, self.g = np.empty(size, dtype), np.empty(size, dtype)
            self.gathered = list(zip(params, parts(self.w), parts(self.g), strict=True))

    def update(self, optimizer: Optimizer, group: Group) -> None:
        optimizer.count_step(self.numbers, group)
        if self.gathered:
            w, g = self.w, self.g
            for p, its_w, its_g in self.gathered:
                its_w[...], its_g[...] = p._data, p._grad
        else:
            p = self.params[0]
            assert p.grad is not None
            w, g = p._data.reshape(-1), p.grad.reshape(-1)  # not copied if stored row by row
        for cut, arrays in self.blocks:
            optimizer.rule(w[cut], g[cut], self.numbers | arrays, group)
        for p, its_w, _ in self.gathered:
            p._data[...] = its_w
        if not self.gathered and not p._data.flags.c_contiguous:
            p._data[...] = w.reshape(p.shape)
        for p, state in zip(self.params, self.states, strict=True):
            p._changed()
            state.update(self.numbers)
