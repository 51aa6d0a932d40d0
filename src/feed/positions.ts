import { formatEtag, isNewer, parseEtag, type Position } from "../protocol/position.ts";

/** The bare form of an entity tag. */
export function positionText(position: Position): string {
  return formatEtag(position).slice(1, -1);
}

/** Whether somebody at that position has yet to see this one; a position that cannot be read counts as none. */
export function isNews(position: Position, seen: string | undefined): boolean {
  return seen === undefined || isNewer(position, parseEtag(seen));
}
