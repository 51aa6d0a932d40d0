import { comparePositions, type Position } from "../protocol/position.ts";
import { type Finding, positionText } from "./finding.ts";

/** When something took effect in the order of a SKU's versions, and when it was asked for and answered. */
export interface Moment {
  readonly position: Position;
  /** Made the version, or only saw it. Of one version, it is made first. */
  readonly isMade: boolean;
  /** It cannot have taken effect before. */
  readonly invokedAtMs: number;
  /** It had taken effect by then; Infinity if nobody knows. */
  readonly returnedAtMs: number;
  readonly name: string;
}

/**
 * The order of versions must be one that time allows: nothing may be answered before something that comes before it is
 * asked for. That is what linearizable means, once each answer names its version: no search is needed, only a sort.
 */
export function checkRealTime(sku: string, moments: readonly Moment[], clockSkewMs: number): Finding[] {
  const findings: Finding[] = [];
  const inOrder = moments.toSorted(
    (a, b) => comparePositions(a.position, b.position) || Number(b.isMade) - Number(a.isMade),
  );
  let latest: Moment | undefined;
  for (const [, group] of groupsOf(inOrder)) {
    for (const moment of group) {
      if (latest === undefined || moment.returnedAtMs + clockSkewMs >= latest.invokedAtMs) continue;
      const detail =
        `${moment.name} was answered with ${positionText(moment.position)} before ${latest.name}, which stands ` +
        `before it at ${positionText(latest.position)}, was asked for`;
      findings.push({ rule: "order", sku, position: moment.position, detail });
    }
    for (const moment of group) {
      if (latest === undefined || moment.invokedAtMs > latest.invokedAtMs) latest = moment;
    }
  }
  return findings;
}

/** Those that saw the same version have no order among them. */
function groupsOf(moments: readonly Moment[]): Map<string, Moment[]> {
  return Map.groupBy(moments, ({ position, isMade }) => `${positionText(position)} ${isMade}`);
}
