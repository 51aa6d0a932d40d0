import { useState } from "preact/hooks";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

const storageName = "stockwire.theme";
const words: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };

/** Light, dark, or as the system has it. Kept in the browser, since it says nothing about anybody. */
export function ThemeButton() {
  const [theme, setTheme] = useState(stored);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  return (
    <button
      type="button"
      class="quiet menu-button-text"
      onClick={() => {
        localStorage.setItem(storageName, next);
        setTheme(applied(next));
      }}
    >
      Colours: {words[theme]}
    </button>
  );
}

function stored(): Theme {
  const name = localStorage.getItem(storageName);
  return applied(themes.find((theme) => theme === name) ?? "system");
}

function applied(theme: Theme): Theme {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  return theme;
}
