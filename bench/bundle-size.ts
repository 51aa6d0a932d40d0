/**
 * Checks how large the bundled Worker is, compressed as Cloudflare counts it. A larger bundle starts slower on every
 * new isolate, so growth should be a decision, not an accident: raise the limit in the commit that needs it.
 *
 * Usage: node bench/bundle-size.ts dist/worker.js
 */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

/**
 * A little above the size at the time of writing: 535 kB, of which six kinds of shops and the feeds are 150 kB, the Model
 * Context Protocol, two revisions with their schemas, is 89 kB, and the check of OAuth tokens 9 kB.
 */
const gzipBytesMax = 640_000;

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node bench/bundle-size.ts <bundled worker>");
  process.exit(2);
}

const bundle = await readFile(path);
const gzipBytes = gzipSync(bundle, { level: 9 }).byteLength;
console.log(`${path}: ${inKb(bundle.byteLength)}, gzip ${inKb(gzipBytes)}, limit ${inKb(gzipBytesMax)}`);
if (gzipBytes > gzipBytesMax) {
  console.error(`the bundle is ${inKb(gzipBytes - gzipBytesMax)} over its limit`);
  process.exit(1);
}

function inKb(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
