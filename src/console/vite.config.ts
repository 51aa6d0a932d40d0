import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * The console as static files, together with those of `public/`. `npm run console` serves it while one works on it, and
 * passes what it asks of the API on to a service at STOCKWIRE_URL.
 */
export default defineConfig({
  root: here,
  publicDir: fileURLToPath(new URL("../../public", import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL("../../dist/site", import.meta.url)),
    emptyOutDir: true,
    target: ["chrome125", "firefox128", "safari17.5"],
    // Inline scripts and data URLs would need holes in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/v1": { target: process.env["STOCKWIRE_URL"] ?? "http://127.0.0.1:8787", ws: true } },
  },
});
