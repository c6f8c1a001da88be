#!/usr/bin/env python3
"""Prediction at 513 against ONNX Runtime: same weights, same image, same threads, one run.

Usage: tests/benches/against_onnxruntime.py ATROUS MODEL MODEL.onnx IMAGE [REPEAT [OPTION OF ATROUS ...]]

Needs `pip install onnxruntime numpy pillow`. Both sides take turns, so that a noisy neighbour hits both.
ONNX Runtime runs the graph with its upsampling and an argmax; Atrous runs `predict --repeat`, whose time
covers preprocessing, network, upsampling, softmax, argmax and confidence. Prints a Markdown table.
"""
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import onnxruntime
from PIL import Image

SIZE = 513
TURNS = 3


def padded_input(path):
    """The image, its longest side resized to 513, padded with the mean pixel, scaled to -1..1."""
    image = Image.open(path).convert("RGB")
    scale = SIZE / max(image.size)
    image = image.resize([max(1, round(side * scale)) for side in image.size], Image.BILINEAR)
    padded = np.full((SIZE, SIZE, 3), 127.5, np.float32)
    padded[: image.height, : image.width] = np.asarray(image, np.float32)
    return (padded / 127.5 - 1)[None]


def onnx_times(session, feed, repeat):
    """Milliseconds of `repeat` runs with argmax, after two to warm up."""
    times = []
    for turn in range(repeat + 2):
        start = time.perf_counter()
        logits = session.run(None, feed)[0]
        logits.argmax(axis=-1 if logits.shape[-1] == 21 else 1)
        if turn >= 2:
            times.append(1e3 * (time.perf_counter() - start))
    return times


def network_only_times(session, feed, repeat):
    """Milliseconds of `repeat` runs of the graph alone."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        session.run(None, feed)
        times.append(1e3 * (time.perf_counter() - start))
    return times


def atrous_stages(binary, model, image, threads, repeat, more):
    """The stages' median milliseconds as `atrous predict --repeat` reports them."""
    command = [binary, "predict", "--model", model, "--image", image, "--input-size", str(SIZE)]
    command += ["--repeat", str(repeat), "--device", "cpu", "--json", *more]
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    lines = [json.loads(line) for line in output.stdout.splitlines()]
    return next(line for line in lines if "total_ms" in line)


def main():
    binary, model, onnx, image = sys.argv[1:5]
    repeat = int(sys.argv[5]) if len(sys.argv) > 5 else 20
    data = padded_input(image)
    print("| threads | ONNX Runtime with argmax, ms | its graph alone | Atrous, ms | of it network | upsampling to label map | Atrous / graph alone |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for threads in (1, 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        entry = session.get_inputs()[0]
        channels_first = entry.shape[1] == 3
        feed = {entry.name: np.ascontiguousarray(data.transpose(0, 3, 1, 2)) if channels_first else data}
        theirs, graph, ours = [], [], []
        for _ in range(TURNS):
            theirs += onnx_times(session, feed, repeat)
            graph += network_only_times(session, feed, repeat)
            ours.append(atrous_stages(binary, model, image, threads, repeat, sys.argv[6:]))
        mine = {key: statistics.median(run[key] for run in ours) for key in ours[0] if key.endswith("_ms")}
        median = statistics.median(theirs)
        print(
            f"| {threads} | {median:.1f} | {statistics.median(graph):.1f} | {mine['total_ms']:.1f} "
            f"| {mine['network_ms']:.1f} | {mine['postprocess_ms']:.1f} | {mine['total_ms'] / statistics.median(graph):.2f} |"
        )


if __name__ == "__main__":
    main()
