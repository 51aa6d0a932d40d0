import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEmbedded } from "../../src/embedded/start.ts";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

const unlimited = { ADDRESS_RATE_LIMIT: "unlimited", FAILURE_RATE_LIMIT: "unlimited" };
const dataDir = await mkdtemp(join(tmpdir(), "stockwire-fuzz-"));
const service = await startEmbedded({
  dataDir,
  adminKey: "fuzz-admin-key",
  allowPrivateChannels: true,
  vars: unlimited,
});
const began = Date.now();
let exitCode = 1;
try {
  const options = {
    url: service.url,
    key: service.adminKey,
    requests: Number(values.requests),
    seed: Number(values.seed),
  };
  const report = await fuzz(options);
  const { faults, ...figures } = report;
  console.log(
    JSON.stringify(
      { seed: options.seed, ...figures, seconds: Math.round((Date.now() - began) / 1000) },
      null,
      2,
    ),
  );
  for (const fault of faults) console.error(fault);
  console.log(`${report.sent} requests, ${faults.length} faults`);
  exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
}
process.exit(exitCode);
