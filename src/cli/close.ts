/** Names near to a mistyped one, as the verbs ask for them. */
export { closest, didYouMean, distance } from "../ir/close.js";
