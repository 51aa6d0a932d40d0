import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useCell } from "../cell.ts";
import { lineState } from "../live.ts";
import { groups, type Route } from "../page.ts";
import { routes } from "../pages/index.ts";
import { usePlace } from "../place.ts";
import { addressOf } from "../route.ts";
import { may, session, signOut } from "../session.ts";
import { Announcement } from "./announcement.tsx";
import { ThemeButton } from "./theme.tsx";
import { Wordmark } from "./wordmark.tsx";

/** What surrounds every page: the name, the menu, whether numbers are live, and the way out. */
export function Shell({ current, children }: { current: Route | undefined; children: ComponentChildren }) {
  const place = usePlace();
  const who = useCell(session);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  useEffect(() => setIsMenuOpen(false), [place.parts.join("/")]);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the page
      </a>
      <header class="top">
        <button
          type="button"
          class="quiet menu-button"
          aria-expanded={isMenuOpen}
          aria-controls="menu"
          onClick={() => setIsMenuOpen(!isMenuOpen)}
        >
          Menu
        </button>
        <a class="home" href="#/">
          <Wordmark />
        </a>
        <LineState />
        {who === undefined ? (
          <a href="#/">Sign in</a>
        ) : (
          <>
            <span class="who" title="Who you are signed in as">
              {who.id}
            </span>
            <button type="button" class="quiet" onClick={() => signOut()}>
              Sign out
            </button>
          </>
        )}
      </header>
      <nav id="menu" class="menu" data-open={isMenuOpen} aria-label="Console">
        {groups.map((group) => (
          <Group key={group} name={group} current={current} />
        ))}
        <div class="menu-foot">
          <a href="/docs">API reference</a>
          <ThemeButton />
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Announcement />
    </div>
  );
}

function Group({ name, current }: { name: string; current: Route | undefined }) {
  const items = routes.filter(({ group, scope }) => group === name && (scope === undefined || may(scope)));
  if (items.length === 0) return null;
  return (
    <div class="menu-group" role="group" aria-label={name}>
      <p class="menu-title" aria-hidden="true">
        {name}
      </p>
      <ul>
        {items.map((route) => (
          <li key={route.pattern}>
            <a
              href={addressOf(route.pattern.split("/").filter((part) => part !== ""))}
              aria-current={isWithin(current, route) ? "page" : undefined}
            >
              {route.title}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A page that the menu does not list belongs to the one whose address it begins with: `/channels/:id` to `/channels`. */
function isWithin(current: Route | undefined, route: Route): boolean {
  if (current === undefined) return false;
  if (current.pattern === route.pattern) return true;
  if (current.group !== undefined) return false;
  if (route.pattern === "/") return current.pattern.startsWith("/skus/");
  if (route.pattern === "/channels" && current.pattern === "/connect") return true;
  return current.pattern.startsWith(`${route.pattern}/`);
}

function LineState() {
  const state = useCell(lineState);
  const words = { idle: "", live: "Live", connecting: "Connecting", lost: "Offline, trying again" }[state];
  return (
    <span class="line-state" data-state={state} role="status">
      {words}
    </span>
  );
}

/** The fragment is the console's own address, so the browser's way of jumping to an anchor is not open. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}
