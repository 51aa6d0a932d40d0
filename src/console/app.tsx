import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCell } from "./cell.ts";
import type { PageProps, Route } from "./page.ts";
import { routes } from "./pages/index.ts";
import { SignIn } from "./parts/sign-in.tsx";
import { Failure } from "./parts/states.tsx";
import { Shell } from "./parts/shell.tsx";
import { usePlace } from "./place.ts";
import { asApiError } from "./api-error.ts";
import { match, type Params } from "./route.ts";
import { session } from "./session.ts";

/** The whole console: the shell with the page that the address names, or the sign-in page if that needs a key. */
export function App() {
  const isSignedIn = useCell(session) !== undefined;
  const place = usePlace();
  const found = find(place);
  if (!isSignedIn && found?.route.isOpen !== true) return <SignIn />;
  return (
    <Shell current={found?.route}>
      {found === undefined ? (
        <Lost />
      ) : (
        <Loaded
          key={found.route.pattern + JSON.stringify(found.params)}
          route={found.route}
          params={found.params}
          query={place.query}
        />
      )}
    </Shell>
  );
}

function find(place: ReturnType<typeof usePlace>): { route: Route; params: Params } | undefined {
  for (const route of routes) {
    const params = match(route.pattern, place);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

/** Pages that were loaded once are there at once when one comes back to them. */
const loadedPages = new Map<string, ComponentType<PageProps>>();

function Loaded({ route, params, query }: { route: Route } & PageProps) {
  const [Page, setPage] = useState(() => loadedPages.get(route.pattern));
  const [error, setError] = useState<unknown>();
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${params["sku"] ?? params["id"] ?? route.title} · Stockwire`;
    const load = async () => {
      try {
        const module = await route.load();
        loadedPages.set(route.pattern, module.Page);
        setPage(() => module.Page);
      } catch (reason) {
        setError(reason);
      }
    };
    if (Page === undefined) void load();
  }, []);
  useEffect(() => {
    // Whoever came by a link hears and sees where the new page begins; whoever opens the console keeps the browser's focus.
    if (Page === undefined || !hasMoved) return;
    region.current?.querySelector<HTMLElement>("h1")?.focus();
  }, [Page]);
  if (error !== undefined) return <Failure error={asApiError(error)} retry={() => location.reload()} />;
  return <div ref={region}>{Page !== undefined && <Page params={params} query={query} />}</div>;
}

let hasMoved = false;
window.addEventListener("hashchange", () => {
  hasMoved = true;
});

function Lost() {
  return (
    <section class="page">
      <h1 tabIndex={-1}>Nothing here</h1>
      <p>
        This address names no page of the console. <a href="#/">Go to the stock</a>.
      </p>
    </section>
  );
}
