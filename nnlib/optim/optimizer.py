"""What all optimizers share: groups of parameters, their options, and their state.

A step gives every parameter that has a gradient to the subclass's ``rule``. packing.py hands it
several small ones as one flat array; nothing else in this folder knows.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping
from inspect import signature
from typing import Any

import numpy as np

from nnlib.arguments import Function, Named, Unsupported, check_arguments, checked
from nnlib.engine import Array, Tensor
from nnlib.grad_mode import enable_grad
from nnlib.optim.packing import BLOCK, Run, arranged  # noqa: F401

__all__ = ["Optimizer"]

Group = dict[str, Any]  # "params", and the options that hold for them
State = dict[str, Any]  # what is remembered of a parameter: arrays of its shape, and numbers


class Optimizer:
    """Base class: a subclass's ``__init__`` names its options, its ``rule`` is the formula.

    ``param_groups``, ``state`` and ``state_dict`` are as in PyTorch, and options may come in one
    dict, so that a subclass may write a ``step`` of its own. Raises ValueError for options
    that are negative numbers, TypeError where ``params`` is no list of Tensors.

    >>> class SignDescent(Optimizer):
    ...     def __init__(self, params, lr=0.1):
    ...         super().__init__(params, lr=lr)
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

    state_numbers: Mapping[str, float] = {"step": 0}  # and where they start

    def __init__(self, params: Any, defaults: Named | None = None, **options: Any) -> None:
        listed = _listed(params)
        if not listed:
            raise ValueError(
                "params is empty: nothing to train, or a generator that was used before"
            )
        self.defaults = {**(defaults or {}), **options}
        self.param_groups: list[Group] = []
        self.state: dict[Tensor, State] = defaultdict(dict)
        self._runs: dict[int, tuple[Any, list[Run]]] = {}
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def state_arrays(self, group: Group) -> dict[str, float]:
        """The arrays kept per parameter, such as a velocity, and what they are filled with at first."""
        return {}

    def count_step(self, state: State, group: Group) -> None:
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
    def step(self, closure: Function | None = None) -> Tensor | None:
        """Change every parameter that has a gradient; one without is left alone."""
        # A closure needs gradients, also where the step itself is taken under no_grad.
        loss = enable_grad(closure)() if closure is not None else None
        for i, group in enumerate(self.param_groups):
            active = [p for p in group["params"] if p._grad is not None]
            for run in arranged(self, i, active, self.state_arrays(group)):
                run.update(self, group)
        return loss

    @checked
    def zero_grad(self, set_to_none: Unsupported = True) -> None:
        """Forget the gradients, before the next ``backward`` adds to them."""
        for group in self.param_groups:
            for p in group["params"]:
                p._grad = None

    @checked
    def add_param_group(self, group: Named) -> None:
        """Train more parameters, with options of their own: ``{"params": …, "lr": …}``."""
        named, known = signature(type(self)).parameters, self.defaults
        options: Group = {name: known[name] for name in known if name in named} | dict(group)
        check_arguments(type(self).__name__, type(self), [], options)
        new = self.defaults | options
        some = new["params"]
        new["params"] = params = [some] if isinstance(some, Tensor) else _listed(some)
        others = {p for g in self.param_groups for p in g["params"]}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf or p.dtype.kind != "f":
                message = "params must be Tensors of floats that no operation made"
                raise TypeError(f"{message}, not {p!r:.60}")
            if p in others:
                raise ValueError(f"a parameter of shape {p.shape} stands in the groups twice")
            others.add(p)
        self.check(new)
        self.param_groups.append(new)

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
        states: dict[Tensor, State] = defaultdict(dict)
        for group, new in zip(self.param_groups, state_dict["param_groups"], strict=True):
            known = {*group, "initial_lr"} & set(new) - {"params"}  # PyTorch's have a few more
            groups.append({**group, **{option: new[option] for option in known}})
            for i, p in zip(new["params"], group["params"], strict=True):
                if state_dict["state"].get(i):
                    states[p] = self._loaded(state_dict["state"][i], i, p, groups[-1])
        self.param_groups, self.state, self._runs = groups, states, {}

    def _loaded(self, given: Mapping[str, Any], i: int, p: Tensor, group: Group) -> State:
        """A copy of one parameter's state, in its dtype. PyTorch's SGD does not count its steps."""
        state: State = {name: type(n)(given.get(name, 1)) for name, n in self.state_numbers.items()}
        for name in self.state_arrays(group):
            if name not in given or np.shape(given[name]) != p.shape:
                raise ValueError(f"load_state_dict: parameter {i} has no {name} of shape {p.shape}")
            state[name] = np.asarray(given[name]).astype(p.dtype)
        return state

    def __getstate__(self) -> dict[str, Any]:
        """For copies: the state in ``_runs`` is one memory with that in ``state``, and must stay so."""
        return {**vars(self), "_runs": {}}


def gradient_with_decay(w: Array, g: Array, group: Group) -> Array:
    """∇L + λ w, the gradient of the loss with its penalty ½ λ ‖w‖²; −∇L in place of ∇L to climb"""
    g = -g if group["maximize"] else g
    return g + group["weight_decay"] * w if group["weight_decay"] else g


def _listed(params: Any) -> list[Any]:
    if isinstance(params, Tensor | str | Mapping) or not isinstance(params, Iterable):
        raise TypeError("params must be a list of Tensors: write model.parameters()")
    return list(params)
