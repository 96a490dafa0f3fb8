/** The tree family: decision tree, random forest, extra trees, gradient boosting, isolation forest. */
import type { Learner } from "../learner.js";
import { boosting } from "./boosting/index.js";
import { forests } from "./forest.js";
import { isolationForest } from "./isolation.js";

export const learners: readonly Learner[] = [...forests, boosting, isolationForest];
