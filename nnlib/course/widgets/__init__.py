"""Things to move: the course's widgets, and its quiz."""

from nnlib.course.widgets.backprop_stepper import backprop_stepper
from nnlib.course.widgets.batch_norm_lens import batch_norm_lens
from nnlib.course.widgets.dropout_masks import dropout_masks
from nnlib.course.widgets.dropout_triptych import dropout_triptych
from nnlib.course.widgets.init_robustness import init_robustness
from nnlib.course.widgets.layer_stepper import layer_stepper
from nnlib.course.widgets.momentum_map import momentum_map
from nnlib.course.widgets.neuron_boundary import neuron_boundary
from nnlib.course.widgets.optimizer_race import optimizer_race
from nnlib.course.widgets.path_counter import path_counter
from nnlib.course.widgets.perceptron_stepper import perceptron_stepper
from nnlib.course.widgets.playground import playground
from nnlib.course.widgets.quiz import Question, quiz
from nnlib.course.widgets.shape_counter import shape_counter
from nnlib.course.widgets.training_dashboard import training_dashboard

__all__ = [
    "Question",
    "backprop_stepper",
    "batch_norm_lens",
    "dropout_masks",
    "dropout_triptych",
    "init_robustness",
    "layer_stepper",
    "momentum_map",
    "neuron_boundary",
    "optimizer_race",
    "path_counter",
    "perceptron_stepper",
    "playground",
    "quiz",
    "shape_counter",
    "training_dashboard",
]
