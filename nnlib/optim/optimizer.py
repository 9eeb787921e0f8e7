"""What all optimizers share: groups of parameters, their state, and how a step walks them.

A step costs more in Python than in arithmetic when a network has many small parameters. So small
parameters are gathered into one flat array, the rule runs once, and the result is put back; large
parameters are updated where they stand, in blocks that fit the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor

__all__ = ["Optimizer"]

BLOCK = 16384  # entries: a few such float32 arrays fit a second-level cache


class Optimizer:
    """Base class: a subclass names its ``slots`` and writes its ``rule``.

    ``slots`` are the arrays kept per parameter, such as a velocity. ``rule(w, g, state, step,
    group)`` changes the flat array ``w`` and the state in place, and leaves the gradient ``g`` as it
    is; ``step`` counts from 1. ``param_groups``, ``state`` and ``state_dict`` are as in PyTorch.
    """

    slots: tuple[str, ...] = ()

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Tensor, dict[str, Any]] = {}
        self._runs: list[tuple[list[Any], list[_Run]]] = []
        if isinstance(params, Tensor) or not isinstance(params, Iterable):
            raise TypeError("params must be a list of Tensors: write model.parameters()")
        given = list(params)
        if not given:
            raise ValueError("params is empty: there is nothing to train")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def rule(
        self, w: Array, g: Array, state: dict[str, Array], step: int, group: dict[str, Any]
    ) -> None:
        raise NotImplementedError

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Train more parameters, with options of their own: ``{"params": …, "lr": …}``."""
        if "params" not in group:
            raise ValueError(f"a group needs 'params', a list of Tensors; it has {sorted(group)}")
        unknown = set(group) - set(self.defaults) - {"params"}
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {sorted(unknown)}")
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(p) for g in self.param_groups for p in g["params"]}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf:
                raise TypeError(f"params must be Tensors that no operation made, not {p!r:.60}")
            if id(p) in known:
                raise ValueError(f"a parameter of shape {p.shape} stands in the groups twice")
            known.add(id(p))
        group = {**self.defaults, **group, "params": params}
        self.check(group)
        self.param_groups.append(group)
        self._runs.append(([], []))

    def check(self, group: dict[str, Any]) -> None:
        """Raise ValueError for options out of range."""

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, before the next ``backward`` adds to them."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad[...] = 0

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Change every parameter that has a gradient; one without is left alone."""
        loss = closure() if closure is not None else None
        for i, group in enumerate(self.param_groups):
            for run in self._current_runs(i, group["params"]):
                run.update(self.rule, group)
        return loss

    def _current_runs(self, i: int, params: list[Tensor]) -> list[_Run]:
        """The runs of last time, unless other parameters have gradients now."""
        active = [p for p in params if p.grad is not None]
        key = [(id(p), p._data.dtype) for p in active]
        before, runs = self._runs[i]
        if key != before:
            runs = self._arrange(active)
            self._runs[i] = key, runs
        return runs

    def _arrange(self, params: list[Tensor]) -> list[_Run]:
        together: dict[Any, list[Tensor]] = {}
        for p in params:
            state = self.state.setdefault(p, {"step": 0})
            alone = id(p) if p.data.size >= BLOCK else None
            together.setdefault((alone, p.dtype, state["step"]), []).append(p)
        return [_Run(ps, self.slots, self.state) for ps in together.values()]

    def state_dict(self) -> dict[str, Any]:
        """Copies of options and state, with parameters counted through, as in PyTorch."""
        params = [p for group in self.param_groups for p in group["params"]]
        number = {id(p): i for i, p in enumerate(params)}
        groups = [
            {**group, "params": [number[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        state = {
            number[id(p)]: {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in s.items()}
            for p, s in self.state.items()
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the optimizer that gave ``state_dict`` stood."""
        groups = state_dict["param_groups"]
        sizes = [len(g["params"]) for g in groups]
        own = [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(f"load_state_dict: groups of {sizes} parameters, expected {own}")
        params = [p for group in self.param_groups for p in group["params"]]
        for i, state in state_dict["state"].items():
            for slot in self.slots:
                if np.shape(state[slot]) != params[i].shape:
                    raise ValueError(f"load_state_dict: {slot} {i} has shape {state[slot].shape}")
        for group, new in zip(self.param_groups, groups, strict=True):
            group.update({k: v for k, v in new.items() if k != "params"})
        self.state = {params[i]: dict(state) for i, state in state_dict["state"].items()}
        self._runs = [([], []) for _ in groups]

    def __repr__(self) -> str:
        groups = [{k: v for k, v in g.items() if k != "params"} for g in self.param_groups]
        return f"{type(self).__name__}({', '.join(map(str, groups))})"


class _Run:
    """Parameters that are updated as one flat array, and their state in flat arrays.

    What ``Optimizer.state`` holds of a parameter are views into these.
    """

    def __init__(
        self, params: list[Tensor], slots: tuple[str, ...], state: dict[Tensor, dict[str, Any]]
    ) -> None:
        ends = np.cumsum([p.data.size for p in params])
        self.places = [
            (p, slice(end - p.data.size, end)) for p, end in zip(params, ends, strict=True)
        ]
        self.entries = [state[p] for p in params]
        size, dtype = int(ends[-1]), params[0].dtype
        self.flat = {name: np.zeros(size, dtype) for name in slots}
        for p, place in self.places:
            for name in slots:
                view = self.flat[name][place].reshape(p.shape)
                view[...] = state[p].get(name, 0)
                state[p][name] = view
        self.alone = params[0] if len(params) == 1 else None

    def update(self, rule: Callable[..., None], group: dict[str, Any]) -> None:
        step = self.entries[0]["step"] + 1
        if self.alone is not None and self.alone.data.flags.c_contiguous:
            for w, g, state in self._blocks(self.alone):
                rule(w, g, state, step, group)
            self.alone._changed()
        else:
            w = np.concatenate([p._data.reshape(-1) for p, _ in self.places])
            g = np.concatenate([p.grad.reshape(-1) for p, _ in self.places])  # type: ignore[union-attr]
            rule(w, g, self.flat, step, group)
            for p, place in self.places:
                p._data[...] = w[place].reshape(p.shape)
                p._changed()
        for entry in self.entries:
            entry["step"] = step

    def _blocks(self, p: Tensor) -> Iterator[tuple[Array, Array, dict[str, Array]]]:
        """A large parameter where it stands, piece by piece."""
        assert p.grad is not None
        w, g = p.data.reshape(-1), p.grad.reshape(-1)
        for start in range(0, w.size, BLOCK):
            part = slice(start, start + BLOCK)
            yield w[part], g[part], {name: flat[part] for name, flat in self.flat.items()}
