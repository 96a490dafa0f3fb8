/** A C++ header with the class names of micromlgen (Eloquent), so that sketches written for it compile with our model behind them. */
import type { Program } from "../ir/op.js";
import { zeroAt } from "../ir/types.js";
import { comment, floatLiteral, identifier } from "./text.js";

/** micromlgen's class for a scikit-learn one, by what the model's source names last. */
const classes: readonly (readonly [RegExp, string])[] = [
  [/OneClassSVM/, "OneClassSVM"], [/SV[CR]/, "SVM"], [/RandomForest|ExtraTrees|Bagging/, "RandomForest"], [/DecisionTree|ExtraTree/, "DecisionTree"],
  [/GaussianNB/, "GaussianNB"], [/LogisticRegression/, "LogisticRegression"], [/xgboost|XGB/i, "XGBClassifier"], [/PCA/, "PCA"],
];

const className = (source: string): string => classes.find(([r]) => r.test(source))?.[1] ?? "Model";

export function shim(p: Program): string {
  const m = identifier(p.name);
  const M = m.toUpperCase();
  const label = p.label !== null;
  const name = className(p.source);
  const zero = p.scoresView.quant ? zeroAt(p.scoresView.quant, 0) : 0;
  return `/* ${m} under the class name that micromlgen gives such a model: ${comment(p.source)}.
 * Old sketches keep their calls: Eloquent::ML::Port::${name} clf; clf.predict(x); clf.predictLabel(x). */
#ifndef ${M}_ELOQUENT_H
#define ${M}_ELOQUENT_H
#include "${m}.h"
#if defined(__AVR__)
#include <avr/pgmspace.h>
#endif

namespace Eloquent {
namespace ML {
namespace Port {

class ${name} {
public:
    /* x: (${M}_FEATURES), in the model's own units */
    ${label ? "int" : "float"} predict(float *x)
    {
        ${m}_input_t input[${M}_FEATURES];
        ${m}_convert(x, input);
        return ${label ? `(int)${m}_predict(input)` : `((float)${m}_predict(input) - ${floatLiteral(zero)}) * ${M}_SCORE_SCALE`};
    }
${label ? `
    const char *predictLabel(float *x) { return idxToLabel(predict(x)); }

    /* The name in RAM, as micromlgen gives it: valid until the next call. */
    const char *idxToLabel(int index)
    {
        static char text[${Math.max(2, ...p.labels.map((l) => new TextEncoder().encode(String(l)).length + 1))}];
        const char *name = ${m}_label((${m}_answer_t)index);
        for (uint16_t i = 0; i < sizeof text; i++) {
#if defined(__AVR__)
            text[i] = (char)pgm_read_byte(name + i);
#else
            text[i] = name[i];
#endif
            if (text[i] == 0)
                break;
        }
        return text;
    }
` : ""}};

}
}
}
#endif
`;
}
