import type { Command } from "commander";
import { describeFinding } from "../../verify/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { onService, type Session, type Stage } from "../on-service.ts";
import { LiveLines } from "../terminal.ts";
import { number } from "../values.ts";
import { type Verification, verifyService } from "../verify/verify.ts";

/** So many findings are printed one by one; --json prints all. */
const shownMax = 100;

const help = `
Reads the whole ledger, adds it up with the service's own domain and with a second arithmetic, and compares each SKU's live
object, the list of SKUs and the channels with it. It changes nothing, and the service may be busy meanwhile. It keeps
all entries in memory. Channels are compared if the key has the scope channels:manage.
Ends with ${exitCodes.failed} if something was found. docs/chaos.md says what can be.

Examples:
  stockwire verify
  stockwire verify TEE-BLK-M MUG --json`;

export function addVerify(program: Command, stage: Stage): void {
  const verify = program
    .command("verify [sku...]")
    .description("check the ledger, and everything else against it")
    .option("--wait <seconds>", "how long ledger and channels may take to catch up", number(0, 3_600), 30)
    .addHelpText("after", help);
  onService<[string[]], { readonly wait: number }>(verify, stage, async (session, [skus], { wait }) => {
    const live = new LiveLines(session.io.screen);
    const found = await verifyService({
      client: session.client,
      skus,
      waitMs: wait * 1_000,
      onPage: (entries) => live.draw([`${entries} entries read`]),
    }).finally(() => live.clear());
    show(session, found);
    if (found.findings.length > 0) return exitCodes.failed;
    return found.unknown.length === 0 ? exitCodes.done : exitCodes.notFound;
  });
}

function show({ io, isJson }: Session, found: Verification): void {
  const { skus, entries, channels, findings, unknown } = found;
  for (const sku of unknown) io.note(`stockwire: SKU ${sku} is unknown`);
  if (isJson) {
    io.out(JSON.stringify({ skus, entries, channels: channels ?? null, findings }));
    return;
  }
  for (const finding of findings.slice(0, shownMax)) io.out(describeFinding(finding));
  if (findings.length > shownMax) io.out(`and ${findings.length - shownMax} more: --json has all`);
  const compared = channels === undefined ? "no channels (the key may not see them)" : `${channels} channels`;
  const result = findings.length === 0 ? "nothing found" : `${findings.length} findings`;
  io.out(`${skus} SKUs, ${entries} entries, ${compared}: ${result}`);
}
