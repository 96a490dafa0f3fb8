/**
 * A wrist that gestures: what an accelerometer strapped to it feels, in g, at any moment of the two seconds after it woke up.
 * Axes of the device: x along the forearm to the hand, y across it to the thumb, z out of the back of the hand.
 */
const G = 9.81;
const turn = 2 * Math.PI;
/** A smooth hill of height 1 between `from` and `to`. */
const hill = (t, from, to) => (t <= from || t >= to ? 0 : Math.sin((Math.PI * (t - from)) / (to - from)) ** 2);
/** 1 between `from` and `to`, with soft ends of `soft` seconds. */
const during = (t, from, to, soft) => Math.min(1, Math.max(0, (t - from) / soft)) * Math.min(1, Math.max(0, (to - t) / soft));
/** A movement there and back that takes `long` seconds, as acceleration: push, brake and return. */
const stroke = (t, at, long) => (t <= at || t >= at + long ? 0 : Math.sin((turn * (t - at)) / long));

/** What one person has to oneself: all repeats of that person share it. */
export function personOf(random) {
  return {
    speed: Math.exp(random.normal(0, 0.2)), vigour: Math.exp(random.normal(0, 0.3)),
    /** Habitual roll and pitch of the forearm, and how crooked the strap sits, in radians. */
    roll: random.normal(0, 0.24), pitch: random.normal(-0.1, 0.22), crooked: random.normal(0, 0.16),
    tremor: random.uniform(0.004, 0.02), restless: random.uniform(0, 1),
    /** The part's own zero-g offset (±40 mg typical) and gain. */
    bias: [0, 1, 2].map(() => random.normal(0, 0.035)), gain: [0, 1, 2].map(() => random.normal(1, 0.015)),
  };
}

/** Every gesture gives `(t) => { push: [x, y, z] in g, roll, pitch }`: what the hand does to the device at time t. */
const still = { push: [0, 0, 0], roll: 0, pitch: 0 };

function circle(random, p) {
  const rate = random.uniform(0.95, 1.5) * p.speed;
  const radius = random.uniform(0.06, 0.14) * Math.sqrt(p.vigour);
  const [flat, sense, phase] = [random.uniform(0.3, 1), random.uniform() < 0.5 ? 1 : -1, random.uniform(0, turn)];
  const [from, to] = [random.uniform(-0.2, 0.35), random.uniform(1.6, 2.3)];
  const a = (radius * (turn * rate) ** 2) / G;
  return (t) => {
    const k = during(t, from, to, 0.25);
    const angle = phase + sense * turn * rate * t;
    return { push: [0.15 * a * k * Math.sin(angle), flat * a * k * Math.cos(angle), a * k * Math.sin(angle)], roll: 0.12 * k * Math.cos(angle), pitch: 0.15 * k * Math.sin(angle) };
  };
}

function upDown(random, p) {
  const rate = random.uniform(0.9, 1.9) * p.speed;
  const a = random.uniform(0.25, 0.75) * p.vigour;
  const [phase, sway, swing] = [random.uniform(0, turn), random.normal(0, 0.22), random.uniform(0, 0.25)];
  const [from, to] = [random.uniform(-0.2, 0.35), random.uniform(1.6, 2.3)];
  return (t) => {
    const k = during(t, from, to, 0.25);
    const s = Math.sin(phase + turn * rate * t);
    return { push: [0.1 * a * k * s, sway * a * k * Math.sin(phase + turn * rate * t + 0.8), a * k * s], roll: 0.2 * sway * k * s, pitch: swing * k * s };
  };
}

function shake(random, p) {
  const rate = random.uniform(3, 5.5) * p.speed;
  const a = random.uniform(0.6, 1.7) * p.vigour;
  const [along, up, twist] = [random.uniform(-0.3, 0.3), random.uniform(-0.35, 0.35), random.uniform(0, 0.15)];
  const [from, to] = [random.uniform(-0.2, 0.5), random.uniform(1.3, 2.3)];
  return (t) => {
    const k = during(t, from, to, 0.15);
    const s = Math.sin(turn * rate * t);
    return { push: [along * a * k * s, a * k * s, up * a * k * s], roll: twist * k * s, pitch: 0 };
  };
}

/** The wrist rolls outwards and back; the hand swings to that side. `side` is +1 to the thumb's side (left, on a left wrist). */
const flick = (side) => (random, p) => {
  const long = random.uniform(0.38, 0.7) / p.speed;
  const at = random.uniform(0.2, 1.75 - long);
  const [angle, a] = [random.uniform(0.3, 1.1) * Math.sqrt(p.vigour), random.uniform(0.25, 0.8) * p.vigour];
  const [lift, back] = [random.normal(0, 0.2), random.uniform(0.3, 0.9)];
  return (t) => {
    const s = stroke(t, at, long) * (t < at + long / 2 ? 1 : back);
    return { push: [0.25 * a * hill(t, at, at + long), side * a * s, lift * a * s], roll: side * angle * hill(t, at, at + long), pitch: lift * 0.3 * hill(t, at, at + long) };
  };
};

function tap(random, p) {
  const count = random.uniform() < 0.5 ? 1 : 2;
  const [at, gap] = [random.uniform(0.2, 1.4), random.uniform(0.16, 0.34) / p.speed];
  const [a, ring, decay] = [random.uniform(0.8, 2.6) * p.vigour, random.uniform(14, 22), random.uniform(0.018, 0.04)];
  const [along, across] = [random.normal(0, 0.25), random.normal(0, 0.25)];
  const hits = Array.from({ length: count }, (_, i) => ({ at: at + i * gap, a: a * (i === 0 ? 1 : random.uniform(0.6, 1.1)) }));
  return (t) => {
    const z = hits.reduce((sum, h) => sum + (t < h.at ? 0 : h.a * Math.exp(-(t - h.at) / decay) * Math.sin(turn * ring * (t - h.at))), 0);
    const reach = 0.12 * hill(t, at - 0.25, at + gap + 0.25);
    return { push: [along * z, across * z, z + reach * 0.5], roll: 0, pitch: reach };
  };
}

/** Not lying still: the arm drifts, some walk, some knock against something or turn the wrist to look at it. */
function idle(random, p) {
  const [drift, phase, slow] = [random.normal(0, 0.05 + 0.1 * p.restless), random.uniform(0, turn), random.uniform(0.1, 0.4)];
  const walking = random.uniform() < 0.25 ? random.uniform(0.05, 0.22) * p.vigour : 0;
  const bump = random.uniform() < 0.2 ? random.uniform(0.1, 0.9) : 0;
  const look = random.uniform() < 0.15 ? random.uniform(0.1, 0.4) * (random.uniform() < 0.5 ? 1 : -1) : 0;
  const [at, rate] = [random.uniform(0.2, 1.5), random.uniform(1.6, 2.1) * p.speed];
  return (t) => {
    const step = walking * Math.sin(phase + turn * rate * t);
    const knock = t < at ? 0 : bump * Math.exp(-(t - at) / 0.03) * Math.sin(turn * 16 * (t - at));
    return { push: [0.4 * step, 0.3 * walking * Math.sin(phase + Math.PI * rate * t), step + knock], roll: drift * Math.sin(phase + turn * slow * t) + look * hill(t, at, at + 0.8), pitch: drift * Math.cos(phase + turn * slow * t) };
  };
}

export const gestures = { circle, flick_left: flick(1), flick_right: flick(-1), idle, shake, tap, up_down: upDown };

/** What the device feels, in g, as a function of time: gravity turned by the wrist, the push of the hand, a crooked strap, tremor. */
export function feltBy(random, person, name) {
  const move = gestures[name](random, person);
  const [roll, pitch] = [person.roll + random.normal(0, 0.16), person.pitch + random.normal(0, 0.16)];
  const [sin, cos] = [Math.sin(person.crooked), Math.cos(person.crooked)];
  const shiver = [0, 1, 2].map(() => ({ rate: random.uniform(7, 11), phase: random.uniform(0, turn) }));
  return (t) => {
    const m = move(t) ?? still;
    const [r, q] = [roll + m.roll, pitch + m.pitch];
    const felt = [-Math.sin(q) + m.push[0], Math.sin(r) * Math.cos(q) + m.push[1], Math.cos(r) * Math.cos(q) + m.push[2]];
    const worn = [cos * felt[0] - sin * felt[1], sin * felt[0] + cos * felt[1], felt[2]];
    return worn.map((v, i) => person.gain[i] * (v + person.tremor * Math.sin(shiver[i].phase + turn * shiver[i].rate * t)) + person.bias[i]);
  };
}
