/** Models of how each class is distributed: naive Bayes and linear discriminants. */
import type { Learner } from "../learner.js";
import { lda } from "./lda.js";
import { naiveBayes } from "./naive-bayes.js";

export const learners: readonly Learner[] = [naiveBayes, lda];
