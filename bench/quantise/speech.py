"""Writes speech-{train,test}.npz, the inputs of MLPerf Tiny's keyword network (MFCC), from the clips of speech_commands_12: speech.py speech_commands_12 OUT."""
import csv
import sys
import wave

import numpy as np

LABELS = ["down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes", "silence", "unknown"]
RATE, WINDOW, STEP, FFT, BANDS, KEPT = 16000, 480, 320, 512, 40, 10


def mel(f):
    return 1127 * np.log(1 + f / 700)


def triangles():
    edges = np.linspace(mel(20.0), mel(4000.0), BANDS + 2)
    bins = mel(np.linspace(0, RATE / 2, FFT // 2 + 1))[1:, None]
    low, mid, high = edges[:-2], edges[1:-1], edges[2:]
    w = np.maximum(0, np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid)))
    return np.vstack([np.zeros((1, BANDS)), w])


MEL = triangles()
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
DCT = np.cos(np.pi / BANDS * (np.arange(BANDS)[:, None] + 0.5) * np.arange(KEPT)) * 2 / np.sqrt(2 * BANDS)


def features(path):
    with wave.open(path) as f:
        x = np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(np.float64)[:RATE]
    x = np.pad(x / max(1, x.max()), (0, RATE - len(x)))
    frames = np.stack([x[s:s + WINDOW] for s in range(0, RATE - WINDOW + 1, STEP)]) * HANN
    return (np.log(np.abs(np.fft.rfft(frames, FFT)) @ MEL + 1e-6) @ DCT).astype(np.float32).ravel()


data, out = sys.argv[1:]
rows = list(csv.DictReader(open(f"{data}/public/split.csv")))
for part, name in (("train", "train"), ("val", "test")):
    some = [r for r in rows if r["part"] == part]
    np.savez(f"{out}/speech-{name}.npz", x=np.stack([features(f"{data}/public/{r['path']}") for r in some]), y=np.array([LABELS.index(r["label"]) for r in some], np.int32))
