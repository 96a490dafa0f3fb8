import sklearn from "./sklearn/importer.js";
export const importers = [sklearn] as const;
