import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { outbound } from "../../src/embedded/outbound.ts";

/** Somebody who only listens where nobody from outside should come. */
let inside: Server;
let port: number;
const heard: string[] = [];

beforeAll(async () => {
  inside = createServer((request, response) => {
    heard.push(String(request.url));
    response.end("inside");
  });
  await new Promise<void>((resolve) => inside.listen(0, resolve));
  port = (inside.address() as AddressInfo).port;
});
afterAll(() => {
  inside.close();
});

/** What a Worker on such a network gets from these addresses. */
async function fetched(allowPrivateChannels: boolean, urls: readonly string[]): Promise<string[]> {
  const script = `export default {
    async fetch(request) {
      const urls = await request.json();
      const get = (url) => fetch(url).then((answer) => answer.text(), () => "unreachable");
      return Response.json(await Promise.all(urls.map(get)));
    },
  };`;
  const wayOut = outbound(allowPrivateChannels);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: "caller",
          compatibilityDate: "2026-01-01",
          modules: [{ type: "ESModule", path: "worker.js", contents: script }],
          ...wayOut.option,
        },
        ...wayOut.workers,
      ],
    }),
  );
  try {
    const answer = await miniflare.dispatchFetch("http://caller/", {
      method: "POST",
      body: JSON.stringify(urls),
    });
    return (await answer.json()) as string[];
  } finally {
    await miniflare.dispose();
  }
}

it("an embedded service reaches nobody on a private network, by address or by a name that leads there", async () => {
  // `localhost` is resolved like any name: what counts is the address that comes of it.
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const privateIpv4 = own
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
  const isPrivate = (address: string) =>
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(address);
  const hosts = ["localhost", "127.0.0.1", ...privateIpv4.filter(isPrivate)];
  const urls = hosts.map((host) => `http://${host}:${port}/${host}`);
  expect(await fetched(true, urls)).toEqual(urls.map(() => "inside"));
  expect(heard.length).toBe(urls.length);
  expect(await fetched(false, urls)).toEqual(urls.map(() => "unreachable"));
  expect(heard.length).toBe(urls.length);
});
