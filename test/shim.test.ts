/** Sketches written for micromlgen keep compiling with our model behind the old class names. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compile, emit, importModel, importTable } from "../src/pipeline.js";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/sklearn/${name}`, import.meta.url));
const found = (command: string): boolean => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;

const models = [
  { file: "svc_rbf_multi.pkl", type: "SVM" }, { file: "rf_named.joblib", type: "RandomForest" }, { file: "dt_str.joblib", type: "DecisionTree" },
  { file: "gnb_str.joblib", type: "GaussianNB" }, { file: "lr_multi.pkl", type: "LogisticRegression" },
];

const sketch = (name: string, type: string): string => `#include "${name}_eloquent.h"
Eloquent::ML::Port::${type} clf;
float x[${name.toUpperCase()}_FEATURES];
volatile int answer;
const char *volatile text;
int main() { answer = clf.predict(x); text = clf.predictLabel(x); return 0; }
`;

for (const { file, type } of models) {
  for (const [cc, cxx, flags] of [["gcc", "g++", []], ["avr-gcc", "avr-g++", ["-mmcu=attiny85"]]] as const) {
    const missing = [cc, cxx].find((c) => !found(c));
    test(`an old ${type} sketch compiles with ${cxx}`, { skip: missing ? `${missing} is not installed` : false }, async () => {
      const graph = await importModel(fixture(file));
      const { rows } = await importTable(fixture(file.replace(/\.\w+$/, ".csv")), graph);
      const folder = mkdtempSync(join(tmpdir(), "coincell-shim-"));
      try {
        for (const [path, text] of emit(compile(graph, { rows }), "table")) writeFileSync(join(folder, path), text);
        writeFileSync(join(folder, "sketch.cpp"), sketch(graph.name, type));
        execFileSync(cc, [...flags, "-Os", "-c", `${graph.name}.c`, "-o", "model.o"], { cwd: folder, stdio: "pipe" });
        execFileSync(cxx, [...flags, "-Os", "-std=gnu++11", "-Wall", "-Wextra", "-Werror", "sketch.cpp", "model.o", "-o", "sketch.elf"], { cwd: folder, stdio: "pipe" });
      } finally {
        rmSync(folder, { recursive: true });
      }
      assert.equal(graph.task, "classification");
    });
  }
}
