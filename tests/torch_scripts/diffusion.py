"""Noise taken from the digits step by step: a small U-shaped network that predicts the noise."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

dtype = torch.float32
T = 50
betas = torch.linspace(1e-4, 0.1, T, dtype=dtype)
alphas = 1.0 - betas
alphas_cumprod = torch.cumprod(alphas, dim=0)
alphas_cumprod_prev = F.pad(alphas_cumprod[:-1], (1, 0), value=1.0)
sqrt_alphas_cumprod = torch.sqrt(alphas_cumprod)
sqrt_one_minus_alphas_cumprod = torch.sqrt(1.0 - alphas_cumprod)
posterior_variance = betas * (1.0 - alphas_cumprod_prev) / (1.0 - alphas_cumprod)
images = torch.from_numpy(load_digits().images / 8 - 1).to(dtype).unsqueeze(1)


def extract(a, t, x_shape):
    out = a.gather(-1, t)
    return out.reshape(t.shape[0], *((1,) * (len(x_shape) - 1)))


class TimeEmbedding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, time):
        half = self.dim // 2
        freqs = torch.exp(torch.arange(half, dtype=dtype) * -(4.0 / (half - 1)))
        args = time[:, None] * freqs[None, :]
        return torch.cat((args.sin(), args.cos()), dim=-1)


class UNet(nn.Module):
    def __init__(self, ch=8):
        super().__init__()
        self.time = nn.Sequential(TimeEmbedding(8), nn.Linear(8, ch), nn.SiLU())
        self.inp = nn.Conv2d(1, ch, 3, padding=1)
        self.norm1 = nn.GroupNorm(2, ch)
        self.down = nn.Conv2d(ch, 2 * ch, 3, stride=2, padding=1)
        self.norm2 = nn.GroupNorm(4, 2 * ch)
        self.up = nn.ConvTranspose2d(2 * ch, ch, 2, stride=2)
        self.skip = nn.Conv2d(2 * ch, ch, 1)
        self.drop = nn.Dropout2d(0.0)
        self.out = nn.Conv2d(2 * ch, 1, 3, padding=1)

    def forward(self, x, t):
        emb = self.time(t)[:, :, None, None]
        h1 = F.silu(self.norm1(self.inp(x))) + emb
        h2 = F.silu(self.norm2(self.down(h1)))
        near = self.skip(F.interpolate(h2, scale_factor=2, mode="nearest"))
        h = self.up(h2) + near
        return self.out(self.drop(torch.cat([h, h1], dim=1)))


model = UNet().to(dtype)

# train
losses = []
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 10))
for step in range(20):
    x_start = images[16 * step : 16 * (step + 1)]
    t = torch.randint(0, T, (x_start.shape[0],)).long()
    noise = torch.randn_like(x_start)
    x_noisy = (
        extract(sqrt_alphas_cumprod, t, x_start.shape) * x_start
        + extract(sqrt_one_minus_alphas_cumprod, t, x_start.shape) * noise
    )
    predicted_noise = model(x_noisy, t)
    loss = F.smooth_l1_loss(noise, predicted_noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    losses.append(loss.item())


@torch.no_grad()
def p_sample(model, x, t, t_index):
    betas_t = extract(betas, t, x.shape)
    one_minus = extract(sqrt_one_minus_alphas_cumprod, t, x.shape)
    mean = (x - betas_t * model(x, t) / one_minus) / torch.sqrt(extract(alphas, t, x.shape))
    if t_index == 0:
        return mean
    return mean + torch.sqrt(extract(posterior_variance, t, x.shape)) * torch.randn_like(x)


img = torch.randn((2, 1, 8, 8)).to(dtype)
for i in reversed(range(T)):
    img = p_sample(model, img, torch.full((2,), i, dtype=torch.long), i)
losses.append(img.clamp(-1, 1).mean().item())
