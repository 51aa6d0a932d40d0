/**
 * How much old memory, in MB, an isolate may have before V8 collects all of its garbage for the first time. V8 begins with 32,
 * which a service under load fills every few seconds, and each time nobody is answered for 50 to 90 ms. What is live sets the
 * later limits.
 */
const oldSpaceMb = 128;

/** Has workerd's isolates collect all of their garbage less often. Call it before Miniflare starts; what is set already stays. */
export function collectSeldom(): void {
  process.env["MINIFLARE_WORKERD_V8_FLAGS"] ??= `--initial-old-space-size=${oldSpaceMb}`;
}
