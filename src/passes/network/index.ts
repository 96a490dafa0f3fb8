/** What is done to every network before its parameters are prepared: the same answers from fewer nodes. Inputs and outputs stay as they are. */
import { sweep } from "../../ir/sweep.js";
import type { Graph } from "../../ir/types.js";
import { foldConstants } from "./fold-constants.js";
import { foldScales } from "./fold-scales.js";
import { fuseActivations } from "./fuse-activations.js";
import { mergeConstants } from "./merge-constants.js";
import { removeTransposes } from "./transposes.js";

const passes: readonly ((g: Graph) => Graph)[] = [foldConstants, removeTransposes, foldConstants, sweep, foldScales, fuseActivations, mergeConstants, sweep];

export const simplify = (g: Graph): Graph => passes.reduce((graph, pass) => pass(graph), g);
