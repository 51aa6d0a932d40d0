/**
 * Checks how large the console is, compressed: the page and all of its scripts and styles, those of pages that are loaded
 * only when they are looked at included. So the first load is smaller still.
 *
 * Usage: node bench/console-size.ts dist/site
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const gzipBytesMax = 200_000;

const [site] = process.argv.slice(2);
if (site === undefined) {
  console.error("usage: node bench/console-size.ts <built site>");
  process.exit(2);
}

const assets = (await readdir(join(site, "assets"))).map((name) => join("assets", name));
const page = await readFile(join(site, "index.html"), "utf8");
const sizes = await Promise.all(
  ["index.html", ...assets].map(async (name) => {
    const file = await readFile(join(site, name));
    return {
      isFirst: name === "index.html" || page.includes(name),
      bytes: gzipSync(file, { level: 9 }).length,
    };
  }),
);
const first = sum(sizes.filter(({ isFirst }) => isFirst));
const whole = sum(sizes);
console.log(
  `${site}: console gzip ${inKb(whole)}, ${inKb(first)} of it before any page; limit ${inKb(gzipBytesMax)}`,
);
if (whole > gzipBytesMax) {
  console.error(`the console is ${inKb(whole - gzipBytesMax)} over its limit`);
  process.exit(1);
}

function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

function inKb(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
