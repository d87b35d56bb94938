"""A small image classifier in numpy, and twelve changes to its recipe.

The trunk is a decent recipe of its kind: one hidden layer, clipped gradients, momentum, a rate that
was swept. Each change is what a colleague would propose as a branch, and stands where the branch
would touch the code, under `if "name" in changes`. Any set of them runs.

The data are the 1,797 handwritten digits of 8 by 8 pixels that scikit-learn ships (Alpaydin and
Kaynak 1998). 600 are for training and 1,197 are held out, by one split for all runs; the seed
decides the first weights, the order of the batches and whatever else a recipe draws.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Labels = NDArray[np.int64]

CHANGES = {
    "standardise": ("data", "scale each pixel to mean 0 and sd 1"),
    "shifts": ("data", "move half of the training images by up to a pixel"),
    "wider": ("architecture", "128 hidden units a layer instead of 48"),
    "deeper": ("architecture", "three hidden layers instead of one"),
    "batch-norm": ("architecture", "batch normalisation in the hidden layers"),
    "dropout": ("architecture", "drop 30% of the hidden units in training"),
    "smoothing": ("loss", "label smoothing of 0.1"),
    "adam": ("optimizer", "Adam at 0.002 instead of Nesterov's momentum at 0.04"),
    "high-rate": ("optimizer", "four times the learning rate"),
    "cosine": ("schedule", "a warm-up of 20 steps, then half a cosine to zero"),
    "average": ("post-training", "ship a running mean of the weights (decay 0.98)"),
    "sharpen": ("post-training", "divide the logits by a temperature of 0.7"),
}
"""The proposals, each with its part of the stack and a line; its place is its bit in a recipe."""

OBJECTIVES: tuple[dict[str, Any], ...] = (
    {
        "name": "log_loss",
        "direction": "minimize",
        "role": "improve",
        "margin": 0.005,
        "unit": "nats/image",
    },
    {
        "name": "error",
        "direction": "minimize",
        "role": "guard",
        "margin": 0.005,
        "unit": "share of images",
    },
    {
        "name": "params",
        "direction": "minimize",
        "role": "guard",
        "margin": "200%",
        "unit": "values",
    },
    {
        "name": "train_flops",
        "direction": "minimize",
        "role": "guard",
        "margin": "200%",
        "unit": "FLOP",
    },
)
"""What a run measures, as in `mainstem.toml`. On the trunk log_loss has an sd of about 0.005 over
seeds. `wider` or `deeper` keeps within the margins of the costs; both together do not."""

SIDE = 8
CLASSES = 10
TRAINING_IMAGES = 600
BATCH = 30
STEPS = 400


@dataclass(frozen=True, kw_only=True)
class Digits:
    """Images with values in 0..1, shape (images, 64), and labels (images,), seen and held out."""

    train_x: Floats
    train_y: Labels
    test_x: Floats
    test_y: Labels


def load() -> Digits:
    """The digits, split once and for all."""
    datasets = importlib.import_module("sklearn.datasets")  # late: only a maker of runs needs it
    images, labels = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    x, y = (images[order] / 16).astype(np.float32), labels[order].astype(np.int64)
    return Digits(
        train_x=x[:TRAINING_IMAGES],
        train_y=y[:TRAINING_IMAGES],
        test_x=x[TRAINING_IMAGES:],
        test_y=y[TRAINING_IMAGES:],
    )


def run(digits: Digits, changes: AbstractSet[str], seed: int) -> dict[str, float]:
    """Trains one recipe on one seed; returns the objectives, each the lower the better."""
    train_x, test_x = digits.train_x, digits.test_x
    if "standardise" in changes:  # each pixel to mean 0 and sd 1, as recipes for tables do
        mean, sd = train_x.mean(0), train_x.std(0) + np.float32(0.01)
        train_x, test_x = (train_x - mean) / sd, (test_x - mean) / sd

    weights_rng, data_rng, dropout_rng = (np.random.default_rng([seed, i]) for i in range(3))
    network = Network(changes, weights_rng, dropout_rng)
    optimizer = Adam(network.values) if "adam" in changes else Momentum(network.values)
    average = network.values.copy()
    order = np.arange(TRAINING_IMAGES)
    for step in range(STEPS):
        at = step * BATCH % TRAINING_IMAGES
        if at == 0:
            order = data_rng.permutation(TRAINING_IMAGES)
        chosen = order[at : at + BATCH]
        x, targets = batch(train_x[chosen], digits.train_y[chosen], changes, data_rng)
        probabilities = softmax(network.forward(x, training=True))
        network.backward((probabilities - targets) / np.float32(BATCH))
        clip(network.gradients)
        optimizer.step(network.gradients, optimizer.rate * rate_factor(step, changes))
        average += (network.values - average) * max(0.02, 1 / (step + 1))

    if "average" in changes:  # ship a running mean of the weights instead of the last ones
        network.values[:] = average
    if "sharpen" in changes:  # ship logits divided by a temperature of 0.7
        network.layers[-1].weight /= 0.7
        network.layers[-1].bias /= 0.7
    return score(network, test_x, digits.test_y) | costs(network)


def batch(
    x: Floats, y: Labels, changes: AbstractSet[str], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Inputs (images, 64) and targets (images, classes) of one step."""
    targets = np.eye(CLASSES, dtype=np.float32)[y]
    if "smoothing" in changes:  # a tenth of each target is spread over all classes
        targets = targets * 0.9 + 0.1 / CLASSES
    if "shifts" in changes:  # move half of the images by up to a pixel; what enters is empty
        pixels = np.pad(x.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))
        moved = rng.random(len(x)) < 0.5
        down, right = 1 + moved * rng.integers(-1, 2, (2, len(x)))
        rows, columns = down[:, None] + np.arange(SIDE), right[:, None] + np.arange(SIDE)
        x = pixels[np.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None, :]]
        x = x.reshape(-1, SIDE * SIDE)
    return x, targets


def clip(gradients: Floats) -> None:
    """Shortens the whole gradient to a norm of 1, in place."""
    norm = math.sqrt(float(gradients @ gradients))
    if norm > 1:
        gradients /= norm


def rate_factor(step: int, changes: AbstractSet[str]) -> float:
    """What multiplies the optimizer's rate at `step`, in 0 .. STEPS - 1."""
    factor = 1.0
    if "high-rate" in changes:
        factor *= 4
    if "cosine" in changes:  # a warm-up of 20 steps, and half a cosine to zero
        factor *= min(1, (step + 1) / 20) * (1 + math.cos(math.pi * step / STEPS)) / 2
    return factor


class Layer:
    """A linear map, with batch normalisation and a rectifier behind it where it is hidden.

    `weight` (inputs, outputs), `bias` (outputs,) and `gain` (outputs,) are views of the network's
    values, and `d_weight`, `d_bias` and `d_gain` of its gradients.
    """

    weight: Floats
    bias: Floats
    gain: Floats
    d_weight: Floats
    d_bias: Floats
    d_gain: Floats

    def __init__(self, inputs: int, outputs: int, *, hidden: bool, normed: bool) -> None:
        self.shapes = {"weight": (inputs, outputs), "bias": (outputs,)}
        if normed:
            self.shapes["gain"] = (outputs,)
        self.hidden = hidden
        self.normed = normed
        self.mean = np.zeros(outputs, np.float32)
        self.var = np.ones(outputs, np.float32)

    def normalise(self, z: Floats, *, training: bool) -> tuple[Floats, Floats]:
        """Normalised `z` (images, outputs) and the sd that divided it (outputs,)."""
        mean, var = self.mean, self.var
        if training:
            mean = z.mean(0)
            var = np.square(z - mean).mean(0)
            self.mean += (mean - self.mean) * 0.1
            self.var += (var - self.var) * 0.1
        sd = np.sqrt(var + np.float32(1e-5))
        return (z - mean) / sd, sd


class Network:
    """A multilayer perceptron with its own backward pass.

    All that is trained lies in one vector `values`, its gradient in `gradients`.
    """

    def __init__(
        self,
        changes: AbstractSet[str],
        weights_rng: np.random.Generator,
        dropout_rng: np.random.Generator,
    ) -> None:
        width = 128 if "wider" in changes else 48
        hidden = 3 if "deeper" in changes else 1
        sizes = [SIDE * SIDE, *[width] * hidden, CLASSES]
        self.keep = 0.7 if "dropout" in changes else 1.0
        self.dropout_rng = dropout_rng
        self.layers = [
            Layer(a, b, hidden=i < hidden, normed=i < hidden and "batch-norm" in changes)
            for i, (a, b) in enumerate(pairwise(sizes))
        ]
        size = sum(math.prod(s) for layer in self.layers for s in layer.shapes.values())
        self.values = np.zeros(size, np.float32)
        self.gradients = np.zeros(size, np.float32)
        self.lay_out()
        for layer in self.layers:
            spread = math.sqrt(2 / len(layer.weight))
            layer.weight[:] = weights_rng.normal(0, spread, layer.weight.shape)
            if layer.normed:
                layer.gain[:] = 1

    def lay_out(self) -> None:
        """Makes the layers' arrays views of `values` and `gradients`."""
        at = 0
        for layer in self.layers:
            for name, shape in layer.shapes.items():
                end = at + math.prod(shape)
                setattr(layer, name, self.values[at:end].reshape(shape))
                setattr(layer, f"d_{name}", self.gradients[at:end].reshape(shape))
                at = end

    def forward(self, x: Floats, *, training: bool) -> Floats:
        """Logits (images, classes) of inputs (images, 64)."""
        self.tape: list[tuple[Floats, Floats, Floats, Floats]] = []
        for layer in self.layers:
            inputs, z = x, x @ layer.weight
            normal = sd = mask = z
            if layer.normed:
                normal, sd = layer.normalise(z, training=training)
                z = normal * layer.gain
            x = z + layer.bias
            if layer.hidden:
                mask = (x > 0).astype(np.float32)
                if training and self.keep < 1:
                    mask *= self.dropout_rng.random(x.shape, np.float32) < self.keep
                    mask /= self.keep
                x = x * mask
            self.tape.append((inputs, normal, sd, mask))
        return x

    def backward(self, slope: Floats) -> None:
        """Fills `gradients`, given the slope of the loss in the logits (images, classes)."""
        for layer, (inputs, normal, sd, mask) in zip(
            reversed(self.layers), reversed(self.tape), strict=True
        ):
            if layer.hidden:
                slope = slope * mask
            slope.sum(0, out=layer.d_bias)
            if layer.normed:
                (slope * normal).sum(0, out=layer.d_gain)
                centred = slope - (layer.d_bias + normal * layer.d_gain) / len(slope)
                slope = centred * (layer.gain / sd)
            np.matmul(inputs.T, slope, out=layer.d_weight)
            slope = slope @ layer.weight.T


class Momentum:
    """Stochastic gradient descent with Nesterov's momentum."""

    rate = 0.04

    def __init__(self, values: Floats) -> None:
        self.values = values
        self.velocity = np.zeros_like(values)

    def step(self, gradients: Floats, rate: float) -> None:
        """Moves all values along their gradients."""
        self.velocity *= 0.9
        self.velocity += gradients
        self.values -= rate * (gradients + 0.9 * self.velocity)


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1)."""

    rate = 0.002

    def __init__(self, values: Floats) -> None:
        self.values = values
        self.mean = np.zeros_like(values)
        self.square = np.zeros_like(values)
        self.steps = 0

    def step(self, gradients: Floats, rate: float) -> None:
        """Moves all values along their gradients."""
        self.steps += 1
        self.mean += (gradients - self.mean) * 0.1
        self.square += (gradients * gradients - self.square) * 0.001
        scale = np.sqrt(self.square) / math.sqrt(1 - 0.999**self.steps)
        self.values -= rate / (1 - 0.9**self.steps) * self.mean / (scale + 1e-8)


def softmax(logits: Floats) -> Floats:
    """Probabilities (images, classes)."""
    powers: Floats = np.exp(logits - logits.max(1, keepdims=True))
    powers /= powers.sum(1, keepdims=True)
    return powers


def score(network: Network, x: Floats, y: Labels) -> dict[str, float]:
    """Held-out log loss in nats per image, and the share of images that are misread."""
    logits = network.forward(x, training=False).astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    losses = np.log(np.exp(logits).sum(1)) - logits[np.arange(len(y)), y]
    return {"log_loss": float(losses.mean()), "error": float((logits.argmax(1) != y).mean())}


def costs(network: Network) -> dict[str, float]:
    """Trained values, and the floating-point operations of all products of matrices in training.

    A product of (a, b) and (b, c) takes 2abc; a training step has one forward and two backward.
    """
    products = sum(layer.weight.size for layer in network.layers)
    return {"params": network.values.size, "train_flops": 6 * products * BATCH * STEPS}
