/** How something ended. */
export interface Ending<Value> {
  done(value: Value): void;
  failed(error: Error): void;
}

/** Begins something and tells how it ends, be it at once. Never rejects itself. */
export async function settled<Value>(
  begin: () => Promise<Value> | Value,
  ending: Ending<Value>,
): Promise<void> {
  let value: Value;
  try {
    value = await begin();
  } catch (error) {
    ending.failed(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  ending.done(value);
}

/** The same for something of which only the end matters. */
export async function over(begin: () => unknown, end: () => void): Promise<void> {
  await settled(async () => begin(), { done: end, failed: end });
}
