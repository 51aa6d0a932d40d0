import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, commandsOf, requestsOf, type ShownRequest } from "../docs/blocks.ts";
import { adminKey, eventually, Service } from "./service.ts";
import { stockwire } from "./stockwire.ts";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .sort(),
];
const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> })
  .scripts;
const run = promisify(execFile);

/** Requests that others make of us or of somebody else, shown so that one knows them; path of each. */
const notOurs = new Set(["/stock"]);

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

describe.each(documents)("%s", (document) => {
  const blocks = blocksOf(readFileSync(document, "utf8"));
  const requests = requestsOf(blocks).filter(({ path }) => !notOurs.has(path));
  const commands = blocks.filter(({ language }) => language === "sh").flatMap(commandsOf);

  it.runIf(requests.length > 0)("shows requests that are answered as it says", async () => {
    const key = await keyFor(document);
    let reservation = "";
    for (const request of requests) {
      const shown = { ...request, path: request.path.replace("rsv_...", reservation) };
      const text = await askAsShown(document, shown, key);
      reservation = /"id":"(rsv_[^"]+)"/.exec(text)?.[1] ?? reservation;
    }
    if (requests.some(({ path }) => path === "/v1/orders")) await cancelOrder();
    await forgetChannels();
  });

  it.runIf(commands.length > 0)("shows commands that there are", async () => {
    for (const command of commands) await checkCommand(document, command);
    await forgetChannels();
  });
});

/** docs/api.md orders more tees than there are, and others sell the same tee. */
async function cancelOrder(): Promise<void> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  await service.call("POST", "/v1/orders/market/A-1/cancel", {}, headers);
}

/** The next document may call another kind of channel the same. */
async function forgetChannels(): Promise<void> {
  const { items } = (await service.call("GET", "/v1/channels")).body as { items: { id: string }[] };
  for (const { id } of items) await service.call("DELETE", `/v1/channels/${id}`);
}

/** A key of its own for each document: the same idempotency key may stand in several. */
async function keyFor(document: string): Promise<string> {
  const answer = await service.call("POST", "/v1/keys", { name: document, scopes: ["admin"] });
  return answer.body.key as string;
}

/** Makes a request and compares its answer with what is shown; one that reads may be a moment behind. */
async function askAsShown(document: string, request: ShownRequest, key: string): Promise<string> {
  const { method, path, headers, body, status, fields, line } = request;
  const ask = async () => {
    const response = await fetch(service.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  const hasAll = (text: string) => fields.every((field) => text.includes(`"${field}":`));
  const answer =
    method === "GET"
      ? await eventually(async () => {
          const read = await ask();
          return read.status >= 500 || hasAll(read.text) ? read : undefined;
        })
      : await ask();
  const place = `${document}:${line} ${method} ${path} was answered ${answer.status} ${answer.text}`;
  const isRight = status === undefined ? answer.status < 300 : answer.status === status;
  must(isRight, place);
  must(hasAll(answer.text), `${place}; it shows ${fields.join(", ")}`);
  return answer.text;
}

/**
 * curl is run as it stands, against a service of the test; scripts are asked for their help. What needs an account or
 * never ends is only known by name: a command of a new kind fails here until somebody has thought about it.
 */
async function checkCommand(document: string, command: string): Promise<void> {
  const place = `${document}: ${command}`;
  if (command.startsWith("curl ")) {
    if (!command.includes("$URL")) return;
    const env = { ...process.env, URL: service.url, KEY: await keyFor(document) };
    const { stdout } = await run("bash", ["-c", command.replace("curl ", "curl --fail-with-body -sS ")], {
      env,
    });
    must(!stdout.includes("/problems/"), `${place} was answered ${stdout}`);
    return;
  }
  for (const part of command.split("&&").map((text) => text.trim().replace(/\s+#.*$/, ""))) {
    const [, script] = /^npm (?:run (?:--silent )?)?([\w:.-]+)/.exec(part) ?? [];
    if (part === "npm ci") continue;
    if (part.startsWith("npx stockwire ")) {
      await checkStockwire(place, part);
      continue;
    }
    if (script !== undefined) {
      must(script in scripts, `${place}: package.json has no script ${script}`);
      continue;
    }
    const isKnown =
      /^(export |npx wrangler |node_modules\/\.bin\/node |git |openssl |npm (install|pack) )/.test(part);
    must(isKnown, `${place}: say here how a command like this is checked`);
  }
}

/** Commands that do not end by themselves or take long: they are only asked for their help. */
const longCommands = new Set(["serve", "demo", "replay", "sync-gap"]);

/** A command of ours is run as it stands, in the order of the document; where its output goes is not looked at. */
async function checkStockwire(place: string, command: string): Promise<void> {
  const words = command
    .replace(/ > \S+$/, "")
    .split(/ +/)
    .slice(2);
  const args = longCommands.has(words[0] ?? "") ? [...words, "--help"] : words;
  const { code, notes } = await stockwire(service.url, args);
  must(code === 0, `${place} ended with ${code}: ${notes}`);
}

/** `expect` for many places at once: what is wrong is said in words that name the document and the line. */
function must(is: boolean, otherwise: string): void {
  if (!is) throw new Error(otherwise);
}

it("the admin's key of the tests is not what documents show", () => {
  for (const document of documents) expect(readFileSync(document, "utf8")).not.toContain(adminKey);
});
