import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { configFor } from "../../../src/deploy/config.ts";
import { deploy, type DeployEffects } from "../../../src/deploy/deploy.ts";
import { namesOf } from "../../../src/deploy/names.ts";
import type { Ran } from "../../../src/deploy/wrangler.ts";
import { looksLikeKey } from "../../../src/http/key-format.ts";

const ok = (stdout = ""): Ran => ({ code: 0, stdout, stderr: "" });
const failed = (stderr: string): Ran => ({ code: 1, stdout: "", stderr });

/** An account as wrangler shows it, and a deployment that answers. */
class Account {
  isLoggedIn = true;
  readonly databases = new Map<string, string>();
  readonly queues = new Set<string>();
  readonly secrets = new Map<string, string>();
  readonly commands: string[] = [];
  readonly said: string[] = [];
  readonly configs = new Map<string, string>();
  readonly environment: Record<string, string> = {};
  failing: string | undefined;
  isLedgerReached = true;
  /** What the first database says of itself. */
  ledger: { readonly shard: number; readonly shards: number } | undefined;
  #nowMs = 0;
  #secretFile = "";

  readonly wrangler = async (args: readonly string[]): Promise<Ran> => {
    const command = args.join(" ");
    this.commands.push(command);
    if (this.failing !== undefined && command.startsWith(this.failing)) return failed("not today");
    const [first, second, third = ""] = args;
    switch (`${first} ${second}`) {
      case "whoami --json":
        return this.isLoggedIn ? ok("{}") : failed("not authenticated");
      case "d1 list":
        return ok(JSON.stringify([...this.databases].map(([name, uuid]) => ({ name, uuid }))));
      case "d1 execute":
        return ok(JSON.stringify([{ results: this.ledger === undefined ? [] : [this.ledger] }]));
      case "d1 create":
        this.databases.set(third, `id-of-${third}`);
        return ok();
      case "queues info":
        return this.queues.has(third) ? ok() : failed("no such queue");
      case "queues create":
        this.queues.add(third);
        return ok();
      case "secret list":
        return ok(JSON.stringify([...this.secrets.keys()].map((name) => ({ name }))));
      case "deploy --config":
        for (const [name, value] of Object.entries(JSON.parse(this.#secretFile) as Record<string, string>))
          this.secrets.set(name, value);
        return ok("Uploaded\n  https://stockwire-staging.shop.workers.dev\n");
      default:
        return ok();
    }
  };

  effects(): DeployEffects {
    return {
      wrangler: this.wrangler,
      environment: this.environment,
      readConfig: () => readFile("wrangler.toml", "utf8"),
      writeConfig: async (name, text) => {
        this.configs.set(name, text);
        return name;
      },
      withSecretFile: async (text, use) => {
        this.#secretFile = text;
        return use("secrets.json");
      },
      say: (line) => this.said.push(line),
      now: () => this.#nowMs,
      sleep: async (ms) => {
        this.#nowMs += ms;
      },
      fetch: async (url) => {
        if (url.endsWith("/ledger")) {
          const items = this.isLedgerReached ? [{ data: { epoch: "e1", version: 1 } }] : [];
          return Response.json({ items });
        }
        return Response.json({ stock: { epoch: "e1", version: 1 } });
      },
    };
  }
}

const staging = { environment: "staging", isDryRun: false };

describe("a deployment", () => {
  it("makes what is missing, migrates before it uploads, and shows new secrets once", async () => {
    const account = new Account();
    await deploy(staging, account.effects());
    expect([...account.databases.keys()]).toEqual(["stockwire-ledger-staging"]);
    expect([...account.queues]).toEqual(["stock-events-staging-dead", "stock-events-staging"]);
    const order = account.commands.map((command) => command.split(" ").slice(0, 2).join(" "));
    expect(order.indexOf("d1 migrations")).toBeLessThan(order.indexOf("deploy --config"));
    const key = account.secrets.get("STOCKWIRE_ADMIN_KEY") ?? "";
    expect(looksLikeKey(key)).toBe(true);
    expect(account.said.filter((line) => line.includes(key))).toHaveLength(1);
    expect(account.said.at(-1)).toContain(
      "https://stockwire-staging.shop.workers.dev answers, and a mutation",
    );

    account.said.length = 0;
    const before = new Map(account.secrets);
    await deploy(staging, account.effects());
    expect(account.secrets).toEqual(before);
    expect(account.said.join("\n")).not.toContain(key);
    expect(account.commands.filter((command) => command.startsWith("d1 create"))).toHaveLength(1);
  });

  it("never replaces the key that credentials are encrypted with", async () => {
    const account = new Account();
    account.secrets.set("STOCKWIRE_SECRETS_KEY", "old");
    account.environment["STOCKWIRE_SECRETS_KEY"] = "new";
    await deploy(staging, account.effects());
    expect(account.secrets.get("STOCKWIRE_SECRETS_KEY")).toBe("old");
  });

  it("stops at the first thing that fails, in wrangler's words, and uploads nothing", async () => {
    for (const failing of ["d1 create", "queues create", "d1 migrations"]) {
      const account = new Account();
      account.failing = failing;
      await expect(deploy(staging, account.effects())).rejects.toThrow("not today");
      expect(account.commands.some((command) => command.startsWith("deploy"))).toBe(false);
    }
  });

  it("asks for a login before it does anything", async () => {
    const account = new Account();
    account.isLoggedIn = false;
    await expect(deploy(staging, account.effects())).rejects.toThrow("npx wrangler login");
    expect(account.commands).toHaveLength(1);
  });

  it("is not called good if a mutation does not reach the ledger", async () => {
    const account = new Account();
    account.isLedgerReached = false;
    await expect(deploy(staging, account.effects())).rejects.toThrow("did not reach the ledger");
  });

  it("takes the database that wrangler.toml names already", async () => {
    const account = new Account();
    const effects = account.effects();
    const readConfig = async () =>
      (await effects.readConfig()).replace(/database_id = "[^"]+"/, 'database_id = "given"');
    await deploy({ ...staging, environment: "production" }, { ...effects, readConfig });
    expect(account.databases.size).toBe(0);
    expect(account.configs.get("wrangler.production.toml")).toContain('database_id = "given"');
  });

  it("makes, migrates and binds as many databases as the ledger has", async () => {
    const account = new Account();
    const effects = account.effects();
    const readConfig = async () =>
      (await effects.readConfig()).replace('LEDGER_SHARDS = "1"', 'LEDGER_SHARDS = "3"');
    await deploy(staging, { ...effects, readConfig });
    const names = ["stockwire-ledger-staging", "stockwire-ledger-1-staging", "stockwire-ledger-2-staging"];
    expect([...account.databases.keys()]).toEqual(names);
    const migrated = account.commands.filter((command) => command.startsWith("d1 migrations apply"));
    expect(migrated.map((command) => command.split(" ")[3])).toEqual(names);
    const config = account.configs.get("wrangler.staging.toml") ?? "";
    expect([...config.matchAll(/^binding = "(LEDGER\w*)"$/gm)].map(([, name]) => name)).toEqual([
      "LEDGER",
      "LEDGER_1",
      "LEDGER_2",
    ]);
    expect([...config.matchAll(/^database_id = "(.*)"$/gm)].map(([, id]) => id)).toEqual(
      names.map((name) => `id-of-${name}`),
    );
  });

  it("uploads nothing over a ledger that was begun with another number of databases", async () => {
    const account = new Account();
    account.ledger = { shard: 0, shards: 4 };
    await expect(deploy(staging, account.effects())).rejects.toThrow("begun with 4: set it to 4");
    expect(account.commands.some((command) => command.startsWith("deploy"))).toBe(false);
    account.ledger = { shard: 0, shards: 1 };
    await deploy(staging, account.effects());
  });

  it("touches no account in a dry run", async () => {
    const account = new Account();
    await deploy({ ...staging, isDryRun: true }, account.effects());
    expect(account.commands).toEqual([
      "deploy --dry-run --config wrangler.staging.toml --outdir dist/worker",
    ]);
  });
});

describe("the configuration of an environment", () => {
  it("differs from wrangler.toml in names, database and address only", async () => {
    const toml = await readFile("wrangler.toml", "utf8");
    const placement = { names: namesOf("staging"), databaseIds: ["some-id"], domain: "stock.shop.example" };
    const before = new Set(toml.split("\n"));
    const changed = configFor(toml, placement)
      .split("\n")
      .filter((line) => !before.has(line));
    expect(changed).toEqual([
      'name = "stockwire-staging"',
      'routes = [{ pattern = "stock.shop.example", custom_domain = true }]',
      'PUBLIC_URL = "https://stock.shop.example"',
      'database_name = "stockwire-ledger-staging"',
      'database_id = "some-id"',
      'queue = "stock-events-staging"',
      'queue = "stock-events-staging"',
      'dead_letter_queue = "stock-events-staging-dead"',
      'queue = "stock-events-staging-dead"',
    ]);
  });

  it("is refused for a name that Cloudflare would not take", () => {
    for (const name of ["", "Staging", "a b", "x".repeat(21)]) expect(() => namesOf(name)).toThrow("--env");
  });
});
