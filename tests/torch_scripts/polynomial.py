"""A cubic fitted to a sine: by hand, by autograd, by nn and by a module of one's own."""

import math

import torch
from torch import nn

dtype = torch.float32
device = torch.device("cpu")
x = torch.linspace(-math.pi, math.pi, 2000, dtype=dtype, device=device)
y = torch.sin(x)


class Polynomial3(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.full((), 0.1))
        self.b = nn.Parameter(torch.full((), 0.2))
        self.c = nn.Parameter(torch.full((), -0.1))
        self.d = nn.Parameter(torch.full((), 0.3))

    def forward(self, x):
        return self.a + self.b * x + self.c * x**2 + self.d * x**3


model = Polynomial3().to(dtype)
p = torch.tensor([1, 2, 3])
xx = x.unsqueeze(-1).pow(p)
linear = nn.Sequential(nn.Linear(3, 1), nn.Flatten(0, 1)).to(dtype)

# train
losses = []
learning_rate = 1e-6
a = torch.full((), 0.5, device=device, dtype=dtype)
b = torch.full((), -0.3, device=device, dtype=dtype)
for _ in range(20):  # the gradient by hand
    y_pred = a + b * x
    loss = (y_pred - y).pow(2).sum().item()
    grad_y_pred = 2.0 * (y_pred - y)
    grad_a = grad_y_pred.sum()
    grad_b = (grad_y_pred * x).sum()
    a -= learning_rate * grad_a
    b -= learning_rate * grad_b
    losses.append(loss)

a = torch.full((), 0.5, device=device, dtype=dtype, requires_grad=True)
b = torch.full((), -0.3, device=device, dtype=dtype, requires_grad=True)
for _ in range(20):  # by autograd
    loss = (a + b * x - y).pow(2).sum()
    loss.backward()
    losses.append(loss.item())
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        a.grad = None
        b.grad = None

for _ in range(20):  # nn, and a step written out
    loss = nn.MSELoss(reduction="sum")(linear(xx), y)
    linear.zero_grad()
    loss.backward()
    losses.append(loss.item())
    with torch.no_grad():
        for param in linear.parameters():
            param -= learning_rate * param.grad

optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
for _ in range(20):  # a module of one's own, and an optimizer
    loss = nn.MSELoss(reduction="sum")(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
