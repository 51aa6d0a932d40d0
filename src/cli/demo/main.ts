import { parseArgs } from "node:util";
import { LiveLines } from "../terminal.ts";
import { withEmbeddedService } from "../with-service.ts";
import { runDemo } from "./demo.ts";
import { promisesOf, renderSummary } from "./summary.ts";
import { renderLine, renderScene, type Scene } from "./view.ts";

const usage = `Usage: npm run demo -- [options]

Starts the service, loads a catalogue, registers two channels that really receive HTTP, and lets people
buy on both and directly. One channel breaks down for a while: the other one must not notice.
Enter ends it and takes stock of everything; Ctrl-C just ends it.

  --once           stop after --seconds, print a summary, exit 1 if a promise was broken
  --seconds <n>    length of a round with one outage in it (default 20)
  --port <number>  port of the service (default: any free one)
  --help           this text`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      seconds: { type: "string", default: "20" },
      port: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  const roundSeconds = Number(values.seconds);
  const port = Number(values.port);
  if (values.help || !(roundSeconds > 0) || !Number.isInteger(port) || port < 0 || port > 65_535) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  return withEmbeddedService(
    // The time begins when the service runs.
    (service) =>
      show(service, roundSeconds, values.once ? AbortSignal.timeout(roundSeconds * 1_000) : onEnter()),
    { port },
  );
}

/** Ctrl-C reaches the service too, which then cannot be asked for the last numbers any more; Enter ends it in order. */
function onEnter(): AbortSignal {
  const controller = new AbortController();
  process.stdin.once("data", () => {
    process.stdin.pause();
    controller.abort();
  });
  return controller.signal;
}

async function show(
  service: { readonly url: string; readonly key: string },
  roundSeconds: number,
  closing: AbortSignal,
): Promise<number> {
  const live = new LiveLines(process.stdout);
  let lineDueAtSeconds = 1;
  const onScene = (scene: Scene) => {
    if (live.isLive) {
      live.draw(renderScene(scene));
    } else if (scene.seconds >= lineDueAtSeconds) {
      lineDueAtSeconds += 1;
      console.log(renderLine(scene));
    }
  };
  const { markets, sales, consistency } = await runDemo(service, { roundSeconds, closing, onScene });
  live.clear();
  const promises = promisesOf(markets, sales, consistency);
  console.log(renderSummary(markets, sales, consistency, promises));
  return promises.every((promise) => promise.isKept) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
