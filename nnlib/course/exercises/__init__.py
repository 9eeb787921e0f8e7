"""The exercises of each lesson, in the lesson's order."""

from nnlib.course.exercises import neuron, perceptron
from nnlib.course.exercises.specification import Exercise

LESSONS: dict[str, list[Exercise]] = {
    "01_neuron": [
        neuron.neuron,
        neuron.firing_patterns,
        perceptron.perceptron_fit,
        perceptron.logic_network,
    ],
}

EXERCISES = {exercise.name: exercise for lesson in LESSONS.values() for exercise in lesson}
