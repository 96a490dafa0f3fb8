import { globalFromKeras } from "../../../ir/keras-pooling.js";

const largest = globalFromKeras("reduce_extreme", { smallest: false });

export const fromKeras = { GlobalMaxPooling1D: largest, GlobalMaxPooling2D: largest };
