/** Models of distances to stored points. */
import type { Learner } from "../learner.js";
import { centroid } from "./centroid.js";
import { knn } from "./knn.js";

export const learners: readonly Learner[] = [knn, centroid];
