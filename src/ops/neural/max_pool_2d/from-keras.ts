import { poolFromKeras } from "../../../ir/keras-pooling.js";

const pool = poolFromKeras("max_pool_2d");

export const fromKeras = { MaxPooling1D: pool, MaxPooling2D: pool };
