"""Runs a .tflite file in tflite-runtime's reference kernels: wheel.py MODEL IN.bin OUT.bin (rows of raw inputs, raw outputs)."""
import sys

import numpy as np
from tflite_runtime.interpreter import Interpreter, OpResolverType

model, rows, out = sys.argv[1:]
run = Interpreter(model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
run.allocate_tensors()
i, o = run.get_input_details()[0], run.get_output_details()[0]
x = np.fromfile(rows, i["dtype"]).reshape(-1, *i["shape"][1:])
answers = []
for row in x:
    run.set_tensor(i["index"], row[None])
    run.invoke()
    answers.append(run.get_tensor(o["index"]).ravel())
np.stack(answers).tofile(out)
