/** The rooms of src/ and who may import whom (DESIGN: imports go down this list only, type-only imports included). */
const rooms = {
  ir: [],
  ops: ["ir"],
  importers: ["ir", "ops/registry"],
  data: ["ir"],
  passes: ["ir", "ops/registry"],
  emit: ["ir", "ops/registry"],
  plan: [],
  boards: ["ir"],
  report: ["ir"],
  train: ["ir", "ops/registry", "data"],
  stages: ["plan", "train", "ir", "ops/registry", "passes", "emit", "boards", "data", "report", "assets", "importers/index"],
  "assets\\.ts": ["emit", "ops/registry"],
  "pipeline\\.ts": ["ir", "boards/index", "data", "importers/index", "stages"],
  "index\\.ts": ["ir", "boards/index", "data", "importers", "stages", "pipeline", "report", "emit"],
  fit: ["ir", "ops/registry", "passes/evaluate", "passes/run-program", "boards/index", "boards/energy", "data", "train", "pipeline", "report"],
  cli: ["ir", "boards/index", "data", "importers", "train", "stages", "pipeline", "fit", "report", "index", "emit"],
};

const room = (name, may) => ({
  name: `${name.replace("\\", "")}-imports`,
  severity: "error",
  from: { path: `^src/${name}${name.includes(".") ? "$" : "/"}`, pathNot: "\\.test\\.ts$|/testing\\.ts$" },
  to: { path: "^src/", pathNot: [name.includes(".") ? `^src/${name}$` : `^src/${name}/`, ...may.map((m) => `^src/${m}(/|\\.|$)`)] },
});

module.exports = {
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: "tsconfig.json" }, doNotFollow: { path: "node_modules" } },
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(rooms).map(([name, may]) => room(name, may)),
    {
      name: "operators-are-islands", severity: "error",
      from: { path: "^src/ops/([^/]+)/([^/]+)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/ops/", pathNot: "^src/ops/$1/$2/" },
    },
    { name: "boards-are-islands", severity: "error", from: { path: "^src/boards/(?!harness|simulators|startup|toolchains)([^/]+)/" }, to: { path: "^src/boards/", pathNot: "^src/boards/(board\\.ts|$1/)" } },
    { name: "only-the-registry-knows-all-operators", severity: "error", from: { pathNot: "^src/ops/|\\.test\\.ts$|^scripts/" }, to: { path: "^src/ops/(?!registry)" } },
    { name: "no-tests-in-products", severity: "error", from: { path: "^src/", pathNot: "\\.test\\.ts$|/testing\\.ts$" }, to: { path: "\\.test\\.ts$|/testing\\.ts$" } },
  ],
};
