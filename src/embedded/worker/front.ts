import type { StockEventsBatch } from "../../protocol/queue.ts";
import worker from "../../worker.ts";

export * from "../../worker.ts";

interface FrontEnv extends Env {
  /** Serves the files of the site. */
  readonly SITE: Fetcher;
  /** What it serves. */
  readonly SITE_PATHS: readonly string[];
}

/**
 * The Worker, and the site where Cloudflare has it: a request for a file of it never reaches the Worker. Miniflare can do that
 * too, but leads every request through three Workers of its own, which takes longer than all that Stockwire does.
 */
export default {
  ...worker,
  fetch(request, env, ctx) {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (isRead && isOfSite(request.url, env)) return env.SITE.fetch(request);
    return worker.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<FrontEnv, StockEventsBatch>;

let paths: ReadonlySet<string> | undefined;

function isOfSite(url: string, env: FrontEnv): boolean {
  paths ??= new Set(env.SITE_PATHS);
  return paths.has(new URL(url).pathname);
}
