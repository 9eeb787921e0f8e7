"""What all optimizers share: groups of parameters, their state, and how a step walks them.

A step costs more in Python than in arithmetic when a network has many small parameters. So small
parameters are gathered into one flat array, the rule runs once, and the result is put back; a large
parameter is updated where it stands. Both go in blocks that fit the processor's cache.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Any

import numpy as np

from nnlib.checking import PLAIN, Function, Kind, Named, arguments, as_in_torch, checked
from nnlib.engine import Array, Tensor

__all__ = ["Optimizer"]

BLOCK = 16384  # entries: a few such float32 arrays fit a second-level cache

KINDS = {"alpha": "Share", "rho": "Share"}  # what an option may be, if it is no number from 0
LEFT_OUT = {"foreach", "fused", "capturable", "differentiable"}  # PyTorch's that we do not offer

Options = Mapping[str, Any]
Group = dict[str, Any]  # "params", and the options that hold for them
State = dict[str, Any]  # what is remembered of a parameter: arrays of its shape, and numbers


def table(**defaults: Any) -> Options:
    """Options with their defaults, in the order in which they can be given."""
    return MappingProxyType(defaults)


def parameters(options: Options, by: Any = Parameter.POSITIONAL_OR_KEYWORD) -> Iterator[Parameter]:
    """The options as arguments of a constructor; what else each may be goes by its default."""
    for name, default in options.items():
        kind: Any = {int: "NotNegative", float: "NotNegative", bool: "bool"}.get(type(default))
        if kind is None or name in LEFT_OUT:
            kind = Parameter.empty
        yield Parameter(name, by, default=default, annotation=KINDS.get(name, kind))


class Optimizer:
    """Base class: a subclass lists its ``options`` and writes its ``rule``.

    ``param_groups``, ``state`` and ``state_dict`` are as in PyTorch. Raises ValueError for options
    that are negative numbers, TypeError where ``params`` is no list of Tensors.

    >>> class SignDescent(Optimizer):
    ...     options = {"lr": 0.1}
    ...
    ...     def rule(self, w, g, state, group):
    ...         w -= group["lr"] * np.sign(g)
    >>> w = Tensor([1.0, 1.0], requires_grad=True)
    >>> optimizer = SignDescent([w], lr=0.5)
    >>> (w * np.array([5.0, -0.01], np.float32)).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data
    array([0.5, 1.5], dtype=float32)
    """

    options = table()
    keywords = table()  # options that are given by name only
    counters = table(step=0)  # numbers in the state, and where they start
    __signature__: Signature

    def __init_subclass__(cls) -> None:
        params = Parameter("params", Parameter.POSITIONAL_OR_KEYWORD)
        by_name = parameters(cls.keywords, Parameter.KEYWORD_ONLY)
        cls.__signature__ = Signature([params, *parameters(cls.options), *by_name])

    def __init__(self, *args: Any, **options: Any) -> None:
        given = arguments(type(self).__name__, self.__signature__, args, options)
        listed = _listed(given.pop("params"))
        if not listed:
            raise ValueError("params is empty: there is nothing to train")
        offered = {**self.options, **self.keywords}.items()
        self.defaults = {k: v for k, v in offered if k not in LEFT_OUT} | given
        self.param_groups: list[Group] = []
        self.state: dict[Tensor, State] = {}
        self._runs: dict[int, tuple[list[Any], list[_Run]]] = {}
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
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

    def check(self, group: Group) -> None:
        """Raise TypeError or ValueError for options that do not go together."""

    @checked
    def add_param_group(self, group: Named) -> None:
        """Train more parameters, with options of their own: ``{"params": …, "lr": …}``."""
        group = self.defaults | arguments(type(self).__name__, self.__signature__, (), group)
        given = group["params"]
        group["params"] = params = [given] if isinstance(given, Tensor) else _listed(given)
        known = {p for g in self.param_groups for p in g["params"]}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf or p.dtype.kind != "f":
                words = "must be Tensors of floats that no operation made"
                raise TypeError(f"params {words}, not {p!r:.60}")
            if p in known:
                raise ValueError(f"a parameter of shape {p.shape} stands in the groups twice")
            known.add(p)
        self.check(group)
        self.param_groups.append(group)

    @as_in_torch("self set_to_none")
    def zero_grad(self) -> None:
        """Forget the gradients, before the next ``backward`` adds to them."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

    @checked
    def step(self, closure: Function | None = None) -> Tensor | None:
        """Change every parameter that has a gradient; one without is left alone."""
        loss = closure() if closure is not None else None
        for i, group in enumerate(self.param_groups):
            slots = self.slots(group)
            active = [p for p in group["params"] if p.grad is not None]
            key = [slots.keys(), *[(id(p), p._data.dtype) for p in active]]
            before, runs = self._runs.get(i, (None, []))
            if key != before:  # other parameters than last time, or other slots
                runs = self._arrange(active, slots)
                self._runs[i] = key, runs
            for run in runs:
                run.update(self, group)
        return loss

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
        return [_Run(ps, self, slots) for ps in together.values()]

    def state_dict(self) -> dict[str, Any]:
        """Copies of options and state, with parameters counted through, as in PyTorch."""
        number = {p: i for i, p in enumerate(p for g in self.param_groups for p in g["params"])}
        groups = [{**g, "params": [number[p] for p in g["params"]]} for g in self.param_groups]
        state = {number[p]: copy.deepcopy(s) for p, s in self.state.items()}
        return {"state": state, "param_groups": groups}

    @checked
    def load_state_dict(self, state_dict: Named) -> None:
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
            for i, p in zip(new["params"], group["params"], strict=True):
                if state_dict["state"].get(i):
                    states[p] = self._loaded(state_dict["state"][i], i, p, groups[-1])
        self.param_groups, self.state, self._runs = groups, states, {}

    def _loaded(self, given: Mapping[str, Any], i: int, p: Tensor, group: Group) -> State:
        """A copy of one parameter's state, in its dtype. PyTorch's SGD does not count its steps."""
        state: State = {name: type(n)(given.get(name, 1)) for name, n in self.counters.items()}
        for slot in self.slots(group):
            if slot not in given or np.shape(given[slot]) != p.shape:
                raise ValueError(f"load_state_dict: parameter {i} has no {slot} of shape {p.shape}")
            state[slot] = np.asarray(given[slot]).astype(p.dtype)
        return state

    def __getstate__(self) -> dict[str, Any]:
        """For copies: the state in ``_runs`` is one memory with that in ``state``, and must stay so."""
        return {**vars(self), "_runs": {}}


PLAIN["Optimizer"] = Kind("an optimizer", (Optimizer,))


class _Run:
    """Parameters that are updated as one flat array, and their state in flat arrays.

    What ``Optimizer.state`` holds of a parameter are views into these.
    """

    def __init__(self, params: list[Tensor], optimizer: Optimizer, slots: dict[str, float]) -> None:
        ends = np.cumsum([p.data.size for p in params]).tolist()
        size, dtype = ends[-1], params[0].dtype

        def parts(flat: Array) -> list[Array]:
            places = zip(params, ends, strict=True)
            return [flat[end - p.data.size : end].reshape(p.shape) for p, end in places]

        self.params, self.states = params, [optimizer.state[p] for p in params]
        self.numbers = {name: self.states[0][name] for name in optimizer.counters}
        arrays = {slot: np.empty(size, dtype) for slot in slots}
        for slot, flat in arrays.items():
            for state, view in zip(self.states, parts(flat), strict=True):
                view[...] = state.get(slot, slots[slot])
                state[slot] = view
        cuts = [slice(start, start + BLOCK) for start in range(0, size, BLOCK)]
        self.blocks = [(cut, {slot: flat[cut] for slot, flat in arrays.items()}) for cut in cuts]
        self.gathered: list[tuple[Tensor, Array, Array]] = []
        if len(params) > 1:
            self.w, self.g = np.empty(size, dtype), np.empty(size, dtype)
            self.gathered = list(zip(params, parts(self.w), parts(self.g), strict=True))

    def update(self, optimizer: Optimizer, group: Group) -> None:
        optimizer.advance(self.numbers, group)
        if self.gathered:
            w, g = self.w, self.g
            for p, its_w, its_g in self.gathered:
                its_w[...], its_g[...] = p._data, p.grad
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


def descent(w: Array, g: Array, group: Group) -> Array:
    """∇L + λ w, the gradient of the loss with its penalty ½ λ ‖w‖²; −∇L in place of ∇L to climb"""
    g = -g if group["maximize"] else g
    return g + group["weight_decay"] * w if group["weight_decay"] else g


def _listed(params: Any) -> list[Any]:
    if isinstance(params, Tensor | str | Mapping) or not isinstance(params, Iterable):
        raise TypeError("params must be a list of Tensors: write model.parameters()")
    return list(params)
