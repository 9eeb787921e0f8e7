"""Waves continued by two LSTM cells, as the time series example has it."""

import numpy as np
import torch
from torch import nn, optim

dtype = torch.float32
T, L, N = 20, 40, 8
x = np.arange(L) + np.random.RandomState(2).randint(-4 * T, 4 * T, N).reshape(N, 1)
data = torch.from_numpy(np.sin(x / 1.0 / T)).to(dtype)
input = data[2:, :-1]
target = data[2:, 1:]


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 12)
        self.lstm2 = nn.LSTMCell(12, 12)
        self.linear = nn.Linear(12, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 12, dtype=dtype)
        c_t = torch.zeros(input.size(0), 12, dtype=dtype)
        h_t2 = torch.zeros(input.size(0), 12, dtype=dtype)
        c_t2 = torch.zeros(input.size(0), 12, dtype=dtype)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        for _ in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        return torch.cat(outputs, dim=1)


seq = Sequence().to(dtype)
criterion = nn.MSELoss()
optimizer = optim.Adam(seq.parameters(), lr=0.01)

# train
losses = []
for _ in range(20):
    optimizer.zero_grad()
    out = seq(input)
    loss = criterion(out, target)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
with torch.no_grad():
    pred = seq(data[:2, :-1], future=10)
    losses.append(criterion(pred[:, :-10], data[:2, 1:]).item())
    losses += pred.detach().numpy()[0, -3:].tolist()
