/**
 * A position in a SKU's ledger. `version` counts the events of one life of the SKU from 1; `epoch` names that
 * life and sorts by the time it began, so a position of a later life is newer whatever its version.
 */
export interface Position {
  readonly epoch: string;
  readonly version: number;
}

/** Negative if `a` is older than `b`, 0 if equal, positive if newer. */
export function comparePositions(a: Position, b: Position): number {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  return a.version - b.version;
}

export function isNewer(a: Position, b: Position | undefined): boolean {
  return b === undefined || comparePositions(a, b) > 0;
}

/** The entity tag of a SKU at a position (RFC 9110, a strong tag): `"<epoch>.<version>"`. */
export function formatEtag(position: Position): string {
  return `"${position.epoch}.${position.version}"`;
}

/** The position an entity tag names; undefined if it is not one of ours. Accepts the bare form too. */
export function parseEtag(text: string): Position | undefined {
  const match = /^(?:W\/)?"?([a-z0-9]+)\.(\d{1,15})"?$/.exec(text.trim());
  const [, epoch, version] = match ?? [];
  return epoch !== undefined && version !== undefined ? { epoch, version: Number(version) } : undefined;
}
