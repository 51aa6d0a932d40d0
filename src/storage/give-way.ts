/**
 * Lets whatever else has come meanwhile have its turn. Objects of one process call each other without I/O, and workerd looks for new
 * requests and answers only when nothing is left to do: a long row of such calls would keep everybody waiting until its end.
 * Where each object has a place of its own this takes no time.
 */
export function giveWay(): Promise<void> {
  return scheduler.wait(0);
}
