/** Energy and battery life against figures worked out by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { batteries, batteryLife, currentsOf, energyPerInference, type Battery } from "./energy.js";
import { findBoard } from "./index.js";

const close = (got: number | undefined, want: number, part = 1e-9): void => assert.ok(got !== undefined && Math.abs(got - want) <= Math.abs(want) * part, `${got} is not ${want}`);
const cr2032 = batteries.find((b) => b.name === "CR2032") as Battery;

test("ATtiny85: 1.25 mA at 4 MHz and 3 V is 2.5 mA at 8 MHz", () => {
  const c = currentsOf(findBoard("attiny85"));
  close(c?.active.typical, 2.5);
  // 5 mA at 8 MHz 5 V is 0.125 mA per V and MHz: 3 mA here, a tenth more at most; 2.5 mA less a tenth at least
  close(c?.active.high, 3.3);
  close(c?.active.low, 2.25);
  close(c?.sleep.typical, 0.005);
  assert.match(c?.basis.join("\n") ?? "", /7598H/);
});

test("energy of 8,000 cycles on the ATtiny85: 1 ms at 2.5 mA and 3 V is 7.5 uJ", () => {
  const e = energyPerInference(findBoard("attiny85"), 8000);
  close(e?.typical, 7.5);
  close(e?.low, 6.75);
  close(e?.high, 9.9);
});

test("a CR2032 at ten inferences of 1 ms a second", () => {
  const life = batteryLife(findBoard("attiny85"), 8000, cr2032, 10);
  close(life?.duty, 0.01);
  // 0.01 * 2500 uA + 0.99 * 5 uA + 225 mAh * 1 % / 8760 h = 25 + 4.95 + 0.2568 uA
  close(life?.microamps.typical, 25 + 4.95 + 2250 / 8760, 1e-9);
  close(life?.days.typical, 225_000 / (29.95 + 2250 / 8760) / 24, 1e-9);
  assert.ok((life?.days.low ?? 0) < (life?.days.typical ?? 0) && (life?.days.typical ?? 0) < (life?.days.high ?? 0));
});

test("a 5 V board on a 3 V cell draws 5/3 of the current; more work than time is a duty above 1", () => {
  const uno = batteryLife(findBoard("uno"), 16_000, cr2032, 1);
  // 10.4 mA at 16 MHz and 5 V, 1 ms a second; 4.2 uA asleep
  close(uno?.microamps.typical, (5 / 3) * (10.4 + 0.999 * 4.2) + 2250 / 8760, 1e-9);
  close(batteryLife(findBoard("uno"), 32_000_000, cr2032, 1)?.duty, 2);
});

test("a computer has no published currents", () => {
  assert.equal(currentsOf(findBoard("host")), null);
  assert.equal(energyPerInference(findBoard("host"), 1), null);
  assert.equal(batteryLife(findBoard("host"), 1, cr2032, 1), null);
});

test("where only the active current is known there is an energy, but no battery life", () => {
  // 23.6 mA at 1.8 V for 1 ms
  close(energyPerInference(findBoard("nucleo-l4r5zi"), 120_000)?.typical, 42.48);
  assert.equal(batteryLife(findBoard("nucleo-l4r5zi"), 120_000, cr2032, 1), null);
});

test("a board without published currents has neither", () => {
  for (const name of ["pico", "nano33ble", "stm32f746-disco", "mega2560", "esp32-devkitc"]) {
    assert.equal(energyPerInference(findBoard(name), 1000), null, name);
    assert.equal(batteryLife(findBoard(name), 1000, cr2032, 1), null, name);
  }
});
