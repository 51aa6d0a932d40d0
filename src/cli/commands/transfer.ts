import { readFile, writeFile } from "node:fs/promises";
import { Argument, type Command, Option } from "commander";
import { exitCodes, UsageError } from "../exit-codes.ts";
import { exportCsv } from "../import/export.ts";
import { formats, type SkuFrom } from "../import/formats.ts";
import { identityOf, mutationsOf, planImport } from "../import/plan.ts";
import { planJson, planText } from "../import/report.ts";
import { sendAll } from "../import/send.ts";
import { onService, type Session, type Stage } from "../on-service.ts";
import { LiveLines, progressBar } from "../terminal.ts";

interface ImportOptions {
  readonly format?: string;
  readonly skuFrom: SkuFrom;
  readonly location?: string;
  readonly dryRun?: true;
  readonly skipWrong?: true;
  readonly again?: string;
}

const importHelp = `
Formats are known by their columns: ${formats.map(({ title, name }) => `${title} (${name})`).join(", ")}.
Importing the same file again changes nothing, for 7 days: an import that broke off is simply run again. To have the
numbers of the same file stand once more, give --again another word each time.

Examples:
  stockwire import stock.csv --dry-run
  stockwire import products_export.csv --sku-from handle-option`;

export function addTransfer(program: Command, stage: Stage): void {
  const imported = program
    .command("import <file>")
    .description("create SKUs and count their stock from a CSV file")
    .addOption(
      new Option("--format <name>", "if it is not known by its columns").choices(
        formats.map(({ name }) => name),
      ),
    )
    .addOption(
      new Option(
        "--sku-from <what>",
        "where a Shopify file has no SKU: column leaves it so, handle-option makes one",
      )
        .choices(["column", "handle-option"])
        .default("column"),
    )
    .option("--location <name>", "of rows that name none (default)")
    .option("--dry-run", "only say what would be done")
    .option("--skip-wrong", "import the other rows although some are wrong")
    .option("--again <word>", "import the same file anew: the numbers in it stand again")
    .addHelpText("after", importHelp);
  onService<[string], ImportOptions>(imported, stage, async (session, [file], options) =>
    importFile(session, file, options),
  );

  const exported = program
    .command("export")
    .addArgument(new Argument("[file]", "standard output if none is named"))
    .description("write all SKUs as a CSV file that import reads")
    .addHelpText(
      "after",
      "\nKits, allocations and prices are not in it.\n\nExample: stockwire export stock.csv",
    );
  onService<[string | undefined]>(exported, stage, async ({ client, io }, [file]) => {
    const { text, rows, leftOut } = await exportCsv(client);
    if (file === undefined) io.out(text.trimEnd());
    else await writeFile(file, text);
    io.note(`${rows} rows${leftOut === 0 ? "" : `, ${leftOut} kits left out`}`);
  });
}

async function importFile(session: Session, file: string, options: ImportOptions) {
  const { client, io } = session;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const plan = planImport(text, options);
  if (!session.isJson) io.out(planText(plan));
  if (plan.wrong.size > 0 && options.skipWrong !== true) {
    if (session.isJson) io.out(JSON.stringify(planJson(plan)));
    io.note("nothing was imported: correct what is wrong, or pass --skip-wrong");
    return options.dryRun === true ? exitCodes.failed : exitCodes.usage;
  }
  if (options.dryRun === true) {
    if (session.isJson) io.out(JSON.stringify(planJson(plan)));
    return undefined;
  }
  const items = mutationsOf(plan.rows, identityOf(text, options.again));
  const live = new LiveLines(io.screen);
  const sent = await sendAll(client, items, io.signal, (done) =>
    live.draw([progressBar(done, items.length, "mutations")]),
  ).finally(() => live.clear());
  session.show({ ...planJson(plan), ...sent }, () => {
    return `${sent.done} mutations done, ${sent.replayed} were done before, ${sent.failed.length} failed`;
  });
  for (const { sku, problem } of sent.failed)
    io.note(`stockwire: ${sku}: ${problem?.detail ?? problem?.title ?? ""}`);
  return sent.failed.length === 0 ? undefined : exitCodes.failed;
}
