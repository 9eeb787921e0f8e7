"""Things to move: the course's widgets, and its quiz."""

from nnlib.course.widgets.neuron_boundary import neuron_boundary
from nnlib.course.widgets.perceptron_stepper import perceptron_stepper
from nnlib.course.widgets.quiz import Question, quiz

__all__ = ["Question", "neuron_boundary", "perceptron_stepper", "quiz"]
