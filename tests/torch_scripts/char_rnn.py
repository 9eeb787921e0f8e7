"""Names told apart by a recurrent network over their letters, one at a time."""

import string

import torch
from torch import nn

dtype = torch.float32
all_letters = string.ascii_letters + " .,;'"
n_letters = len(all_letters)
all_categories = ["Italian", "Scottish", "Japanese"]
names = {
    "Italian": ["Abandonato", "Bellini", "Castellano", "Ferrari", "Moretti"],
    "Scottish": ["Campbell", "Macdonald", "Stewart", "Murray", "Reid"],
    "Japanese": ["Tanaka", "Watanabe", "Kobayashi", "Yamamoto", "Sato"],
}


def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, n_letters, dtype=dtype)
    for li, letter in enumerate(line):
        tensor[li][0][all_letters.find(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
        output = self.softmax(self.h2o(hidden))
        return output, hidden

    def init_hidden(self):
        return torch.zeros(1, self.hidden_size, dtype=dtype)


rnn = RNN(n_letters, 16, len(all_categories)).to(dtype)
criterion = nn.NLLLoss()
learning_rate = 0.05

# train
losses = []
guesses = []
for step in range(20):
    category = all_categories[step % 3]
    line = names[category][step % 5]
    category_tensor = torch.tensor([all_categories.index(category)], dtype=torch.long)
    line_tensor = line_to_tensor(line)
    hidden = rnn.init_hidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    with torch.no_grad():
        for p in rnn.parameters():
            p.add_(p.grad, alpha=-learning_rate)
    losses.append(loss.item())
    top_n, top_i = output.topk(1)
    guesses.append(all_categories[top_i[0].item()])
losses.append(len(set(guesses)))
