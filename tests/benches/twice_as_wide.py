#!/usr/bin/env python3
"""MobileNetV2 1.0 out of the graph of 0.5, as ONNX and for Atrous, with random weights.

Usage: tests/benches/twice_as_wide.py HALF.onnx OUT

Needs `pip install onnx numpy safetensors`. Writes OUT.onnx, OUT.safetensors (TensorFlow's names, batch norm
folded) and OUT.json (the flags), for against_onnxruntime.py: what a network computes says nothing of how long it
takes. Twice the channels everywhere but in the image, the head and the classes is exactly depth multiplier 1.0.
"""
import json
import sys

import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

HEAD = 256
FIXED = (3, HEAD, 2 * HEAD, 21)
GROUPS = [(16, 1), (24, 2), (32, 3), (64, 4), (96, 3), (160, 3), (320, 1)]


def doubled(channels):
    return channels if channels in FIXED else 2 * channels


def drawn(shape):
    """Weights small enough that the features neither vanish nor overflow."""
    fan_in = max(1, int(np.prod(shape[1:])))
    return np.random.default_rng(0).normal(0, (2 / fan_in) ** 0.5, shape).astype(np.float32)


def widen(model):
    """Doubles the kernels and biases of every convolution in place."""
    values = {value.name: value for value in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type != "Conv":
            continue
        kernel = values[node.input[1]]
        outputs, inputs, *side = numpy_helper.to_array(kernel).shape
        group = next((a for a in node.attribute if a.name == "group"), None)
        if group is not None and group.i > 1:
            group.i = doubled(group.i)
            inputs = 1
        else:
            inputs = doubled(inputs)
        shape = (doubled(outputs), inputs, *side)
        kernel.CopyFrom(numpy_helper.from_array(drawn(shape), kernel.name))
        if len(node.input) > 2:
            biases = values[node.input[2]]
            biases.CopyFrom(numpy_helper.from_array(drawn((doubled(outputs),)), biases.name))
    del model.graph.value_info[:]


def tensors():
    """The same network under TensorFlow's names, kernels as [height, width, in, out]."""
    made = {}

    def conv(scope, side, inputs, outputs):
        made[f"{scope}/weights"] = drawn((outputs, side, side, inputs)).transpose(1, 2, 3, 0)
        made[f"{scope}/biases"] = drawn((outputs,))

    conv("MobilenetV2/Conv", 3, 3, 32)
    inputs, index = 32, 0
    for outputs, repeat in GROUPS:
        for _ in range(repeat):
            scope = "MobilenetV2/expanded_conv" + (f"_{index}" if index else "")
            inner = 6 * inputs if index else inputs
            if index:
                conv(f"{scope}/expand", 1, inputs, inner)
            made[f"{scope}/depthwise/depthwise_weights"] = drawn((3, 3, inner, 1)) / 2
            made[f"{scope}/depthwise/biases"] = drawn((inner,))
            conv(f"{scope}/project", 1, inner, outputs)
            inputs, index = outputs, index + 1
    conv("image_pooling", 1, inputs, HEAD)
    conv("aspp0", 1, inputs, HEAD)
    conv("concat_projection", 1, 2 * HEAD, HEAD)
    conv("logits/semantic", 1, HEAD, 21)
    return {name: np.ascontiguousarray(values) for name, values in made.items()}


def main():
    half, out = sys.argv[1:3]
    model = onnx.load(half)
    widen(model)
    onnx.checker.check_model(model)
    onnx.save(model, f"{out}.onnx")
    save_file(tensors(), f"{out}.safetensors")
    with open(f"{out}.json", "w") as file:
        json.dump({"model_variant": "mobilenet_v2", "output_stride": 8, "num_classes": 21}, file)


if __name__ == "__main__":
    main()
