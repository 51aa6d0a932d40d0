import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { DeployError } from "./account.ts";
import { deploy } from "./deploy.ts";
import { wranglerIn } from "./wrangler.ts";

const usage = `Usage: npm run deploy -- [options]

  --env <name>      environment (default production); another one has a Worker, a database and queues of its own
  --domain <host>   host name of a zone of your account; without it the Worker answers at its workers.dev address
  --dry-run         build and check only; needs no account
  --help            this text

Needs \`npx wrangler login\`, or CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID. STOCKWIRE_ADMIN_KEY and
STOCKWIRE_SECRETS_KEY set the secrets; what is missing at the first deployment is made and shown once.
Exits with 0 if it is deployed and answers, with 1 if not, with 2 if the options make no sense.`;

const root = join(import.meta.dirname, "../..");

const { values } = parseArgs({
  options: {
    env: { type: "string", default: "production" },
    domain: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (values.domain !== undefined && !/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(values.domain)) {
  console.error(`--domain must be a host name, as in "stock.example.com"; not "${values.domain}"`);
  process.exit(2);
}

try {
  await deploy(
    { environment: values.env, domain: values.domain, isDryRun: values["dry-run"] },
    {
      wrangler: wranglerIn(root, ([command]) => command === "deploy"),
      environment: process.env,
      readConfig: () => readFile(join(root, "wrangler.toml"), "utf8"),
      // Paths in it are relative to it, so it lies beside the file it comes from.
      async writeConfig(name, text) {
        const path = join(root, name);
        await writeFile(path, text);
        return path;
      },
      async withSecretFile(text, use) {
        const folder = await mkdtemp(join(tmpdir(), "stockwire-secrets-"));
        try {
          const path = join(folder, "secrets.json");
          await writeFile(path, text, { mode: 0o600 });
          return await use(path);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
      say: (line) => console.log(line),
      fetch: (url, init) => fetch(url, init),
      sleep,
      now: () => Date.now(),
    },
  );
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  console.error(error.message);
  process.exit(1);
}
