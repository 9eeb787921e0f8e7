"""What all optimizers share: groups of parameters, their state, and how a step walks them.

A step costs more in Python than in arithmetic when a network has many small parameters. So small
parameters are gathered into one flat array, the rule runs once, and the result is put back; large
parameters are updated where they stand, in blocks that fit the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor
from nnlib.nn.checking import not_negative

__all__ = ["Optimizer"]

BLOCK = 16384  # entries: a few such float32 arrays fit a second-level cache

Group = dict[str, Any]  # "params", and the options that hold for them
State = dict[str, Any]  # what is remembered of a parameter: arrays of its shape, and numbers


class Optimizer:
    """Base class: a subclass names its ``slots`` and writes its ``rule``.

    ``param_groups``, ``state`` and ``state_dict`` are as in PyTorch.
    """

    not_negative: tuple[str, ...] = ("lr", "weight_decay")  # options that must be numbers from 0
    counters: State = {"step": 0}  # noqa: RUF012  (numbers in the state, and where they start)

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self.state: dict[Tensor, State] = {}
        self._runs: list[tuple[list[Any], list[_Run]]] = []
        given = _listed(params)
        if not given:
            raise ValueError("params is empty: there is nothing to train")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def slots(self, group: Group) -> dict[str, float]:
        """The arrays kept per parameter, such as a velocity, and what they are filled with at first."""
        return {}

    def advance(self, state: State, group: Group) -> None:
        """Move the numbers in the state to the step that is about to be taken."""
        state["step"] += 1

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        """The formula: change the flat array ``w`` and the state in place, and leave ``g`` as it is.

        ``state["step"]`` is t, counted from 1.
        """
        raise NotImplementedError

    def add_param_group(self, group: Group) -> None:
        """Train more parameters, with options of their own: ``{"params": …, "lr": …}``."""
        if not isinstance(group, dict) or "params" not in group:
            raise ValueError(f"a group needs 'params', a list of Tensors; it is {group!r:.60}")
        unknown = set(group) - set(self.defaults) - {"params"}
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {sorted(unknown)}")
        given = group["params"]
        params = [given] if isinstance(given, Tensor) else _listed(given)
        known = {id(p) for g in self.param_groups for p in g["params"]}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf:
                raise TypeError(f"params must be Tensors that no operation made, not {p!r:.60}")
            if p.dtype.kind != "f":
                raise TypeError(f"params must hold floats, not {p.dtype}")
            if id(p) in known:
                raise ValueError(f"a parameter of shape {p.shape} stands in the groups twice")
            known.add(id(p))
        group = {**self.defaults, **group, "params": params}
        self.check(group)
        self.param_groups.append(group)
        self._runs.append(([], []))

    def check(self, group: Group) -> None:
        """Raise TypeError or ValueError for options that cannot be."""
        options = {option: group[option] for option in self.not_negative}
        not_negative(type(self).__name__, **options)

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
            for run in self._current_runs(i, group):
                run.update(self, group)
        return loss

    def _current_runs(self, i: int, group: Group) -> list[_Run]:
        """The runs of last time, unless other parameters have gradients now."""
        slots = self.slots(group)
        active = [p for p in group["params"] if p.grad is not None]
        key = [slots.keys(), *[(id(p), p._data.dtype) for p in active]]
        before, runs = self._runs[i]
        if key != before:
            runs = self._arrange(active, slots)
            self._runs[i] = key, runs
        return runs

    def _arrange(self, params: list[Tensor], slots: dict[str, float]) -> list[_Run]:
        """Parameters that can share a run: small ones of one dtype that have come equally far."""
        together: dict[Any, list[Tensor]] = {}
        for p in params:
            if p.grad is not None and p.grad.shape != p.shape:
                raise ValueError(f"step: a parameter {p.shape} has a gradient {p.grad.shape}")
            state = self.state.setdefault(p, dict(self.counters))
            alone = id(p) if p.data.size >= BLOCK else None
            numbers = tuple(state[name] for name in self.counters)
            together.setdefault((alone, p.dtype, numbers), []).append(p)
        return [
            _Run(ps, [self.state[p] for p in ps], self.counters, slots) for ps in together.values()
        ]

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

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where the optimizer that gave ``state_dict`` stood; PyTorch's will do as well.

        Raises ValueError where it belongs to other parameters or another kind of optimizer; then
        nothing has been changed.
        """
        if not {"state", "param_groups"} <= set(state_dict):
            raise ValueError("load_state_dict: this is not what an optimizer's state_dict() gives")
        sizes = [len(group["params"]) for group in state_dict["param_groups"]]
        own = [len(group["params"]) for group in self.param_groups]
        if sizes != own:
            raise ValueError(f"load_state_dict: groups of {sizes} parameters, expected {own}")
        groups: list[Group] = []
        states: dict[Tensor, State] = {}
        for group, new in zip(self.param_groups, state_dict["param_groups"], strict=True):
            known = {*self.defaults, "initial_lr"} & set(new)  # PyTorch's have a few more
            groups.append({**group, **{option: new[option] for option in known}})
            self.check(groups[-1])
            for i, p in zip(new["params"], group["params"], strict=True):
                if state_dict["state"].get(i):
                    states[p] = self._loaded(state_dict["state"][i], i, p, groups[-1])
        self.param_groups, self.state = groups, states
        self._runs = [([], []) for _ in groups]

    def _loaded(self, given: Mapping[str, Any], i: int, p: Tensor, group: Group) -> State:
        """A copy of one parameter's state, in its dtype. PyTorch's SGD does not count its steps."""
        state: State = {name: type(n)(given.get(name, 1)) for name, n in self.counters.items()}
        for slot in self.slots(group):
            if slot not in given:
                raise ValueError(
                    f"load_state_dict: parameter {i} has no {slot}; was this saved by an optimizer "
                    f"other than {type(self).__name__}?"
                )
            state[slot] = np.asarray(given[slot]).astype(p.dtype)
            if state[slot].shape != p.shape:
                raise ValueError(
                    f"load_state_dict: {slot} {i} has shape {state[slot].shape}, but the parameter "
                    f"has {p.shape}"
                )
        return state

    def __repr__(self) -> str:
        groups = [{k: v for k, v in g.items() if k != "params"} for g in self.param_groups]
        return f"{type(self).__name__}({', '.join(map(str, groups))})"


class _Run:
    """Parameters that are updated as one flat array, and their state in flat arrays.

    What ``Optimizer.state`` holds of a parameter are views into these.
    """

    def __init__(
        self,
        params: list[Tensor],
        states: list[State],
        counters: Iterable[str],
        slots: dict[str, float],
    ) -> None:
        ends = np.cumsum([p.data.size for p in params]).tolist()
        size, dtype = ends[-1], params[0].dtype
        places = [slice(end - p.data.size, end) for p, end in zip(params, ends, strict=True)]

        def parts(flat: Array) -> list[Array]:
            return [flat[at].reshape(p.shape) for p, at in zip(params, places, strict=True)]

        self.params, self.states = params, states
        self.numbers = {name: states[0][name] for name in counters}
        self.arrays = {slot: np.empty(size, dtype) for slot in slots}
        for slot, flat in self.arrays.items():
            for state, view in zip(states, parts(flat), strict=True):
                view[...] = state.get(slot, slots[slot])
                state[slot] = view
        self.alone = len(params) == 1 and size >= BLOCK
        if not self.alone:
            self.w, self.g = np.empty(size, dtype), np.empty(size, dtype)
            self.places = list(zip(params, parts(self.w), parts(self.g), strict=True))

    def update(self, optimizer: Optimizer, group: Group) -> None:
        optimizer.advance(self.numbers, group)
        if self.alone:
            self._where_it_stands(optimizer, group)
        else:
            self._gathered(optimizer, group)
        for p, state in zip(self.params, self.states, strict=True):
            p._changed()
            state.update(self.numbers)

    def _gathered(self, optimizer: Optimizer, group: Group) -> None:
        for p, w, g in self.places:
            w[...], g[...] = p._data, p.grad
        optimizer.rule(self.w, self.g, self.numbers | self.arrays, group)
        for p, w, _ in self.places:
            p._data[...] = w

    def _where_it_stands(self, optimizer: Optimizer, group: Group) -> None:
        """A large parameter, piece by piece."""
        p = self.params[0]
        assert p.grad is not None
        w, g = p._data.reshape(-1), p.grad.reshape(-1)  # not copied if stored row by row
        for start in range(0, w.size, BLOCK):
            part = slice(start, start + BLOCK)
            arrays = {slot: flat[part] for slot, flat in self.arrays.items()}
            optimizer.rule(w[part], g[part], self.numbers | arrays, group)
        if not p._data.flags.c_contiguous:
            p._data[...] = w.reshape(p.shape)


def descent(w: Array, g: Array, group: Group) -> Array:
    """∇L + λ w, the gradient of the loss with its penalty ½ λ ‖w‖²; −∇L in place of ∇L to climb"""
    if group["maximize"]:
        g = -g
    return g + group["weight_decay"] * w if group["weight_decay"] else g


def _listed(params: Any) -> list[Any]:
    if isinstance(params, Tensor | str | Mapping) or not isinstance(params, Iterable):
        raise TypeError("params must be a list of Tensors: write model.parameters()")
    return list(params)
