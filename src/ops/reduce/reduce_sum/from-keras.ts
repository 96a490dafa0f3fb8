import { globalFromKeras } from "../../../ir/keras-pooling.js";

const mean = globalFromKeras("reduce_sum", { mean: true });

export const fromKeras = { GlobalAveragePooling1D: mean, GlobalAveragePooling2D: mean };
