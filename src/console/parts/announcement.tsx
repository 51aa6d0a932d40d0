import { useEffect } from "preact/hooks";
import { announced } from "../announce.ts";
import { useCell } from "../cell.ts";

const shownMs = 6_000;

/** Says what was done, in a corner. The region stays, so that screen readers notice what comes into it. */
export function Announcement() {
  const last = useCell(announced);
  useEffect(() => {
    if (last === undefined) return undefined;
    const timer = window.setTimeout(() => announced.set(undefined), shownMs);
    return () => window.clearTimeout(timer);
  }, [last]);
  return (
    <div class="announcement" role="status">
      {last !== undefined && <p key={last.atMs}>{last.text}</p>}
    </div>
  );
}
