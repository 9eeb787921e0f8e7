"""What came before: threshold units and perceptrons, linear models, boosting."""

from nnlib.classical.boosting import Stump, StumpBoosting
from nnlib.classical.discriminant import LinearDiscriminant, linear_discriminant
from nnlib.classical.features import polynomial_count, polynomial_features
from nnlib.classical.glm import LogisticRegression, PoissonRegression
from nnlib.classical.linear_model import Floats, Labels
from nnlib.classical.mark_one import MarkIPerceptron
from nnlib.classical.perceptron import (
    Perceptron,
    Step,
    heaviside,
    mcp,
    mistake_bound,
    perceptron_steps,
)
from nnlib.classical.regression import Lasso, LinearRegression, Ridge

__all__ = [
    "Floats", "Labels", "Lasso", "LinearDiscriminant", "LinearRegression", "LogisticRegression",
    "MarkIPerceptron", "Perceptron", "PoissonRegression", "Ridge", "Step", "Stump", "StumpBoosting",
    "heaviside", "linear_discriminant", "mcp", "mistake_bound", "perceptron_steps",
    "polynomial_count", "polynomial_features",
]  # fmt: skip
