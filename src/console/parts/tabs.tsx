import type { ComponentChildren } from "preact";
import { usePlace } from "../place.ts";
import { addressOf } from "../route.ts";

interface Props {
  readonly label: string;
  readonly current: string;
  readonly tabs: readonly { readonly name: string; readonly title: string }[];
  readonly children: ComponentChildren;
}

/** Parts of a page of which one is looked at. Each has an address, so they are links, and going back works. */
export function Tabs({ label, current, tabs, children }: Props) {
  const { parts } = usePlace();
  return (
    <>
      <nav class="tabs" aria-label={label}>
        {tabs.map(({ name, title }) => (
          <a
            key={name}
            href={addressOf(parts, { tab: name })}
            aria-current={name === current ? "true" : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      {children}
    </>
  );
}
