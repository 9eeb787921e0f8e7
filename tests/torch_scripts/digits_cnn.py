"""A convolutional network on 8 × 8 digits, as MNIST's example has it."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, Dataset, Subset

dtype = torch.float32
use_cuda = False
device = torch.device("cuda" if use_cuda else "cpu")


class Digits(Dataset):
    def __init__(self):
        digits = load_digits()
        self.images = torch.from_numpy(digits.images / 16).to(dtype).unsqueeze(1)
        self.labels = torch.from_numpy(digits.target).long()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.images[index], self.labels[index]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, 1, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, 1)
        self.dropout1 = nn.Dropout(0.0)
        self.fc1 = nn.Linear(144, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = F.relu(x)
        x = self.conv2(x)
        x = F.relu(x)
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = self.fc1(x)
        x = F.relu(x)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


torch.manual_seed(1)
dataset = Digits()
train_loader = DataLoader(Subset(dataset, range(320)), batch_size=16, num_workers=0)
test_loader = DataLoader(Subset(dataset, range(320, 480)), batch_size=80, pin_memory=False)
model = Net().to(device, dtype)
optimizer = optim.Adadelta(model.parameters(), lr=1.0)
scheduler = StepLR(optimizer, step_size=1, gamma=0.7)

# train
losses = []
model.train()
for _batch_idx, (data, target) in enumerate(train_loader):
    data, target = data.to(device, non_blocking=True), target.to(device)
    optimizer.zero_grad()
    output = model(data)
    loss = F.nll_loss(output, target)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
scheduler.step()

model.eval()
test_loss = 0
correct = 0
with torch.no_grad():
    for data, target in test_loader:
        output = model(data)
        test_loss += F.nll_loss(output, target, reduction="sum").item()
        pred = output.argmax(dim=1, keepdim=True)
        correct += pred.eq(target.view_as(pred)).sum().item()
losses += [test_loss / len(test_loader.dataset), correct / len(test_loader.dataset)]
