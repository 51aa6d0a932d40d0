export { checkHistory, type CheckResult } from "./check.ts";
export { describeFinding, type Finding, positionText, type Rule } from "./finding.ts";
export type { Asked, Call, Got, History, Observation } from "./history.ts";
export { LedgerWalk, type LedgerSums, type Step } from "./ledger.ts";
export { viewDifferences } from "./same.ts";
