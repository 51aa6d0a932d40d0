import { parseArgs } from "node:util";
import { startEmbedded } from "./start.ts";

const usage = `Usage: npm start -- [options]

  --port <number>            port to listen on (default 8787)
  --host <address>           address to listen on (default 127.0.0.1)
  --data <directory>         where everything is kept (default .stockwire)
  --allow-private-channels   let channels be http and private addresses
  --public-url <url>         where others reach it, if it stands behind a proxy
  --keep-awake               keep every object open: faster, for 3 file descriptors and 0.5 MB a SKU
  --help                     this text

STOCKWIRE_ADMIN_KEY sets the admin's API key; without it one is made and printed once. Variables of [vars] in wrangler.toml
are taken from the environment too.`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    host: { type: "string", default: "127.0.0.1" },
    data: { type: "string", default: ".stockwire" },
    "allow-private-channels": { type: "boolean", default: false },
    "public-url": { type: "string" },
    "keep-awake": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
  process.exit(0);
}

const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be 0 to 65535, not ${values.port}`);
  process.exit(2);
}

const publicUrl = values["public-url"];
if (publicUrl !== undefined && !/^https?:$/.test(URL.parse(publicUrl)?.protocol ?? "")) {
  console.error(`--public-url must be as in https://stock.example.com, not ${publicUrl}`);
  process.exit(2);
}

const service = await startEmbedded({
  port,
  host: values.host,
  dataDir: values.data,
  adminKey: process.env["STOCKWIRE_ADMIN_KEY"],
  allowPrivateChannels: values["allow-private-channels"],
  publicUrl,
  keepAwake: values["keep-awake"],
  vars: process.env,
});

if (service.isNewAdminKey) console.log(`admin key (shown this once): ${service.adminKey}`);
console.log(`ready ${service.url}`);

let stopping: Promise<never> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Miniflare's own handler kills workerd and exits with 128 + n at once; ours lets it end what it is doing.
  process.removeAllListeners(signal);
  // A signal to the whole process group comes twice: npm passes its own on.
  process.on(signal, () => {
    stopping ??= service.stop().then(() => process.exit(0));
  });
}
