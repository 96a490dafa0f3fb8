/** The face of the memory planner. */
export { liveBound } from "./bound.js";
export { place } from "./place.js";
export type { Buffer, Overlap, Placement, Plan } from "./types.js";
export { faultsOf, validate } from "./validate.js";
