export { checkHistory, type CheckResult } from "./check.ts";
export { describeFinding, type Finding, positionText, type Rule } from "./finding.ts";
export type { Asked, Call, Got, History, Observation } from "./history.ts";
export { viewDifferences } from "./same.ts";
