"""What a student would pick instead: MyGrad, and scikit-learn's MLPClassifier."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from benchmarks.networks import ROWS, Row, Step, mlp, ours

ROW = ROWS[1]  # 64-64-10
BATCHES = 50


def mygrad() -> tuple[Step, Step]:
    """MyGrad has no optimizers: plain gradient descent on both sides."""
    import mygrad as mg
    from mygrad.nnet.losses import softmax_crossentropy

    from nnlib import nn, optim

    x, y = ROW.batch()
    model = mlp(64, 64, 10)(nn)
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def mine() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    V, b, W, c = params = [mg.tensor(p.data.T.copy()) for p in model.parameters()]

    def other() -> None:
        h = mg.maximum(mg.matmul(x, V) + b, 0)
        softmax_crossentropy(mg.matmul(h, W) + c, y).backward()
        for p in params:
            p.data -= 0.01 * p.grad

    return mine, other


def scikit_learn() -> tuple[Step, Step]:
    """An epoch of many batches, so that what `fit` does once hardly counts; Adam on both sides."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what is asked for
    n = ROW.shape[0]
    x, y = Row("", ROW.build, (n * BATCHES, 64), 10, 0).batch()
    _, step = ours(ROW)
    other = MLPClassifier((64,), alpha=0, batch_size=n, max_iter=1, shuffle=False)

    def mine() -> None:
        for _ in range(BATCHES):
            step()

    return mine, lambda: other.fit(x, y)


PEERS: dict[str, tuple[Callable[[], tuple[Step, Step]], float]] = {
    "MyGrad 64-64-10, SGD": (mygrad, 0.5),
    f"MLPClassifier, {BATCHES} steps": (scikit_learn, 0.5),
}
