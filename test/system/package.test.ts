import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPackage } from "../../src/package/build.ts";
import { adminKey, Service } from "./service.ts";

const run = promisify(execFile);
let dir: string;
let tarball: Buffer;
/** A program's directory, outside of this repository, in which the packed package is installed and nothing else. */
let program: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stockwire-package-"));
  const built = join(dir, "built");
  await buildPackage(built);
  const { stdout } = await run("npm", ["pack", built, "--json", "--pack-destination", dir]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  tarball = await readFile(join(dir, filename));
  program = join(dir, "program");
  const installed = join(program, "node_modules/stockwire");
  await mkdir(installed, { recursive: true });
  await run("tar", ["xzf", join(dir, filename), "--strip-components", "1", "-C", installed]);
  await writeFile(join(program, "package.json"), '{ "type": "module" }');
  await cp(new URL("package", import.meta.url), program, { recursive: true });
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

test("publint finds nothing to say about the packed package", async () => {
  const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
  const { messages } = await publint({ pack: { tarball: data as ArrayBuffer }, strict: true });
  expect(messages).toEqual([]);
});

test("its types are right for every way to import it; CommonJS gets the ES module, as Node gives it", async () => {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!("entrypoints" in result)) throw new Error("the package has no types");
  expect(Object.keys(result.entrypoints)).toEqual(["./client", "./verify"]);
  expect(result.problems.filter(({ kind }) => kind !== "CJSResolvesToESM")).toEqual([]);
});

test("a strict program compiles against it with nothing else installed", async () => {
  const options = {
    compilerOptions: {
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      types: [],
      noEmit: true,
    },
    files: ["consumer.ts"],
  };
  await writeFile(join(program, "tsconfig.json"), JSON.stringify(options));
  const compiler = join(process.cwd(), "node_modules/typescript/bin/tsc");
  const compiled = await run(process.execPath, [compiler, "-p", program]).catch((error: unknown) => error);
  expect(compiled).toMatchObject({ stdout: "" });
});

test("it sells, watches and checks on plain Node 20 and 24", { timeout: 120_000 }, async ({ annotate }) => {
  const service = await Service.start();
  try {
    const nodes = await nodesOnPath();
    expect(nodes.has(24)).toBe(true);
    if (!nodes.has(20)) await annotate("no Node 20 on the PATH: not tried there");
    for (const version of [20, 24]) {
      const node = nodes.get(version);
      if (node === undefined) continue;
      const { stdout } = await run(node, [join(program, "smoke.mjs"), service.url, adminKey]);
      const said: unknown = JSON.parse(stdout);
      expect(said).toMatchObject({
        node: expect.stringMatching(`^v${version}\\.`),
        seen: [2, 1],
        short: [{ requested: 5, available: 1 }],
        entries: 2,
        findings: [],
      });
    }
  } finally {
    await service.remove();
  }
});

/** The Nodes there are, by major version: the project's own comes first, the machine's behind it. */
async function nodesOnPath(): Promise<Map<number, string>> {
  const nodes = new Map<number, string>();
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    const node = join(directory, "node");
    const found = await run(node, ["--version"]).catch(() => undefined);
    const major = Number(/^v(\d+)\./.exec(found?.stdout ?? "")?.[1]);
    if (found !== undefined && !nodes.has(major)) nodes.set(major, node);
  }
  return nodes;
}
