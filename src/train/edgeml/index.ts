/** The EdgeML family: classifiers trained for a budget of bytes. */
import type { Learner } from "../learner.js";
import { bonsai } from "./bonsai.js";
import { protonn } from "./protonn.js";

export const learners: readonly Learner[] = [bonsai, protonn];
