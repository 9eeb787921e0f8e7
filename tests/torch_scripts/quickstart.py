"""A first classifier: a dataset, a loader, a module, a loop, and what it got right."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

dtype = torch.float32
device = torch.device("cpu")
digits = load_digits()
X = torch.from_numpy(digits.data / 16).to(dtype)
y = torch.from_numpy(digits.target).long()
training_data = TensorDataset(X[:1280], y[:1280])
test_data = TensorDataset(X[1280:], y[1280:])
train_dataloader = DataLoader(training_data, batch_size=64)
test_dataloader = DataLoader(test_data, batch_size=64)


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(8 * 8, 32),
            nn.ReLU(inplace=True),
            nn.Linear(32, 32),
            nn.ReLU(),
            nn.Linear(32, 10),
        )

    def forward(self, x):
        x = self.flatten(x)
        return self.linear_relu_stack(x)


model = NeuralNetwork().to(device).to(dtype)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# train
losses = []
model.train()
for batch, (X, y) in enumerate(train_dataloader):
    X, y = X.to(device), y.to(device)
    pred = model(X)
    loss = loss_fn(pred, y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item())
    if (batch + 1) % 10 == 0:
        print(f"loss: {loss.item():>7f}  [{(batch + 1) * len(X):>5d}]")

model.eval()
size, test_loss, correct = len(test_dataloader.dataset), 0, 0
with torch.no_grad():
    for X, y in test_dataloader:
        pred = model(X)
        test_loss += loss_fn(pred, y).item()
        correct += (pred.argmax(1) == y).type(torch.float).sum().item()
losses += [test_loss / len(test_dataloader), correct / size]

classes = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
x, y = test_data[0][0], test_data[0][1]
with torch.no_grad():
    pred = model(x.unsqueeze(0))
    predicted, actual = classes[pred[0].argmax(0)], classes[y]
    print(f"predicted: {predicted}, actual: {actual}")
