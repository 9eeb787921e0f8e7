"""What came before: threshold units and perceptrons, linear models, boosting."""

from nnlib.classical.boosting import *
from nnlib.classical.discriminant import *
from nnlib.classical.glm import *
from nnlib.classical.linear_model import *
from nnlib.classical.perceptron import *
from nnlib.classical.regression import *
