/** The signals that ask a service to end. */
export const endSignals = ["SIGINT", "SIGTERM"] as const;

/**
 * Starts something, and takes away the handlers of signals that it adds meanwhile: Miniflare's kills workerd and exits with
 * 128 + n at once, before anything can end what it is doing.
 */
export async function withoutSignalHandlers<Result>(start: () => Promise<Result>): Promise<Result> {
  const before = endSignals.map((signal) => new Set(process.listeners(signal)));
  const result = await start();
  for (const [index, signal] of endSignals.entries()) {
    const added = process.listeners(signal).filter((listener) => !before[index]?.has(listener));
    for (const listener of added) process.off(signal, listener);
  }
  return result;
}
