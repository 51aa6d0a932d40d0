import { useCell } from "../cell.ts";
import { clock } from "../clock.ts";
import { ago } from "../format.ts";

const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** How long ago something was; the moment itself is its title. */
export function Ago({ at }: { at: string }) {
  const nowMs = useCell(clock);
  const atMs = Date.parse(at);
  return (
    <time dateTime={at} title={exact.format(atMs)}>
      {ago(nowMs - atMs)}
    </time>
  );
}

/** How long until something, as "4 min"; "now" once it is over. */
export function Until({ at }: { at: string }) {
  const nowMs = useCell(clock);
  const leftMs = Date.parse(at) - nowMs;
  return (
    <time dateTime={at} title={exact.format(Date.parse(at))}>
      {leftMs <= 0
        ? "now"
        : leftMs < 60_000
          ? `${Math.ceil(leftMs / 1_000)} s`
          : ago(leftMs).replace(" ago", "")}
    </time>
  );
}
