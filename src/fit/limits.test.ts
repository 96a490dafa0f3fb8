/** Limits as people write them, and what breaks them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../boards/index.js";
import { CoincellError } from "../ir/diagnostics.js";
import { bindsOf, energyOf, excess, limitedBoard, parseBattery, parseBytes, parseDuration, parseTime, type Limits } from "./limits.js";

const none: Limits = { flash: null, ram: null, stack: null, latency: null, battery: null };

test("bytes and times", () => {
  assert.equal(parseBytes("--flash", "6k"), 6144);
  assert.equal(parseBytes("--flash", "6 KiB"), 6144);
  assert.equal(parseBytes("--ram", "200"), 200);
  assert.equal(parseTime("--latency", "5ms"), 5000);
  assert.equal(parseTime("--latency", "800 us"), 800);
  assert.equal(parseTime("--latency", "1.5s"), 1.5e6);
  assert.equal(parseDuration("45s"), 45);
  assert.equal(parseDuration("2 minutes"), 120);
  assert.equal(parseDuration("soon"), null);
  for (const text of ["", "6q", "-1", "0", "k", "5", "1e400", "nan"]) assert.throws(() => parseTime("--latency", text), (e) => e instanceof CoincellError && e.diagnostic.code === "cli/bad-limit");
  for (const text of ["", "-6k", "0", "6 parsecs", "toString"]) assert.throws(() => parseBytes("--flash", text), CoincellError);
});

test("batteries", () => {
  const b = parseBattery("CR2032, 10 per second, 6 months");
  assert.deepEqual([b.cell.milliampHours, b.perSecond], [225, 10]);
  assert.ok(Math.abs(b.days - 182.625) < 0.01);
  assert.equal(parseBattery("2 x AAA, every 5 s, 1 year").perSecond, 0.2);
  assert.equal(parseBattery("2×AAA, 1/minute, 30 days").cell.name, "2xAAA");
  assert.equal(parseBattery("LiPo 120 mAh, once an hour, 2 weeks").cell.milliampHours, 120);
  assert.deepEqual([parseBattery("300 mAh 1.5 V, 3 an hour, 90 days").cell.volts], [1.5]);
  for (const text of ["", "CR2032", "CR2032, 10 per second", "CR99, 1 per second, 1 year", "CR2032, often, 1 year", "CR2032, 0 per second, 1 year", "CR2032, 1 per second, never", "a,b,c,d", "0 mAh, 1 per s, 1 d"]) {
    assert.throws(() => parseBattery(text), (e) => e instanceof CoincellError && /CR2032/.test(e.diagnostic.cure), text);
  }
});

test("every broken limit is named with its excess", () => {
  const board = findBoard("attiny85");
  const limits = { ...none, flash: 1000, ram: 100, stack: 20, latency: 900, battery: parseBattery("CR2032, 10 per second, 1 year") };
  const limited = limitedBoard(board, limits);
  assert.deepEqual([limited.flashBytes, limited.ramBytes], [1000, 100]);
  assert.equal(limitedBoard(board, { ...none, flash: 99_999 }).flashBytes, 8192);
  const energy = energyOf(board, 8000, limits);
  const binds = bindsOf({
    flash: { model: 1, harness: 1, total: 1050, limit: 1000 }, ram: { static: 0, input: 4, stack: 30, total: 90, limit: 100 }, microseconds: { min: 900, mean: 1000, max: 1100 },
  }, energy, limits);
  assert.deepEqual(binds.map((b) => [b.limit, Math.round(b.over)]), [["flash", 50], ["stack", 10], ["latency", 200], ["battery", 55]]);
  assert.ok(excess(binds) > 0 && excess([]) === 0);
});

test("a rate the chip cannot keep up with breaks the latency", () => {
  const board = findBoard("attiny85");
  const limits = { ...none, battery: parseBattery("CR2032, 10 per second, 1 day") };
  const binds = bindsOf({ flash: { model: 0, harness: 0, total: 0, limit: null }, ram: { static: 0, input: 0, stack: 0, total: 0, limit: null }, microseconds: { min: 2e5, mean: 2e5, max: 2e5 } }, energyOf(board, 1_600_000, limits), limits);
  assert.deepEqual(binds.map((b) => [b.limit, b.over]), [["latency", 100_000]]);
});
