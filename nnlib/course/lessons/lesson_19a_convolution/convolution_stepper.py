"""A convolution, place by place: what the kernel reads, the nine products, and where the sum goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, Stop, choice, slider, steps, text, widget

N = 8  # pixels of the image, along each side
K = 3  # and of the kernel
REACH = 5.2  # cells from the middle of a picture to its edge: image, frame and output have room
IMAGES = {"square": "a square", "dot": "a dot", "L": "an L", "slope": "a slope", "blank": "blank"}
KERNELS = {
    "-1 0 1 / -1 0 1 / -1 0 1": "right minus left",
    "-1 -1 -1 / 0 0 0 / 1 1 1": "below minus above",
    "0 -1 0 / -1 4 -1 / 0 -1 0": "unlike its neighbors",
    "1 1 1 / 1 1 1 / 1 1 1": "the sum",
    "0 0 0 / 0 1 0 / 0 0 0": "a copy",
    "1 2 3 / 4 5 6 / 7 8 9": "numbered",
}
START, NUMBERED = [name for name in KERNELS if KERNELS[name] in ("right minus left", "numbered")]
RIGHTWARD = "0 0 0 / 1 0 0 / 0 0 0"
BRUSH = {"up": "up", "ink": "paints", "paper": "erases"}


def drawn(name: str) -> Floats:
    """An image of the menu, (8, 8): 0 is paper, 1 is ink."""
    image = np.zeros((N, N))
    if name == "square":
        image[2:6, 2:6] = 1
    if name == "dot":
        image[3, 4] = 1
    if name == "L":
        image[1:6, 2] = image[5, 2:5] = 1
    if name == "slope":
        image[np.add.outer(np.arange(N), np.arange(N)) >= N] = 1
    return image


def parsed(kernel: str) -> Floats:
    """What was typed as an array, (3, 3); a ValueError says what is wrong with it.

    >>> parsed("1 2 3 / 4 5 6 / 7, 8, −9.5")[2].tolist()
    [7.0, 8.0, -9.5]
    """
    words = re.split(r"[\s,;/]+", kernel.replace("−", "-").strip(" ,;/"))
    try:
        numbers = [float(word) for word in words if word]
    except ValueError:
        raise ValueError(f"a kernel is nine numbers, such as {RIGHTWARD}") from None
    if len(numbers) != K * K:
        raise ValueError(f"a kernel is nine numbers; here are {len(numbers)}")
    if not all(abs(value) < 100 for value in numbers):
        raise ValueError("each number of the kernel must lie between −100 and 100")
    return np.array(numbers).reshape(K, K)


@dataclass(frozen=True)
class ConvolutionStepper(Model):
    """A kernel of 3 × 3 slides over an image of 8 × 8: y = Σ k x over each window.

    `kernel` is nine numbers, row by row. `operation` is "correlation", what networks do, or
    "convolution", which turns the kernel first. `row` and `column` are the place in the output.
    While the `brush` "ink" or "paper" is down, the middle of each window is painted; `paint` holds
    an image of your own, 64 digits.
    """

    title = "A convolution, place by place"
    goal = "type a kernel that moves the image one pixel to the right"
    buttons = (
        Button("next", "Scan", plays=True, interval=250),
        Button("next", "Next place"),
    )
    on_page = ("image", "kernel", "operation", "stride", "padding", "row", "column", "next")
    tour = (
        Stop("Here the kernel lies on a window of nine pixels.", "image"),
        Stop("Pixel times weight, nine times: their sum is one pixel of the output.", "products"),
        Stop(
            "One place to the right, other pixels are read, by the same kernel.", "output", column=5
        ),
        Stop("With stride 2 the kernel jumps over every second place.", "Stride", stride=2),
        Stop("Without a frame of zeros, nothing is centered on the border.", "Padding", padding=0),
        Stop(
            "What mathematics calls convolution turns the kernel by half a turn first.",
            "kernel, as it is laid on",
            kernel=NUMBERED,
            operation="convolution",
        ),
    )
    on_every_page = (*({"kernel": kernel} for kernel in KERNELS), {"kernel": RIGHTWARD},
                     {"kernel": NUMBERED, "image": "dot"},
                     {"kernel": NUMBERED, "image": "dot", "operation": "convolution"})  # fmt: skip

    image: str = choice("Image", IMAGES, at="square")
    kernel: str = text("Kernel", START, 22, KERNELS)
    operation: str = choice(
        "Operation", {"correlation": "correlation", "convolution": "convolution"}, at="correlation"
    )
    stride: int = slider("Stride", 1, 3, 1, at=1)
    padding: int = slider("Padding", 0, 1, 1, at=1)
    row: int = steps(lambda model: model.size - 1, at=3, label="Row")
    column: int = steps(lambda model: model.size - 1, at=2, label="Column")
    brush: str = choice("Brush", BRUSH, at="up")
    paint: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        parsed(self.kernel)
        if not re.fullmatch(rf"([01]{{{N * N}}})?", self.paint):
            raise ValueError(f"paint must be {N * N} digits, 0 or 1, not {self.paint!r}")

    def changed(self, **settings: Any) -> Self:
        """A new image forgets what was painted; a smaller output keeps its place inside."""
        if "image" in settings:
            settings = {"paint": ""} | settings
        shape = {name: settings.get(name, getattr(self, name)) for name in ("stride", "padding")}
        size = replace(self, **shape, row=0, column=0).size
        for place in ("row", "column"):
            settings[place] = settings.get(place, min(getattr(self, place), size - 1))
        moved = (settings["row"], settings["column"]) != (self.row, self.column)
        model = replace(self, **settings)
        return model.painted() if moved and model.brush != "up" else model

    def painted(self) -> Self:
        """The same with the middle of the window painted, where it is in the image."""
        i, j = (place + K // 2 for place in self.corner)
        if not (0 <= i < N and 0 <= j < N):
            return self
        pixels = self.pixels.copy()
        pixels[i, j] = self.brush == "ink"
        return replace(self, paint="".join(str(int(pixel)) for pixel in pixels.flat))

    def next(self) -> Self:
        """The next place of the output, row by row, and after the last the first."""
        row, column = divmod(self.row * self.size + self.column + 1, self.size)
        return replace(self, row=row % self.size, column=column)

    @property
    def pixels(self) -> Floats:
        if not self.paint:
            return drawn(self.image)
        return np.array([float(digit) for digit in self.paint]).reshape(N, N)

    @property
    def laid(self) -> Floats:
        """The kernel as it meets the image."""
        kernel = parsed(self.kernel)
        return kernel[::-1, ::-1] if self.operation == "convolution" else kernel

    @property
    def size(self) -> int:
        """Of the output, along each side."""
        return (N + 2 * self.padding - K) // self.stride + 1

    @property
    def corner(self) -> tuple[int, int]:
        """The row and column of the image where the window begins; outside it there are zeros."""
        return (self.row * self.stride - self.padding, self.column * self.stride - self.padding)

    @property
    def framed(self) -> Floats:
        return np.pad(self.pixels, self.padding)

    @property
    def window(self) -> Floats:
        i, j = self.row * self.stride, self.column * self.stride
        return self.framed[i : i + K, j : j + K]

    def pairs(self) -> list[tuple[float, float]]:
        """Each pixel of the window with the weight that it meets."""
        return list(zip(self.window.ravel().tolist(), self.laid.ravel().tolist(), strict=True))

    @property
    def output(self) -> Floats:
        windows = np.lib.stride_tricks.sliding_window_view(self.framed, (K, K))
        strided = windows[:: self.stride, :: self.stride]
        y: Floats = np.einsum("rqij,ij->rq", strided, self.laid) + 0.0
        return y

    def reached(self) -> bool:
        moves = np.array_equal(self.laid, parsed(RIGHTWARD))
        return moves and self.stride == 1 and self.padding == 1

    def scene(self) -> Scene:
        panels = self.image_panel(), self.output_panel(), self.kernel_panel(), self.products_panel()
        return Scene(panels, self.words(), columns=4)

    def image_panel(self) -> Panel:
        """The image in the coordinates of the output, so that a click finds the window around it."""

        def seen(pixel: float) -> float:
            return (pixel + self.padding - K // 2) / self.stride

        left, right = seen(-0.5), seen(N - 0.5)
        low, high = seen(N / 2 - 0.5 - REACH), seen(N / 2 - 0.5 + REACH)
        i, j = self.corner
        window = box(seen(j - 0.5), seen(i - 0.5), K / self.stride)
        extent = (left, right, right, left)
        heat = Heat(self.pixels[::-1], ((-1, ""), (0, "0"), (1, "1")), 0.0, extent=extent)
        items: list[Item] = [heat, box(left, left, right - left, "gray")]
        if self.padding:
            edge = seen(-0.5 - self.padding)
            side = seen(N - 0.5 + self.padding) - edge
            items.append(replace(box(edge, edge, side, "gray"), style="dotted"))
        items.append(replace(window, label="what is read"))
        limits = (low, high), (high, low)  # rows count from the top
        drag = ("column", "row")
        return Panel(*limits, "", "", tuple(items), title="image", axes=False, drag=drag)

    def output_panel(self) -> Panel:
        middle = (self.size - 1) / 2
        limits = (middle - REACH, middle + REACH), (middle + REACH, middle - REACH)
        here = replace(box(self.column - 0.5, self.row - 0.5, 1.0), label="where it goes")
        items = (*table(self.output), replace(here, color="vermillion", style="dashed"))
        drag = ("column", "row")
        return Panel(*limits, "", "", items, title="output", axes=False, drag=drag)

    def kernel_panel(self) -> Panel:
        return small(table(self.laid), "kernel, as it is laid on", 2.6)

    def products_panel(self) -> Panel:
        products = self.window * self.laid
        written = [f"{number(x)} · {number(k)}" for x, k in self.pairs()]
        items = (*table(products, written), Label((1.0, 3.0), f"sum: {number(self.value)}"))
        return small(items, "products", 1.7)

    @property
    def value(self) -> float:
        return float(self.output[self.row, self.column])

    def words(self) -> str:
        i, j = self.corner
        terms = [f"{number(x)} · {bracketed(k)}" for x, k in self.pairs() if x and k]
        total = f"{' + '.join(terms)} = {number(self.value)}" if terms else "every product is 0"
        image = "your image" if self.paint else IMAGES[self.image]
        return (
            f"{self.operation.capitalize()} of {image}, stride {self.stride}, padding "
            f"{self.padding}: the output is {self.size} × {self.size}. Its row {self.row}, column "
            f"{self.column} reads rows {number(i)} to {number(i + K - 1)}, columns {number(j)} to "
            f"{number(j + K - 1)}: {total}."
        )


def bracketed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def box(x: float, y: float, side: float, color: str = "vermillion") -> Line:
    """A square from its upper left corner."""
    path = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return Line(np.array(path), color)


def table(values: Floats, written: list[str] | None = None) -> tuple[Item, ...]:
    """A matrix in colors and in numbers, a cell for each entry, row 0 on top."""
    rows, columns = values.shape
    most = float(np.abs(values).max()) or 1.0
    extent = (-0.5, columns - 0.5, rows - 0.5, -0.5)
    heat = Heat(values[::-1], ((-most, ""), (0.0, "0"), (most, "")), 0.0, extent=extent)
    texts = written or [number(value) for value in values.ravel().tolist()]
    places = np.ndindex(rows, columns)
    cells = [Label((j, i), told, size="small") for (i, j), told in zip(places, texts, strict=True)]
    return (heat, box(-0.5, -0.5, columns, "gray"), *cells)


def small(items: tuple[Item, ...], title: str, reach: float) -> Panel:
    """A panel for three rows of three, and a line beneath, with `reach` cells to each side."""
    return Panel(
        (1 - reach, 1 + reach), (3.4, -0.7), "", "", items, height=0.55, title=title, axes=False
    )


convolution_stepper = widget(ConvolutionStepper)
