import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { LiveLines } from "../terminal.ts";
import { withEmbeddedService } from "../with-service.ts";
import { runDemo } from "./demo.ts";
import { promisesOf, renderSummary } from "./summary.ts";
import { renderLine, renderScene, type Scene } from "./view.ts";

export interface DemoShow {
  /** Length of a round with one outage in it. */
  readonly seconds: number;
  /** Ends after one round. */
  readonly once?: true;
  /** Of the service; 0: any free one. */
  readonly port: number;
}

/** Runs the demo on a service of its own and prints what happens. Fails if a promise was broken. */
export function showDemo({ seconds, once, port }: DemoShow): Promise<ExitCode> {
  return withEmbeddedService(
    // The time begins when the service runs.
    (service) => show(service, seconds, once === true ? AbortSignal.timeout(seconds * 1_000) : onEnter()),
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
): Promise<ExitCode> {
  // The service and its key are gone when the demo ends, so nobody can do anything with it later.
  console.log(`Console: ${service.url}   sign in with ${service.key}\n`);
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
  return promises.every(({ kept }) => kept !== "BROKEN") ? exitCodes.done : exitCodes.failed;
}
