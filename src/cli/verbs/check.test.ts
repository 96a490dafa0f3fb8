/** `coincell check --pareto` and the limits as they are typed. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { FrontReport } from "../../report/front-types.js";
import { call, colour, fixture, scratch, without } from "../testing.js";

const network = fixture("test/fixtures/int8/dwconv3x3.tflite");
const folder = scratch();

interface Failure { readonly error: { readonly code: string; readonly where: string; readonly what: string; readonly cure: string } }

test("what cannot be asked for is an error with its place and cure", async () => {
  const wrong: readonly (readonly [readonly string[], string, number])[] = [
    [["check", network, "--pareto"], "cli/usage", 2],
    [["check", network, "--board", "uno"], "cli/usage", 2],
    [["check", network, "--max-ram", "4k"], "cli/usage", 2],
    [["check", network, "--pareto", "--board", "nowhere"], "board/unknown-board", 2],
    [["check", colour.forest, "--pareto", "--board", "uno"], "front/not-a-network", 1],
    [["run", network, "--board", "host", "--random", "1", "--max-ram", "0"], "cli/bad-limit", 2],
    [["run", network, "--board", "host", "--random", "1", "--max-flash", "much"], "cli/bad-limit", 2],
    [["run", network, "--board", "host", "--random", "1", "--optimise", "fast"], "cli/bad-value", 2],
  ];
  for (const [argv, code, status] of wrong) {
    const said = await call([...argv, "--json"]);
    const { error } = JSON.parse(said.out) as Failure;
    assert.deepEqual([said.code, error.code], [status, code], argv.join(" "));
    assert.ok(error.where !== "" && error.what !== "" && error.cure !== "", argv.join(" "));
  }
});

test("the front as table, page and document; the same words for every goal", { skip: without("qemu-system-arm") }, async () => {
  const page = join(folder, "front.html");
  const { code, out } = await call(["check", network, "--board", "mps2-an386", "--pareto", "--json", "--html", page]);
  const front = JSON.parse(out) as FrontReport;
  assert.equal(code, 0);
  assert.deepEqual(new Set(front.points.flatMap((p) => p.goals)), new Set(["size", "speed", "ram", "auto"]));
  assert.ok(front.points.every((p) => p.cycles !== null && p.kernels.length === front.layers.length));
  assert.ok(existsSync(page) && readFileSync(page, "utf8").includes('id="c-p1"'));
  const table = await call(["check", network, "--board", "mps2-an386", "--pareto", "--max-flash", "100"]);
  assert.match(table.out, /does not fit/);
  assert.equal(table.code, 3);
});

test("limits hold for classical models too", { skip: without("avr-gcc") }, async () => {
  const argv = ["run", colour.forest, "--board", "uno", "--data", colour.test, "--calibrate", colour.train];
  const { code, err } = await call([...argv, "--max-flash", "100"]);
  assert.equal(code, 3);
  assert.match(err, /fit\/does-not-fit\] \w+ on atmega328p: nothing fits the limits; the form that comes nearest \(\w+, -O[s2]\) takes [\d,]+ bytes of flash, [\d,]+ bytes more than 100 bytes\n +cure: Give at least --max-flash \d+/);
  const roomy = await call([...argv, "--max-flash", "20k", "--json"]);
  assert.equal((JSON.parse(roomy.out) as { flash: { limit: number } }).flash.limit, 20_480);
});
