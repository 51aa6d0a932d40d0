import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Debian's Chromium; `apt-get install chromium` brings it. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether tests in a browser can run here. */
export const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`skipped: no Chromium at ${executablePath}; install it, or set CHROMIUM`);

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
}
