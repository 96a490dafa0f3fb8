/** Linear models: one matrix, one bias and a decision. */
import type { Learner } from "../learner.js";
import { linearSvm } from "./linear-svm.js";
import { logistic } from "./logistic.js";
import { ridge } from "./ridge.js";

export const learners: readonly Learner[] = [logistic, linearSvm, ridge];
