import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { Service } from "./service.ts";

const run = promisify(execFile);

it("a service that may be reached from elsewhere counts callers by their address, and serves the site", async () => {
  const service = await Service.start(0, {
    args: ["--host", "0.0.0.0"],
    env: { ADDRESS_RATE_LIMIT: "3/60" },
  });
  try {
    const url = new URL(service.url);
    url.hostname = "127.0.0.1";
    const ask = async (address?: string) => {
      const headers = address === undefined ? {} : { "cf-connecting-ip": address };
      return (await fetch(new URL("/healthz", url), { headers })).status;
    };
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([200, 200, 200, 429]);
    expect(await ask("192.0.2.1")).toBe(200);
    const page = await fetch(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  } finally {
    await service.remove();
  }
});

it("says that the port is taken, and ends", async () => {
  const service = await Service.start();
  try {
    const { port } = new URL(service.url);
    const options = ["--port", port, "--data", `${service.dataDir}/second`];
    const second = run(process.execPath, ["src/cli/main.ts", "serve", ...options]);
    await expect(second).rejects.toMatchObject({
      code: exitCodes.usage,
      stderr: `stockwire: something listens on port ${port} of 127.0.0.1 already: end it, or choose another with --port\n`,
    });
  } finally {
    await service.remove();
  }
});
