"""Train a small language model, ship it, and report what it scores and costs.

    python train.py --seed 0 --steps 160

The seed decides the initial weights and the order of the batches. The same seed gives the same
numbers to the last bit: one thread, and deterministic kernels only.
"""

import argparse
import json
import os
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", message="Failed to initialize NumPy")

import torch
from torch import nn

import data
import export
import measure
import optim
import post
import schedule
import tokenizer
from loss import loss
from model import Model, Shape

BATCH = 12


def main() -> None:
    """Run one trial and report it."""
    parser = argparse.ArgumentParser(description="Train and score a small language model.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=160)
    options = parser.parse_args()

    torch.set_num_threads(1)
    # The same switch as torch.use_deterministic_algorithms(True), which takes a second to import.
    torch.set_deterministic_debug_mode("error")
    torch.manual_seed(options.seed)

    corpus = data.load()
    print("corpus", corpus.digest)

    shape = Shape(vocabulary=tokenizer.VOCABULARY)
    model = Model(shape)
    sampler = data.Sampler(
        tokenizer.encode(corpus.train), batch=BATCH, context=shape.context, seed=options.seed
    )
    meter = measure.Meter()
    train(model, sampler, meter, options.steps)
    post.finish(model, sampler)

    checkpoint = export.pack(model)
    shipped = export.unpack(checkpoint, Model(shape))
    report(
        {
            "code_bpb": score(shipped, corpus.code_test),
            "prose_bpb": score(shipped, corpus.prose_test),
            "params": measure.parameters(model),
            "checkpoint_bytes": len(checkpoint),
            "train_flops": meter.flops,
            "peak_tensor_bytes": meter.peak_bytes,
            "corpus": corpus.digest,
        }
    )


def train(model: Model, sampler: data.Sampler, meter: measure.Meter, steps: int) -> None:
    """All steps of a run."""
    optimizers = optim.build(model)
    model.train()
    for number in range(steps):
        inputs, targets = sampler.next()

        def step() -> None:
            loss(model(inputs), targets).backward()
            optim.step(model, optimizers, schedule.factor(number, steps))

        meter.run((inputs, targets), step)


def score(shipped: nn.Module, text: str) -> float:
    """Bits per byte of a held-out text, which the tokenizer must not lose a byte of."""
    if tokenizer.decode(tokenizer.encode(text)) != text:
        raise ValueError("the tokenizer does not give back the text it was given")
    return export.bits_per_byte(shipped, text, shipped.shape.context)


def report(metrics: dict[str, float | int | str]) -> None:
    """One line of JSON, printed, and appended to the file that $MAINSTEM_METRICS names, if any."""
    line = json.dumps(metrics)
    print(line)
    path = os.environ.get("MAINSTEM_METRICS")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
