import { poolFromKeras } from "../../../ir/keras-pooling.js";

const pool = poolFromKeras("average_pool_2d");

export const fromKeras = { AveragePooling1D: pool, AveragePooling2D: pool };
