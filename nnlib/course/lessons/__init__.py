"""The exercises of each lesson, in the lesson's order."""

from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from nnlib.course.kit.exercise import Exercise
from nnlib.course.lessons.lesson_01_neuron import neuron, perceptron
from nnlib.course.lessons.lesson_03_mlp import conventions, mlp, one_layer
from nnlib.course.lessons.lesson_10_optimizers import adam, escape, momentum, shrinking
from nnlib.course.lessons.lesson_11_backprop_on_graphs import (
    poke,
    program,
    reverse_mode,
    tanh_neuron,
)
from nnlib.course.lessons.lesson_12_backprop_in_networks import (
    linear_layer,
    network_gradients,
    network_training,
    tied_weights,
)
from nnlib.course.lessons.lesson_15_batch_normalization import (
    batch_norm,
    batch_norm_backward,
    folding,
    whitening,
)
from nnlib.course.lessons.lesson_17_dropout import committee, dropout, dropout_backward

LESSONS: dict[str, list[Exercise]] = {
    "01_neuron": [
        neuron.neuron,
        neuron.firing_patterns,
        perceptron.perceptron_fit,
        perceptron.logic_network,
    ],
    "03_mlp": [conventions.layer_from_book, one_layer.one_layer_at, mlp.mlp_forward],
    "10_optimizers": [
        momentum.momentum_step,
        shrinking.shrink_factors,
        adam.adam_step,
        escape.escape_time,
    ],
    "11_backprop_on_graphs": [
        poke.poke,
        reverse_mode.gradients,
        program.value_and_gradient,
        tanh_neuron.train_neuron,
    ],
    "12_backprop_in_networks": [
        network_gradients.softmax_ce,
        linear_layer.linear_backward,
        tied_weights.tied_backward,
        network_training.train_mlp,
    ],
    "15_batch_normalization": [
        batch_norm.batch_norm,
        batch_norm_backward.batch_norm_backward,
        whitening.whiten,
        folding.fold_batch_norm,
    ],
    "17_dropout": [dropout.dropout, dropout_backward.dropout_backward, committee.committee],
}

EXERCISES = {exercise.name: exercise for lesson in LESSONS.values() for exercise in lesson}


@cache
def _homes() -> dict[str, str]:
    """The folder of every module of a lesson, by the module's name."""
    files = sorted(Path(__file__).parent.glob("lesson_*/*.py"))
    return {file.stem: file.parent.name for file in files if file.stem != "__init__"}


def module_of(name: str) -> ModuleType | None:
    """The module of that name, from whichever lesson has it; imported now, and no other is."""
    folder = _homes().get(name)
    return import_module(f"{__name__}.{folder}.{name}") if folder else None
