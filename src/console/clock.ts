import { Cell } from "./cell.ts";

/** The time, to the second: what says how long ago something was is drawn again with it. In ms since 1970. */
export const clock = new Cell(Date.now());
setInterval(() => {
  if (!document.hidden) clock.set(Date.now());
}, 1_000);
document.addEventListener("visibilitychange", () => clock.set(Date.now()));
